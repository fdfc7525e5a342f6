"""The settings' pages: what is set and from where, changing some of it, who sends, who did what, how it stands."""
