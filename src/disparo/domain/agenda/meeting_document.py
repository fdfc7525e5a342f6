"""The document of a meeting: the JSON that stores keep, and what the person it is with is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import timedelta
from functools import cache
from typing import Any

from disparo.domain.agenda.meeting import CalendarNote, Meeting, MeetingNews, MeetingState
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.person_document import iso
from disparo.domain.place import Place


def meeting_document(meeting: Meeting) -> dict[str, Any]:
    """A meeting as JSON values: instants and durations in milliseconds, what stands at its default left out.

    `parse_meeting` reads back the same one, but for what is finer than a millisecond, which is cut off.
    """
    return _document(meeting)


def parse_meeting(document: Mapping[str, Any]) -> Meeting:
    """The meeting of a document; keys that are not known are passed over, so that older programs read newer ones'."""
    return Meeting(**_values(Meeting, document))


def told_meeting(meeting: Meeting) -> dict[str, Any]:
    """What a person is told of a meeting with them (LGPD, Lei 13.709/2018, art. 18, II)."""
    return {
        "id": meeting.id,
        "type": meeting.type_id,
        "state": meeting.state,
        "channel": meeting.channel,
        "place": str(meeting.place),
        "agreed": None if meeting.slot is None else _told_slot(meeting.slot),
        "offered": [_told_slot(slot) for slot in meeting.offers],
        "proposed_at": iso(meeting.proposed_at),
        "confirmed_at": iso(meeting.confirmed_at),
        "attendance_at": iso(meeting.attendance_at),
        "reschedules": meeting.reschedules,
        "reason": meeting.reason,
        "notes": meeting.notes,
        "join_url": meeting.join_url,
    }


def _told_slot(slot: Slot) -> dict[str, Any]:
    return {"hosts": list(slot.hosts), "start_at": iso(slot.start_at), "end_at": iso(slot.end_at)}


def _document(thing: Any) -> dict[str, Any]:
    # Defaults are left out as most of a meeting stands at them, and each write of it is paid by its size.
    return {
        field.name: None if (value := getattr(thing, field.name)) is None else _form(field.type)[0](value)
        for field in fields(thing)
        if field.default is MISSING or getattr(thing, field.name) != field.default
    }


def _values(kind: type, document: Mapping[str, Any]) -> dict[str, Any]:
    readers = _readers(kind)
    return {
        name: None if value is None else readers[name](value) for name, value in document.items() if name in readers
    }


@cache
def _readers(kind: type) -> Mapping[str, Callable[[Any], Any]]:
    return {field.name: _form(field.type)[1] for field in fields(kind)}


Form = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How a value is written, and read."""


def _form(annotation: Any) -> Form:
    return _FORMS[annotation.removesuffix(" | None")]


def _slot(document: Mapping[str, Any]) -> Slot:
    return Slot(**_values(Slot, document))


def _note(document: Mapping[str, Any]) -> CalendarNote:
    return CalendarNote(**_values(CalendarNote, document))


def _news(document: Mapping[str, Any]) -> MeetingNews:
    return MeetingNews(**_values(MeetingNews, document))


def _each(form: Form) -> Form:
    write, read = form
    return lambda values: [write(value) for value in values], lambda values: tuple(read(value) for value in values)


_PLAIN: Form = (lambda value: value, lambda value: value)
_SLOT: Form = (_document, _slot)

_FORMS: Mapping[str, Form] = {
    "str": _PLAIN,
    "int": _PLAIN,
    "bool": _PLAIN,
    "tuple[str, ...]": _each(_PLAIN),
    "tuple[datetime, ...]": _each((to_ms, from_ms)),
    "datetime": (to_ms, from_ms),
    "timedelta": (lambda span: span // MILLISECOND, lambda span_ms: timedelta(milliseconds=span_ms)),
    "Channel": (str, Channel),
    "Place": (str, Place.parse),
    "MeetingState": (str, MeetingState),
    "Slot": _SLOT,
    "tuple[Slot, ...]": _each(_SLOT),
    "tuple[CalendarNote, ...]": _each((_document, _note)),
    "tuple[MeetingNews, ...]": _each((_document, _news)),
}
"""By the annotation of a field; one that is not here is told by the first document that is written."""
