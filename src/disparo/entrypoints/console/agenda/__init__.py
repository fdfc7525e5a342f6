"""The agenda's pages: the calendar, meetings, hosts, types of meetings, rates, and why a time is not offered."""
