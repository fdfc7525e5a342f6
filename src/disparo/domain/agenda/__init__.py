"""The agenda: whose time, which times, who gets one, and what became of it."""
