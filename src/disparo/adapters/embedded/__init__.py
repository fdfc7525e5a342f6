"""The embedded family: everything in one SQLite file."""
