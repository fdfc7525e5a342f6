from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.campaign import Campaign, OnFailure, Step, When
from disparo.domain.campaign_document import CAMPAIGN_KEYS, campaign_document, parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.step_document import STEP_KEYS
from disparo.domain.template import Template
from disparo.domain.waiting import Wait, WaitUnit
from disparo.domain.whatsapp_content import (
    Approved,
    ApprovedButton,
    ButtonKind,
    Choice,
    Choices,
    HeaderMedia,
    MediaKind,
)

CREATED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

names = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,63}", fullmatch=True)
sources = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip)
labels = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=100)
limits = st.builds(Limits, *(st.none() | st.integers(1, 10**9) for _ in range(3)))
zones = st.sampled_from(["America/Sao_Paulo", "America/Rio_Branco", "Europe/Lisbon", "UTC"])
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOURS: list[dict[str, object]] = [
    {},
    {"startTime": "22:00", "endTime": "06:00", "workingDays": [6, 7]},
    {"timezone": "America/Recife", "state": "PE", "lunchBreak": None, "holidays": ["2026-12-24"]},
    {"timezones": {"America/New_York": {"startTime": "09:00", "endTime": "17:00"}}, "publicHolidays": False},
]
hours = st.sampled_from([parse_business_hours(document) for document in HOURS])

liquid = st.text(st.characters(exclude_categories=["Cs"]), max_size=20).map(lambda text: "{{ x }}" + text)
short = st.from_regex(r"[a-z0-9_]{1,10}", fullmatch=True)
buttons = st.lists(
    st.tuples(st.sampled_from(ButtonKind), liquid, st.integers(0, 9)), max_size=3, unique_by=lambda b: b[2]
)


@st.composite
def approved_templates(draw: st.DrawFn) -> Approved:
    body = draw(st.lists(liquid, max_size=3).map(tuple))
    media = draw(st.none() | st.builds(HeaderMedia, st.sampled_from(MediaKind), liquid))
    header = draw(st.tuples() | st.tuples(liquid)) if media is None else ()
    named = [draw(st.lists(short, min_size=len(part), max_size=len(part), unique=True)) for part in (header, body)]
    names_of = [tuple(sorted(one)) if draw(st.booleans()) else () for one in named]
    made = tuple(ApprovedButton(*button) for button in draw(buttons))
    return Approved(draw(short), draw(st.sampled_from(["pt_BR", "fil"])), header, body, media, made, *names_of)


rows = st.lists(st.tuples(short, liquid, st.none() | liquid), min_size=1, max_size=10, unique_by=lambda row: row[0])
lists = st.builds(Choices, rows.map(lambda found: tuple(Choice(*row) for row in found)), liquid)
few = st.lists(st.tuples(short, liquid), min_size=1, max_size=3, unique_by=(lambda row: row[0], lambda row: row[1]))
choices = lists | st.builds(Choices, few.map(lambda found: tuple(Choice(*row) for row in found)))


@st.composite
def steps(draw: st.DrawFn, first: bool = False) -> Step:
    channel = draw(st.sampled_from(Channel))
    subject = draw(sources) if channel is Channel.EMAIL else None
    html = draw(st.none() | sources) if channel is Channel.EMAIL else None
    whatsapp = channel is Channel.WHATSAPP
    approved, chosen = (draw(st.none() | one) if whatsapp else None for one in (approved_templates(), choices))
    return Step(
        channel,
        Template(draw(labels), draw(sources), subject, html, approved, chosen),
        draw(st.builds(Wait, st.integers(0, 50), st.sampled_from(WaitUnit))),
        draw(st.sampled_from(OnFailure)),
        When.ALWAYS if first else draw(st.sampled_from(When)),
        draw(st.booleans()),
        draw(st.none() | st.from_regex("[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)),
    )


campaigns = st.builds(
    Campaign,
    id=st.just(""),
    name=names,
    list_name=labels,
    steps=st.tuples(steps(first=True), steps()) | st.tuples(steps(first=True)),
    hours=hours,
    place=st.builds(Place, zones, st.sampled_from([None, "BR", "BR-SP", "PT"])),
    created_at=st.just(CREATED_AT),
    limits=st.dictionaries(st.sampled_from(Channel), limits),
    variables=st.dictionaries(st.from_regex(r"[a-zA-Zçãé][\w-]{0,9}", fullmatch=True), st.text(max_size=20)),
    deadline=st.integers(101 * 24 * 60, 3650 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    start_at=st.none() | instants,
)


@given(campaigns)
def test_a_definition_survives_json(campaign: Campaign) -> None:
    document = json.loads(json.dumps(campaign_document(campaign)))
    assert parse_campaign(document, created_at=CREATED_AT) == campaign


@given(campaigns)
def test_writing_what_was_read_changes_nothing_more(campaign: Campaign) -> None:
    document = campaign_document(campaign)
    assert campaign_document(parse_campaign(document, created_at=CREATED_AT)) == document


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | instants
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)
keys = st.sampled_from([*CAMPAIGN_KEYS, *STEP_KEYS])


@given(campaigns, keys, anything, st.booleans())
def test_whatever_stands_in_a_document_is_read_or_refused_in_lines(
    campaign: Campaign, key: str, value: Any, in_step: bool
) -> None:
    document = campaign_document(campaign)
    target = document["steps"][0] if in_step else document
    target[key] = value
    try:
        parse_campaign(document, created_at=CREATED_AT)
    except InputError as error:
        assert all(": " in line for line in str(error).split("\n"))
