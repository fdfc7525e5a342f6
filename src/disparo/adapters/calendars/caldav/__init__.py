"""Calendars on a CalDAV server (RFC 4791)."""
