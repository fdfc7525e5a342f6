"""An agenda's file for the tests of commands: always open, so that it does not matter when they run."""

from __future__ import annotations

ALWAYS = """workingDays = [1, 2, 3, 4, 5, 6, 7]
startTime = "00:00"
endTime = "24:00"
lunchBreak = false
publicHolidays = false
"""

AGENDA = f"""
[[hosts]]
id = "ana"
name = "Ana Souza"
email = "ana@example.com"
timezone = "America/Manaus"
[hosts.hours]
{ALWAYS}
[[hosts]]
id = "bruno"
name = "Bruno Lima"
[hosts.hours]
{ALWAYS}
[[types]]
id = "visita"
title = "Visita"
hosts = ["ana", "bruno"]
assignment = "any"
min_notice = "0m"
contact_holidays = false
public = true
[types.contact_hours]
{ALWAYS}
[[types]]
id = "sozinha"
title = "Só com a Ana"
hosts = ["ana"]
min_notice = "0m"
"""
