"""What the agenda does by itself: notices, calendars, expiry, answers to replies."""
