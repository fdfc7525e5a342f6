"""Google Calendar, API v3, by a service account."""
