from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disparo.domain.agenda.meeting import CalendarNote, Meeting, MeetingNews, MeetingState
from disparo.domain.agenda.meeting_document import meeting_document, parse_meeting, told_meeting
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.domain.place import Place

AT = datetime(2026, 3, 2, 12, 0, 0, 123_000, tzinfo=UTC)
SLOT = Slot(("ana", "bia"), AT, AT + timedelta(minutes=45))
PLAIN = Meeting("17", "demo", "7", Channel.EMAIL, Place("America/Sao_Paulo"), "pt", "u1", AT)
EXAMPLES: dict[str, Any] = {
    "str": "“texto” 👩‍💼\n",
    "int": 5,
    "bool": True,
    "datetime": AT + timedelta(milliseconds=1),
    "timedelta": timedelta(minutes=7, milliseconds=3),
    "Channel": Channel.SMS,
    "Place": Place("America/Manaus", "BR-AM"),
    "MeetingState": MeetingState.NO_SHOW,
    "Slot": SLOT,
    "tuple[str, ...]": ("ana", "bia"),
    "tuple[datetime, ...]": (AT, AT + timedelta(days=1)),
    "tuple[Slot, ...]": (SLOT, replace(SLOT, hosts=("caio",))),
    "tuple[CalendarNote, ...]": (CalendarNote("ana"), CalendarNote("bia", 3, "é", 2, AT, "unreadable", AT, True)),
    "tuple[MeetingNews, ...]": (
        MeetingNews("proposed", 1, AT, "system"),
        MeetingNews("moved", 4, AT, "contact", "não posso", SLOT, (SLOT,)),
    ),
}
"""A value for each kind of field, none of which is a default."""


def again(meeting: Meeting) -> Meeting:
    return parse_meeting(json.loads(json.dumps(meeting_document(meeting))))


def example(annotation: Any) -> Any:
    return EXAMPLES[annotation.removesuffix(" | None")]


def test_every_field_comes_back_from_json() -> None:
    whole = Meeting(**{field.name: example(field.type) for field in fields(Meeting)})
    assert again(whole) == whole
    assert len(meeting_document(whole)) == len(fields(Meeting))


@pytest.mark.parametrize("field", fields(Meeting), ids=lambda field: field.name)
def test_each_field_comes_back_alone(field: Any) -> None:
    one = replace(PLAIN, **{field.name: example(field.type)})
    assert again(one) == one


def test_what_stands_at_its_default_takes_no_room() -> None:
    required = {"id", "type_id", "contact_id", "channel", "place", "language", "uid", "proposed_at"}
    assert set(meeting_document(PLAIN)) == required
    assert again(PLAIN) == PLAIN


@pytest.mark.parametrize("values", [{"told": 0}, {"sequence": 0, "told": -1}, {"agreed": 0}, {"revision": 0}])
def test_nothing_is_told_apart_from_no_number(values: dict[str, Any]) -> None:
    one = replace(PLAIN, **values)
    assert again(one) == one


def test_instants_are_whole_milliseconds() -> None:
    document = meeting_document(
        replace(PLAIN, changed_at=AT + timedelta(microseconds=999), buffer_after=timedelta(hours=1))
    )
    assert document["proposed_at"] == 1_772_452_800_123
    assert document["changed_at"] == 1_772_452_800_123
    assert document["buffer_after"] == 3_600_000


def test_what_a_newer_program_wrote_is_read_without_it() -> None:
    newer = meeting_document(replace(PLAIN, slot=SLOT, calendar=(CalendarNote("ana"),)))
    newer |= {"room": "2.01", "slot": {**newer["slot"], "room": 2}}
    newer["calendar"] = [{**newer["calendar"][0], "colour": None}]
    assert parse_meeting(newer) == replace(PLAIN, slot=SLOT, calendar=(CalendarNote("ana"),))


def test_what_an_older_program_wrote_has_the_defaults() -> None:
    older = meeting_document(PLAIN)
    del older["proposed_at"]
    with pytest.raises(TypeError):
        parse_meeting(older)
    assert parse_meeting({**older, "proposed_at": 0, "slot": None}).slot is None


def test_a_person_is_told_of_a_meeting_in_json() -> None:
    one = replace(PLAIN, slot=SLOT, state=MeetingState.CONFIRMED, offers=(SLOT,), notes="sobre preços", confirmed_at=AT)
    told = json.loads(json.dumps(told_meeting(one)))
    slot = {
        "hosts": ["ana", "bia"],
        "start_at": "2026-03-02T12:00:00.123+00:00",
        "end_at": "2026-03-02T12:45:00.123+00:00",
    }
    assert (told["agreed"], told["offered"], told["notes"]) == (slot, [slot], "sobre preços")
    assert told["attendance_at"] is None
    assert told_meeting(PLAIN)["agreed"] is None
