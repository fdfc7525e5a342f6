"""Worlds in which much is agreed: everybody can be reached, many answer and click, hosts have little time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count

from disparo.domain.agenda.host import CalendarKind, CalendarRef, DayLimits
from disparo.domain.agenda.meeting_type import Assignment
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.policies.rate_limit import Limits
from disparo.simulation.agenda.plan import AgendaPlan, CalendarPlan, Doing
from disparo.simulation.hours_oracle import ALWAYS
from disparo.simulation.scenario import FaultRates, Scenario


def meeting(seed: int, **rates: float) -> Scenario:
    """A world with an agenda, always open, whose providers never fail; `rates` are of its processes' faults."""
    scenario = next(one for one in map(Scenario.of, count(seed * 1_000)) if one.agenda is not None)
    assert scenario.agenda is not None
    provider = replace(
        next(iter(scenario.providers.values())),
        asks=True,
        collects=False,
        outages=(),
        latency_s=(0.05, 1.0),
        rates={},
        sick_s=(0.0, 0.0),
        opt_out=0.0,
        reply=0.0,
        undelivered=0.0,
        gone=0.0,
        closed=0.0,
        at_once=1,
    )
    senders = {
        name: replace(sender, limits=Limits(), breaker=BreakerPolicy(99)) for name, sender in scenario.senders.items()
    }
    plans = tuple(replace(plan, hours=ALWAYS, limits={}, start_after=None) for plan in scenario.campaigns)
    agenda = replace(scenario.agenda, replies=0.95, hours=ALWAYS)
    return replace(
        scenario,
        agenda=agenda,
        providers=dict.fromkeys(scenario.senders, provider),
        senders=senders,
        campaigns=plans[:1],
        lists={name: people[:6] for name, people in scenario.lists.items()},
        actions=(),
        faults=FaultRates(**rates),
        concurrency=6,
        phase_one=timedelta(hours=12),
    )


def _with(scenario: Scenario, change: AgendaPlan) -> Scenario:
    return replace(scenario, agenda=change)


def wanted(seed: int) -> Scenario:
    """Many want the few times of one host, all at once."""
    scenario = meeting(seed, slow=0.15)
    assert scenario.agenda is not None
    always = parse_business_hours(ALWAYS.document())
    kinds = [
        replace(
            one,
            hosts=("ana",),
            assignment=Assignment.ANY,
            buffer_after=timedelta(minutes=30),
            min_notice=timedelta(0),
            horizon=timedelta(hours=12),
            contact_hours=always,
            offers=2,
            answer_within=timedelta(minutes=30),
        )
        for one in scenario.agenda.types
    ]
    local = CalendarRef(CalendarKind.LOCAL)
    hosts = tuple(
        replace(one, limits=DayLimits(), hours=always, blocks=(), calendar=local) for one in scenario.agenda.hosts
    )
    doings = tuple(Doing(600.0 * number, ("book", "race", "propose")[number % 3], number / 40) for number in range(20))
    calendars = {one.id: CalendarPlan(0.0, 1.0) for one in hosts}
    return _with(
        scenario, replace(scenario.agenda, hosts=hosts, types=tuple(kinds), doings=doings, calendars=calendars)
    )


def full(seed: int) -> Scenario:
    """Hosts who take two meetings a day."""
    scenario = wanted(seed)
    assert scenario.agenda is not None
    hosts = tuple(replace(one, limits=DayLimits(4, 6)) for one in scenario.agenda.hosts)
    return _with(scenario, replace(scenario.agenda, hosts=hosts))


def unreadable(seed: int) -> Scenario:
    """Calendars that often cannot be read, or not all of them, and are full of others' events."""
    scenario = meeting(seed)
    assert scenario.agenda is not None
    foreign = tuple(one for plan in scenario.agenda.calendars.values() for one in plan.foreign)
    plan = CalendarPlan(0.01, 10.0, (), foreign, unreadable=0.2, partial=0.2)
    hosts = tuple(replace(one, calendar=CalendarRef(CalendarKind.CALDAV, "agenda")) for one in scenario.agenda.hosts)
    calendars = {one.id: plan for one in hosts}
    return _with(scenario, replace(scenario.agenda, hosts=hosts, calendars=calendars))


def unwritable(seed: int) -> Scenario:
    """Calendars that lose what is written, before or after it is done, while much is moved and called off."""
    scenario = meeting(seed)
    assert scenario.agenda is not None
    plan = CalendarPlan(0.01, 10.0, lost_request=0.3, lost_answer=0.2)
    kinds = ("propose", "book", "cancel", "move", "hand_over")
    doings = tuple(Doing(300.0 * number, kinds[number % 5], number / 60) for number in range(60))
    calendars = {one.id: plan for one in scenario.agenda.hosts}
    return _with(scenario, replace(scenario.agenda, calendars=calendars, doings=doings))


def clicking(seed: int) -> Scenario:
    """Everybody clicks, most of them twice at once."""
    scenario = meeting(seed, slow=0.3)
    assert scenario.agenda is not None
    return _with(scenario, replace(scenario.agenda, clicks=1.0))


def repeated(seed: int) -> Scenario:
    """All that people write is told twice, often at once, in a store that is slow."""
    scenario = meeting(seed, slow=0.15)
    assert scenario.agenda is not None
    return _with(scenario, replace(scenario.agenda, repeats=1.0, clicks=0.0))


def cut(seed: int) -> Scenario:
    """Processes that die while they act upon replies."""
    return meeting(seed, crash=0.02, slow=0.3)


def moving(seed: int) -> Scenario:
    """Senders that take one message a minute, so that notices wait while their meetings are moved and called off."""
    scenario = unwritable(seed)
    senders = {name: replace(one, limits=Limits(1)) for name, one in scenario.senders.items()}
    return replace(scenario, senders=senders)


def queued(seed: int) -> Scenario:
    """Senders that take two messages an hour: many notices come to their turn when their meeting has begun."""
    scenario = wanted(seed)
    senders = {name: replace(one, limits=Limits(None, 2)) for name, one in scenario.senders.items()}
    return replace(scenario, senders=senders)
