"""An agenda to be, drawn from a seed: hosts, types of meetings, calendars and how they fail, what people will do."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.agenda.host import Block, CalendarKind, CalendarRef, DayLimits, Host
from disparo.domain.agenda.meeting_type import WAKING_HOURS, Assignment, MeetingType, OutsideHours
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.simulation.drawn import PLACES
from disparo.simulation.hours_oracle import ALWAYS, DaySpec, HoursSpec

LONGEST_DOING = timedelta(days=2)
"""How long people go on with what they do at the agenda."""

_OFFICE = HoursSpec(DaySpec((1, 2, 3, 4, 5, 6, 7), "09:00", "12:00", None), public=False)
_WEEK = HoursSpec(DaySpec((1, 2, 3, 4, 5), "08:00", "18:00", ("12:00", "13:00")), public=False)
_HOURS = (ALWAYS, ALWAYS, _OFFICE, _WEEK)


@dataclass(frozen=True, slots=True)
class Foreign:
    """An event of somebody else in a calendar, from one second of elapsed time until another."""

    start_at: datetime
    end_at: datetime
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Outage:
    """When a calendar cannot be read (`unreachable`), or not all of it (`partial`)."""

    from_s: float
    until_s: float
    kind: str


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """How one host's calendar behaves; shares of 1 by what becomes of a call."""

    latency_s: float
    timeout_s: float
    outages: Sequence[Outage] = ()
    foreign: Sequence[Foreign] = ()
    unreadable: float = 0.0
    partial: float = 0.0
    lost_request: float = 0.0
    lost_answer: float = 0.0
    """Of the writes: done, and nobody hears of it."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Something that somebody does at an instant of elapsed time."""

    at_s: float
    kind: str
    draw: float


@dataclass(frozen=True, slots=True)
class AgendaPlan:
    """Everything about the agenda that is decided beforehand."""

    hosts: tuple[Host, ...]
    types: tuple[MeetingType, ...]
    calendars: Mapping[str, CalendarPlan]
    hours: HoursSpec
    """When contacts are messaged of what they did not just ask for."""
    doings: tuple[Doing, ...]
    replies: float
    """How many of those who are written to answer."""
    clicks: float
    """How many of those who are offered times, or told of one, click."""
    watch_every: timedelta
    repeats: float = 0.3
    """Of what they write: told to us more than once."""


DOINGS = (
    ("book", 4),
    ("cancel", 1),
    ("move", 2),
    ("hand_over", 2),
    ("outcome", 1),
    ("propose", 2),
    ("race", 2),
    ("event_moved", 2),
    ("event_removed", 1),
    ("event_declined", 1),
    ("event_accepted", 1),
)


def draw_agenda(seed: int, start_at: datetime, phase_one: timedelta) -> AgendaPlan | None:
    """The agenda of a seed; half of the worlds have none."""
    draw = random.Random(f"agenda {seed}")
    if draw.random() < 0.5:
        return None
    hosts = tuple(_host(draw, number, start_at) for number in range(draw.choice((1, 2, 2, 3))))
    types = tuple(_type(draw, number, hosts) for number in range(draw.choice((1, 1, 2))))
    doing = min(LONGEST_DOING, max(phase_one, timedelta(hours=8)))
    return AgendaPlan(
        hosts,
        types,
        {host.id: _calendar(draw, host, start_at, phase_one) for host in hosts},
        draw.choice((ALWAYS, ALWAYS, _WEEK)),
        _doings(draw, doing),
        draw.choice((0.3, 0.6, 0.9)),
        draw.choice((0.0, 0.3, 0.6)),
        max(timedelta(minutes=5), doing / 30),
    )


def _host(draw: random.Random, number: int, start_at: datetime) -> Host:
    name = ("ana", "beto", "caio")[number]
    kind = draw.choice((CalendarKind.GOOGLE, CalendarKind.CALDAV, CalendarKind.CALDAV, CalendarKind.LOCAL))
    limits = DayLimits(draw.choice((None, None, 2, 4)), draw.choice((None, None, 3, 8)))
    begin = start_at + timedelta(hours=draw.randrange(1, 40))
    blocks = (Block(begin, begin + timedelta(hours=draw.randrange(1, 9)), "away"),) if draw.random() < 0.3 else ()
    return Host(
        name,
        name.title(),
        draw.choice(PLACES),
        parse_business_hours(draw.choice(_HOURS).document()),
        email=f"{name}@example.com",
        calendar=CalendarRef(kind, None if kind is CalendarKind.LOCAL else "agenda"),
        limits=limits,
        blocks=blocks,
        language=draw.choice(("pt", "en")),
    )


def _type(draw: random.Random, number: int, hosts: Sequence[Host]) -> MeetingType:
    names = [host.id for host in hosts]
    minutes = draw.choice((30, 30, 60))
    waking = draw.random() < 0.3
    return MeetingType(
        f"type-{number}",
        f"Type {number}",
        tuple(names if number == 0 else draw.sample(names, draw.randint(1, len(names)))),
        draw.choice(tuple(Assignment)),
        timedelta(minutes=minutes),
        timedelta(minutes=draw.choice((0, 0, 10))),
        timedelta(minutes=draw.choice((0, 15, 30))),
        timedelta(minutes=30),
        timedelta(minutes=draw.choice((0, 10, 60))),
        timedelta(hours=draw.choice((6, 24, 24, 72))),
        WAKING_HOURS if waking else parse_business_hours(ALWAYS.document()),
        contact_holidays=False,
        offers=draw.choice((1, 2, 3, 3)),
        answer_within=timedelta(minutes=draw.choice((30, 120, 360))),
        max_proposals=draw.choice((2, 3)),
        max_reschedules=draw.choice((1, 2)),
        latest_change=timedelta(minutes=draw.choice((0, 60))),
        reminders=(timedelta(hours=2), timedelta(minutes=20)),
        reminder_outside=draw.choice(tuple(OutsideHours)),
        no_show_after=(timedelta(minutes=30), timedelta(days=1)),
        briefing_before=timedelta(minutes=30),
        public=True,
    )


def _calendar(draw: random.Random, host: Host, start_at: datetime, phase_one: timedelta) -> CalendarPlan:
    if host.calendar.kind is CalendarKind.LOCAL:
        return CalendarPlan(0.0, 1.0)
    length_s = phase_one.total_seconds()
    outages = []
    for _ in range(draw.choice((0, 1, 1, 3))):
        from_s = length_s * draw.random() ** 2
        lasting_s = draw.choice((60.0, 900.0, 7_200.0, 90_000.0))
        outages.append(Outage(from_s, min(from_s + lasting_s, length_s), draw.choice(("unreachable", "partial"))))
    level = draw.choice((0.0, 0.05, 0.2))
    return CalendarPlan(
        draw.choice((0.01, 0.5, 3.0)),
        10.0,
        tuple(outages),
        tuple(_foreign(draw, start_at) for _ in range(draw.choice((0, 3, 10)))),
        level * draw.random(),
        level * draw.random(),
        level * draw.random(),
        level * draw.random(),
    )


def _foreign(draw: random.Random, start_at: datetime) -> Foreign:
    half_hours = draw.randrange(1, 100)
    begin = start_at.replace(minute=0, second=0, microsecond=0) + timedelta(minutes=30 * half_hours)
    from_s = draw.choice((0.0, 1_800.0 * half_hours * draw.random()))
    until_s = from_s + draw.choice((600.0, 7_200.0, 1e9))
    return Foreign(begin, begin + timedelta(minutes=draw.choice((15, 60, 240))), from_s, until_s)


def _doings(draw: random.Random, lasting: timedelta) -> tuple[Doing, ...]:
    kinds = [kind for kind, _ in DOINGS if kind in ("book", "race") or draw.random() < 0.6]
    weights = [weight for kind, weight in DOINGS if kind in kinds]
    chosen = draw.choices(kinds, weights, k=draw.randrange(4, 24))
    doings = [Doing(lasting.total_seconds() * draw.random() ** 2, kind, draw.random()) for kind in chosen]
    return tuple(sorted(doings, key=lambda one: one.at_s))
