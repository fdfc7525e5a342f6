"""The hours' document as a form, and the form as a document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from disparo.domain.errors import DisparoError
from disparo.domain.policies.business_hours import HOLIDAY_FLAGS
from disparo.entrypoints.console.forms import Form

SPARE_ROWS = 2
MOST_ZONES = 40
_FLAGS = dict(zip(("public", "regional", "optional"), HOLIDAY_FLAGS, strict=True))
_PARTS = ("zone", "start", "end", "lunch_start", "lunch_end")
_LINE = re.compile(r"(?:console: )?(?:business_hours: )?([\w./+-]+) = (?:.*?): (.*)")
_PLACES: Mapping[str, str] = {
    "timezone": "zone",
    "workingDays": "days",
    "startTime": "start",
    "endTime": "end",
    "lunchBreak": "lunch_start",
    "lunchBreak.start": "lunch_start",
    "lunchBreak.end": "lunch_end",
    "holidays": "holidays",
    "state": "state",
    "city": "city",
}


def hours_form(document: Mapping[str, Any]) -> Form:
    """A document, with every default written out, as its form is first shown."""
    lunch = document.get("lunchBreak") or {}
    state = document.get("state")
    values: dict[str, object] = {
        "zone": document["timezone"],
        "days": document["workingDays"],
        "start": document["startTime"],
        "end": document["endTime"],
        "lunch_start": lunch.get("start", ""),
        "lunch_end": lunch.get("end", ""),
        "holidays": "\n".join(document["holidays"]),
        "state": f"{document['country']}-{state}" if state else "",
        "city": document.get("city", ""),
        **{name: "1" if document[flag] else None for name, flag in _FLAGS.items()},
    }
    for number, (zone, daily) in enumerate(document["timezones"].items()):
        lunch = daily.get("lunchBreak") or {}
        own = (zone, daily["startTime"], daily["endTime"], lunch.get("start", ""), lunch.get("end", ""))
        values |= {f"{part}_{number}": value for part, value in zip(_PARTS, own, strict=True)}
    return Form.of(values)


def zone_rows(form: Form | None, document: Mapping[str, Any]) -> range:
    """The numbers of the rows of zones with hours of their own, some of them to be filled in."""
    known = len(document["timezones"])
    if form is not None:
        known = max((number + 1 for number in range(MOST_ZONES) if form.get(f"zone_{number}")), default=0)
    return range(min(known + SPARE_ROWS, MOST_ZONES))


def document_of(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """The document that a form tells, over the present one: the country, and days of zones, stay as they are."""
    document: dict[str, Any] = {
        **{key: value for key, value in known.items() if key not in ("state", "city")},
        "timezone": form.get("zone"),
        "workingDays": _days(form),
        "startTime": form.get("start"),
        "endTime": form.get("end"),
        "lunchBreak": _lunch(form.get("lunch_start"), form.get("lunch_end")),
        "holidays": sorted(set(re.split(r"[\s,;]+", form.get("holidays"))) - {""}),
        "timezones": _zones(form, known),
        **{flag: form.get(name) == "1" for name, flag in _FLAGS.items()},
    }
    if state := form.get("state").partition("-")[2]:
        document["state"] = state
    if city := form.get("city"):
        document["city"] = city
    return document


def hours_failed(form: Form, error: DisparoError) -> Form:
    """The form with what is wrong at the field that it is about."""
    errors, general = dict(form.errors), list(form.general)
    for line in str(error).splitlines():
        found = _LINE.fullmatch(line)
        place = _PLACES.get(found[1]) if found else None
        if found and place:
            errors[place] = found[2]
        else:
            general.append(line.removeprefix("console: "))
    return replace(form, errors=errors, general=general)


def _zones(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    zones: dict[str, Any] = {}
    for number in range(MOST_ZONES):
        zone, start, end, lunch_start, lunch_end = (form.get(f"{part}_{number}") for part in _PARTS)
        if not zone:
            continue
        days = known["timezones"].get(zone, {}).get("workingDays")
        zones[zone] = {
            "workingDays": days or _days(form),
            "startTime": start or form.get("start"),
            "endTime": end or form.get("end"),
            "lunchBreak": _lunch(lunch_start, lunch_end),
        }
    return dict(sorted(zones.items()))


def _days(form: Form) -> list[int]:
    return sorted({int(day) for day in form.all("days") if day in set("1234567")})


def _lunch(start: str, end: str) -> dict[str, str] | None:
    return {"start": start, "end": end} if start or end else None
