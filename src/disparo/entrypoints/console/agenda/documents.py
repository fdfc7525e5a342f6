"""Documents of hosts and types as forms, and forms as documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.host_document import host_document
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.agenda.type_document import type_document
from disparo.domain.errors import DisparoError
from disparo.entrypoints.console.forms import Form

_NUMBERS = ("offers", "max_proposals", "max_reschedules")
_SPANS = (
    *("duration", "buffer_before", "buffer_after", "grid", "min_notice", "horizon", "answer_within", "latest_change"),
    "briefing_before",
)
_LISTS = ("reminders", "no_show_after")
_FLAGS = ("contact_holidays", "online", "public", "active")
_TEXTS = ("title", "assignment", "reminder_outside", "location", "description")
_BOXES = ("days", "hosts")
OWN_TEXTS = tuple(kind for kind in NoticeKind if kind is not NoticeKind.CALENDAR_FAULT)
"""Notices whose text a type may have of its own."""

_HOURS = {"workingDays": "days", "startTime": "start", "endTime": "end", "lunchBreak": "lunch_start"}
NAMES: Mapping[str, str] = {
    **{f"hours.{key}": name for key, name in _HOURS.items()},
    **{f"contact_hours.{key}": name for key, name in _HOURS.items()},
    "hours.timezone": "timezone",
    "calendar": "calendar_kind",
    "calendar.kind": "calendar_kind",
    "calendar.secret": "calendar_secret",
    "calendar.name": "calendar_name",
    "limits.per_day": "per_day",
    "limits.per_week": "per_week",
    **{f"messages.{kind}": f"text_{kind}" for kind in NoticeKind},
    **{f"messages.{kind}.text": f"text_{kind}" for kind in NoticeKind},
}
"""From a place in the words of an error to the field that it is about."""


def failed(form: Form, error: DisparoError) -> Form:
    """The form with each line of an error at the field that it names."""
    # Boxes of which none is ticked are not sent, and are there all the same.
    whole = replace(form, values={**dict.fromkeys(_BOXES, ()), **form.values})
    return whole.failed(error, NAMES)


def host_form(host: Host) -> Form:
    """A host as its form is first shown."""
    document = host_document(host)
    calendar, limits = document["calendar"], document["limits"]
    plain = ("id", "name", "email", "phone", "timezone", "region", "language")
    return Form.of(
        {
            **{name: document.get(name) for name in plain},
            **_hours_fields(document["hours"], host.place.zone),
            "calendar_kind": calendar["kind"],
            "calendar_secret": calendar.get("secret"),
            "calendar_name": calendar.get("name"),
            "per_day": limits.get("per_day"),
            "per_week": limits.get("per_week"),
            "active": "1" if host.active else None,
            "revision": host.revision,
        }
    )


def host_of(form: Form, known: Mapping[str, Any], host_id: str) -> dict[str, Any]:
    """The document that a form tells, over what is kept: what it has no field for stays."""
    document: dict[str, Any] = {key: value for key, value in known.items() if key not in ("blocks", "feed_link")}
    for name in ("name", "email", "phone", "timezone", "region", "language"):
        _put(document, name, form.get(name))
    zone = form.get("timezone")
    hours = {key: value for key, value in known.get("hours", {}).items() if key != "timezones"}
    document["hours"] = {**hours, **_hours_of(form), **({"timezone": zone} if zone else {})}
    kind = form.get("calendar_kind") or "local"
    outside = {"secret": form.get("calendar_secret"), "name": form.get("calendar_name")} if kind != "local" else {}
    document["calendar"] = {"kind": kind, **{key: value for key, value in outside.items() if value}}
    document["limits"] = {key: _number(form.get(key)) for key in ("per_day", "per_week") if form.get(key)}
    return {**document, "active": form.get("active") == "1", "id": host_id}


def type_form(one: MeetingType) -> Form:
    """A type as its form is first shown."""
    document = type_document(one)
    plain = ("id", "title", "hosts", "assignment", *_SPANS, *_NUMBERS, "reminder_outside", "location", "description")
    return Form.of(
        {
            **{name: document.get(name) for name in plain},
            **{name: ", ".join(document[name]) for name in _LISTS},
            **{name: "1" if document[name] else None for name in _FLAGS},
            **_hours_fields(document["contact_hours"], None),
            **{f"text_{kind}": template.text for kind, template in one.messages.items()},
            "revision": one.revision,
        }
    )


def type_of(form: Form, known: Mapping[str, Any], type_id: str) -> dict[str, Any]:
    """The document that a form tells, over what is kept: the other parts of own texts stay."""
    document: dict[str, Any] = dict(known)
    for name in (*_TEXTS, *_SPANS):
        _put(document, name, form.get(name))
    for name in _NUMBERS:
        _put(document, name, _number(form.get(name)) if form.get(name) else "")
    for name in _LISTS:
        document[name] = [part for part in re.split(r"[,;\s]+", form.get(name)) if part]
    document |= {name: form.get(name) == "1" for name in _FLAGS}
    document["hosts"] = list(form.all("hosts"))
    document["contact_hours"] = {**known.get("contact_hours", {}), **_hours_of(form)}
    messages = known.get("messages", {})
    texts = {str(kind): form.get(f"text_{kind}") for kind in OWN_TEXTS}
    document["messages"] = {kind: {**messages.get(kind, {}), "text": text} for kind, text in texts.items() if text}
    return {**document, "id": type_id}


def _hours_fields(hours: Mapping[str, Any], zone: str | None) -> dict[str, object]:
    own = hours.get("timezones", {}).get(zone, {}) if zone else {}
    shown = {**hours, **own}
    lunch = shown.get("lunchBreak") or {}
    return {
        "days": [str(day) for day in shown["workingDays"]],
        "start": shown["startTime"],
        "end": shown["endTime"],
        "lunch_start": lunch.get("start"),
        "lunch_end": lunch.get("end"),
        "holidays": "1" if hours.get("publicHolidays", True) else None,
    }


def _hours_of(form: Form) -> dict[str, Any]:
    lunch = {"start": form.get("lunch_start"), "end": form.get("lunch_end")}
    return {
        "workingDays": [int(day) for day in form.all("days") if day.isdecimal() and len(day) == 1],
        "startTime": form.get("start"),
        "endTime": form.get("end"),
        "lunchBreak": lunch if any(lunch.values()) else None,
        "publicHolidays": form.get("holidays") == "1",
    }


def _put(document: dict[str, Any], name: str, value: object) -> None:
    """Written, or left out where nothing was."""
    if value == "":
        document.pop(name, None)
    else:
        document[name] = value


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text


def revision_of(form: Form) -> int | None:
    """The revision that somebody changed; None where the form does not say."""
    found = _number(form.get("revision"))
    return found if isinstance(found, int) else None
