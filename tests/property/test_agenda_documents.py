"""Documents of hosts and types are exact inverses of what reads them, and no document brings the reader down."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.agenda.agenda_document import parse_agenda
from disparo.domain.agenda.host import Block, CalendarKind, CalendarRef, DayLimits, Host
from disparo.domain.agenda.host_document import HOST_KEYS, host_document, parse_host
from disparo.domain.agenda.meeting_type import WAKING_HOURS, Assignment, MeetingType, OutsideHours
from disparo.domain.agenda.notice import TO_HOST, NoticeKind
from disparo.domain.agenda.notice_document import MESSAGE_KEYS
from disparo.domain.agenda.type_document import TYPE_KEYS, parse_type, type_document
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.template import Template
from tests.property.test_campaign_document import anything, approved_templates, choices, hours, labels, sources, zones

ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.integers(1, 10_000_000).map(lambda seconds: timedelta(seconds=seconds))
blocks = st.builds(
    lambda start, lasts, label: Block(start, start + lasts, label), instants, spans, st.just("") | labels
)
remote = st.sampled_from([kind for kind in CalendarKind if kind is not CalendarKind.LOCAL])
calendars = st.just(CalendarRef()) | st.builds(CalendarRef, remote, labels, st.just("") | labels)

hosts = st.builds(
    Host,
    id=ids,
    name=labels,
    place=st.builds(Place, zones, st.sampled_from([None, "BR", "BR-SP", "PT"])),
    hours=hours,
    email=st.sampled_from([None, "ana@example.com", "a.b+c@sub.example.org"]),
    phone=st.sampled_from([None, "+5541999990000", "+351912345678"]),
    calendar=calendars,
    limits=st.builds(DayLimits, st.none() | st.integers(1, 96), st.none() | st.integers(1, 672)),
    blocks=st.lists(blocks, max_size=3).map(tuple),
    active=st.booleans(),
    language=st.sampled_from(["pt", "en"]),
)


def minutes(least: int, most: int) -> st.SearchStrategy[timedelta]:
    return st.integers(least, most).map(lambda amount: timedelta(minutes=amount))


def in_order(*, falling: bool) -> st.SearchStrategy[tuple[timedelta, ...]]:
    some = st.lists(minutes(1, 30 * 1440), max_size=3, unique=True)
    return some.map(lambda found: tuple(sorted(found, reverse=falling)))


@st.composite
def own_texts(draw: st.DrawFn) -> dict[NoticeKind, Template]:
    kinds = draw(st.lists(st.sampled_from(NoticeKind), max_size=2, unique=True))
    found = {}
    for kind in kinds:
        parts = [draw(labels), draw(sources), draw(st.none() | sources), draw(st.none() | sources)]
        found[kind] = Template(*parts)
        if kind not in TO_HOST:
            found[kind] = Template(*parts, draw(st.none() | approved_templates()), draw(st.none() | choices))
    return found


types = st.builds(
    MeetingType,
    id=ids,
    title=labels,
    hosts=st.lists(ids, min_size=1, max_size=8, unique=True).map(tuple),
    assignment=st.sampled_from(Assignment),
    duration=minutes(5, 720),
    buffer_before=minutes(0, 240),
    buffer_after=minutes(0, 240),
    grid=minutes(5, 1440),
    min_notice=minutes(0, 1440),
    horizon=minutes(1441, 366 * 1440),
    contact_hours=hours | st.just(WAKING_HOURS),
    contact_holidays=st.booleans(),
    offers=st.integers(1, 10),
    answer_within=minutes(5, 1440),
    max_proposals=st.integers(1, 20),
    max_reschedules=st.integers(0, 20),
    latest_change=minutes(0, 2000),
    reminders=in_order(falling=True),
    reminder_outside=st.sampled_from(OutsideHours),
    no_show_after=in_order(falling=False),
    briefing_before=minutes(0, 2000),
    location=st.just("") | sources,
    description=st.just("") | sources,
    online=st.booleans(),
    public=st.booleans(),
    active=st.booleans(),
    messages=own_texts(),
)


@given(hosts)
def test_a_host_survives_json(host: Host) -> None:
    document = json.loads(json.dumps(host_document(host)))
    assert parse_host(document) == host
    assert host_document(parse_host(document)) == document


@given(types)
def test_a_type_survives_json(meeting_type: MeetingType) -> None:
    document = json.loads(json.dumps(type_document(meeting_type)))
    assert parse_type(document) == meeting_type
    assert type_document(parse_type(document)) == document


keys = st.sampled_from([*HOST_KEYS, *TYPE_KEYS, *MESSAGE_KEYS, "kind", "secret", "start_at", "end_at", "proposal"])
tables = st.recursive(
    anything | st.dictionaries(keys, anything, max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["hosts", "types", "x"]), tables | st.lists(tables, max_size=3)))
def test_no_document_brings_the_reader_down(document) -> None:
    try:
        parse_agenda(document)
    except InputError as error:
        assert str(error)
