"""Contacts: people and their lists, files on their way in, and who is left alone."""
