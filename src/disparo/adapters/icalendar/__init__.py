"""Meetings as iCalendar texts (RFC 5545), and what calendar programs answer to them (RFC 5546)."""

PRODUCT = "-//Disparo//Agenda//PT"
"""Who wrote a calendar (RFC 5545, section 3.7.3)."""
