"""Who may sign in, signing in, and the keys of programs."""
