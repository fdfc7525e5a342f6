"""How long it takes to find three times to offer, for one host and for a team, from what is known of their time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from random import Random

from bench.measured import Case, Numbers, alternate
from bench.report import Aim, Section
from bench.sizes import Sizes
from disparo.domain.agenda.availability import free_slots
from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import DayLimits, Host
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.proposal import propose
from disparo.domain.agenda.slot import Occupation
from disparo.domain.agenda.slot_rules import HostTimes
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours

NOW = datetime(2026, 11, 23, 12, 7, 31, tzinfo=UTC)
CONTACT = Place("America/Manaus", "BR-AM")
_DAYS, _QUARTER_MS = 60, 900_000
_ZONES = ("America/Sao_Paulo", "America/Sao_Paulo", "America/Manaus", "Europe/Lisbon")

ONE, TEAM, FULL_TEAM = "one host, 300 busy", "50 hosts, 10,000 busy", "the same, limits, 2,000 meetings"
CASES: dict[str, dict[str, int]] = {
    ONE: {"hosts": 1, "busy": 300, "meetings": 0},
    TEAM: {"hosts": 50, "busy": 200, "meetings": 0},
    FULL_TEAM: {"hosts": 50, "busy": 200, "meetings": 40},
}


def product(hosts: int, busy: int, meetings: int, repetitions: int) -> Numbers:
    """Three times over 60 days: the first time in this process, then the best of some, and the list of all times."""
    team = [_times(number, busy, meetings) for number in range(hosts)]
    kind = MeetingType(
        "demo",
        "Demonstração",
        tuple(times.host.id for times in team),
        horizon=timedelta(days=_DAYS),
        buffer_before=timedelta(minutes=10),
        buffer_after=timedelta(minutes=10),
    )
    rounds: list[float] = []
    for number in range(repetitions + 1):
        # Another second each time, as in a process that runs: what is kept from one to the next are whole days.
        now = NOW + timedelta(seconds=number)
        began = time.perf_counter()
        found = propose(kind, team, CONTACT, now, 3, urgent=False)
        rounds.append((time.perf_counter() - began) * 1_000)
        if len(found) != 3:
            raise RuntimeError(f"three times are free, not {len(found)}")
    began = time.perf_counter()
    listed = len(free_slots(kind, team, CONTACT, NOW, NOW, NOW + timedelta(days=_DAYS)))
    listing = (time.perf_counter() - began) * 1_000
    warm = sorted(rounds[1:])
    numbers = {"cold_ms": rounds[0], "best_ms": warm[0], "median_ms": warm[len(warm) // 2]}
    return {**numbers, "listed": listed, "listing_ms": listing}


def _times(number: int, busy: int, meetings: int) -> HostTimes:
    """A host and random times of theirs, the same in every run; in no order, as calendars may give them."""
    random = Random(number)
    name, place = f"h{number}", Place(_ZONES[number % len(_ZONES)])
    taken = [_span(random.randrange(_DAYS * 96), random.choice((2, 4, 6))) for _ in range(busy)]
    spans = [_span(random.randrange(_DAYS * 96), 3) for _ in range(meetings)]
    kept = [Occupation(name, span, f"{number}-{meeting}", span.start_ms) for meeting, span in enumerate(spans)]
    limits = DayLimits(5, 20) if meetings else DayLimits()
    return HostTimes(Host(name, name, place, BusinessHours(), limits=limits), BusyTimes(taken), kept)


def _span(quarter: int, quarters: int) -> Interval:
    start_ms = to_ms(NOW) // _QUARTER_MS * _QUARTER_MS + quarter * _QUARTER_MS
    return Interval(start_ms, start_ms + quarters * _QUARTER_MS)


def proposals(sizes: Sizes) -> Section:
    """Proposals, alone: there is no bare limit of a thing that nothing else does."""
    options = {"repetitions": sizes.claims}
    cases = {name: Case(product, {**case, **options}) for name, case in CASES.items()}
    found = alternate(cases, sizes.rounds)
    columns = ("", "best ms", "median ms", "first ms", "all times listed", "ms for the list")
    keys = (("best_ms", 2), ("median_ms", 2), ("cold_ms", 0), ("listed", 0), ("listing_ms", 1))
    rows = [(name, *(f"{numbers[key]:,.{places}f}" for key, places in keys)) for name, numbers in found.items()]
    aims = [
        Aim(f"{name} in under {most_ms} ms", f"{found[name]['best_ms']:.2f} ms", found[name]["best_ms"] < most_ms)
        for name, most_ms in ((ONE, 1), (TEAM, 20), (FULL_TEAM, 20))
    ]
    return Section("availability", "Three times to offer over 60 days", columns, rows).with_aims(*aims)
