"""Our events as Google is told them, and Google's as we read them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.calendars.google.payload import (
    LONGEST_DESCRIPTION,
    Conference,
    attendees,
    conference_wish,
    event_body,
    is_ours,
    parse_instant,
    read_standing,
    untouched,
)
from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent

NINE = datetime(2027, 4, 5, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVENT = CalendarEvent("u-1@x", 3, "Título", NINE, NINE + HOUR, "America/Sao_Paulo", Attendee("Ana", "ana@example.com"))
ZONE = "America/Santiago"


def there(**changed: Any) -> dict[str, Any]:
    """The event as Google has it."""
    return {"id": EVENT.key, "etag": '"1"', "status": "confirmed", **event_body(EVENT), **changed}


def test_what_we_wrote_is_what_we_read() -> None:
    standing = read_standing(there(), ZONE)
    assert standing is not None
    assert standing.mark is not None
    assert is_ours(standing)
    assert not standing.moved
    assert (standing.mark.uid, standing.mark.sequence) == (EVENT.uid, EVENT.sequence)
    assert (standing.start_at, standing.end_at) == (EVENT.start_at, EVENT.end_at)
    assert untouched(event_body(EVENT), standing) == event_body(EVENT)


def test_the_same_instant_in_another_offset_is_no_move() -> None:
    edges = {"start": {"dateTime": "2027-04-05T09:00:00-03:00"}, "end": {"dateTime": "2027-04-05T10:00:00.000-03:00"}}
    standing = read_standing(there(**edges), ZONE)
    assert standing is not None
    assert not standing.moved


@pytest.mark.parametrize(
    "changed",
    [
        {"start": {"dateTime": "2027-04-05T11:59:59Z"}},
        {"start": {"date": "2027-04-05"}, "end": {"date": "2027-04-06"}},
        {"start": {}},
        {"end": None},
        {"extendedProperties": {"private": {}}},
        {"extendedProperties": []},
    ],
)
def test_other_times_or_none_are_a_move(changed: dict[str, Any]) -> None:
    standing = read_standing(there(**changed), ZONE)
    assert standing is not None
    assert standing.moved


def test_a_copy_under_another_id_is_not_ours() -> None:
    standing = read_standing(there(id="0" * 64), ZONE)
    assert standing is not None
    assert not is_ours(standing)


def test_texts_of_others_are_left_out_of_what_we_write() -> None:
    standing = read_standing(there(summary="Outro título", description="notas"), ZONE)
    assert standing is not None
    newer = event_body(replace(EVENT, sequence=4, location="Sala 2"))
    left = untouched(newer, standing)
    assert "summary" not in left
    assert "description" not in left
    assert left["location"] == "Sala 2"
    again = read_standing({**there(summary="Outro título", description="notas"), **left}, ZONE)
    assert again is not None
    assert set(untouched(newer, again)) == set(left)


def test_a_description_is_text_and_no_html_and_has_an_end() -> None:
    long = replace(EVENT, description="<b>&" * 9000, url="https://disparo.example/m/1")
    told = event_body(long)["description"]
    assert len(told) <= LONGEST_DESCRIPTION
    assert "<" not in told
    assert event_body(replace(EVENT, url="https://x.example/1"))["description"] == "https://x.example/1"
    assert event_body(replace(EVENT, title=" a\n b "))["summary"] == "a b"


def test_only_those_with_an_address_can_be_invited() -> None:
    people = Attendee("Léo", "leo@example.org"), Attendee("Bia")
    assert attendees(replace(EVENT, attendees=people)) == [{"email": "leo@example.org", "displayName": "Léo"}]


def test_a_conference_is_asked_for_once_for_each_version() -> None:
    ids = [conference_wish(one)["createRequest"]["requestId"] for one in (EVENT, EVENT, replace(EVENT, sequence=4))]
    assert ids[0] == ids[1] != ids[2]
    assert len(ids[0]) <= 64


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Conference()),
        ({"hangoutLink": "https://meet.google.com/a"}, Conference("https://meet.google.com/a")),
        ({"conferenceData": {"createRequest": {"status": {"statusCode": "pending"}}}}, Conference(pending=True)),
        ({"conferenceData": {"createRequest": {"status": {"statusCode": "failure"}}}}, Conference()),
        (
            {
                "conferenceData": {
                    "entryPoints": [
                        {"entryPointType": "phone", "uri": "tel:+1"},
                        {"entryPointType": "video", "uri": "javascript:alert(1)"},
                        {"entryPointType": "video", "uri": "https://meet.google.com/b"},
                    ]
                }
            },
            Conference("https://meet.google.com/b"),
        ),
        ({"conferenceData": {"entryPoints": [{"entryPointType": "video", "uri": "https://x/ y"}]}}, Conference()),
        ({"conferenceData": {"entryPoints": [None], "createRequest": {"status": 7}}}, Conference()),
        ({"conferenceData": 7, "hangoutLink": 7}, Conference()),
    ],
)
def test_a_conference_is_its_video_link_or_is_still_being_made(changed: dict[str, Any], expected: Conference) -> None:
    standing = read_standing(there(**changed), ZONE)
    assert standing is not None
    assert standing.conference == expected


@pytest.mark.parametrize("etag", [7, None, 'x"\r\nX-Evil: 1', "1", '"' + "a" * 500 + '"'])
def test_an_etag_that_is_none_is_not_sent_back(etag: object) -> None:
    standing = read_standing(there(etag=etag), ZONE)
    assert standing is not None
    assert standing.etag == ""


@pytest.mark.parametrize("text", ["2027-04-05T12:00:00", "2027-04-05", "x", "", "9999-12-31T23:59:59-12:00", None, 7])
def test_an_instant_without_an_offset_is_none(text: object) -> None:
    assert parse_instant(text) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["id", "status", "etag", "start", "end", "attendees", "conferenceData", "extendedProperties", "hangoutLink"]
)


@given(st.dictionaries(NAMES, JSON))
def test_whatever_is_told_in_place_of_an_event_is_read_or_is_none(document: dict[str, Any]) -> None:
    for told in (document, {**there(), **document}):
        standing = read_standing(told, ZONE)
        assert standing is None or isinstance(json.dumps(standing.texts), str)
