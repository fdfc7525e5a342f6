"""The agenda of a simulated world: hosts, their calendars, the people who meet them, and what is promised to them."""
