"""Calendars of hosts, one folder for each kind."""
