"""Hosts, types and contacts around changes of clocks, drawn by Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import Block, DayLimits, Host
from disparo.domain.agenda.meeting_type import WAKING_HOURS, Assignment, MeetingType
from disparo.domain.agenda.slot import Occupation
from disparo.domain.agenda.slot_rules import HostTimes
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, DailyHours
from tests.property.availability_oracle import DAY, EPOCH, MINUTE

# A place and an instant near which something is odd: clocks change (over midnight, by half an hour), a public holiday.
ODD = (
    (Place("America/Sao_Paulo", "BR-SP"), "2018-11-04T03:00"),
    (Place("America/Sao_Paulo", "BR-SP"), "2018-02-18T02:00"),
    (Place("America/Sao_Paulo", "BR-SP"), "2026-07-09T03:00"),
    (Place("America/Sao_Paulo"), "2026-04-21T03:00"),
    (Place("Africa/Cairo"), "2026-04-23T22:00"),
    (Place("Africa/Cairo"), "2026-10-29T21:00"),
    (Place("America/Santiago"), "2026-09-06T04:00"),
    (Place("America/Santiago"), "2026-04-05T03:00"),
    (Place("Europe/Lisbon"), "2026-03-29T01:00"),
    (Place("Europe/Lisbon"), "2026-10-25T01:00"),
    (Place("Asia/Kathmandu"), "2026-06-10T12:00"),
    (Place("America/St_Johns"), "2026-03-08T05:30"),
    (Place("America/St_Johns"), "2026-11-01T04:30"),
    (Place("Australia/Lord_Howe"), "2026-04-04T15:00"),
    (Place("Australia/Lord_Howe"), "2026-10-03T15:30"),
    (Place("UTC"), "2026-12-25T00:00"),
)
MINUTES = st.integers(0, 95).map(lambda quarter: quarter * 15) | st.integers(0, 1439)
QUARTERS = st.integers(-96, 40).map(lambda quarter: quarter * 15)
RARELY = st.sampled_from((False,) * 24 + (True,))
ALWAYS = DailyHours(frozenset(range(1, 8)), 0, 1440, None)


@dataclass(frozen=True, slots=True)
class World:
    """All that is asked about."""

    meeting_type: MeetingType
    hosts: list[HostTimes]
    contact: Place | None
    now: datetime
    start_at: datetime
    end_at: datetime


@st.composite
def daily_hours(draw: st.DrawFn) -> DailyHours:
    if draw(st.booleans()):
        return ALWAYS
    start = draw(st.sampled_from((0, 60, 390, 480, 495, 540, 1200)) | MINUTES)
    end = start + draw(st.sampled_from((1440, 1380, 1200, 600, 540)) | st.integers(60, 1440))
    lunch = None
    if draw(st.booleans()):
        begin = draw(st.integers(start, end))
        lunch = (begin, min(begin + draw(st.sampled_from((60, 15, 90, 121))), end))
    off = draw(st.sets(st.integers(1, 7), max_size=2))
    return DailyHours(frozenset(range(1, 8)) - off, start, end, lunch)


@st.composite
def business_hours(draw: st.DrawFn, near: datetime) -> BusinessHours:
    holidays = [] if draw(st.sampled_from((True, True, False))) else [draw(st.integers(-2, 2))]
    return BusinessHours(
        default=draw(daily_hours()),
        holidays=frozenset(near.date() + timedelta(days=days) for days in holidays),
        public_holidays=draw(st.sampled_from((False, False, True))),
    )


@st.composite
def meeting_types(draw: st.DrawFn, hosts: int, near: datetime) -> MeetingType:
    def minutes(*choices: int) -> timedelta:
        return draw(st.sampled_from(choices)) * MINUTE

    return MeetingType(
        "tipo",
        "Tipo",
        tuple(f"h{number}" for number in range(hosts)),
        assignment=draw(st.sampled_from(Assignment)),
        duration=minutes(5, 15, 30, 45, 50, 60, 90, 180),
        buffer_before=minutes(0, 0, 5, 10, 35),
        buffer_after=minutes(0, 0, 5, 10, 35),
        grid=minutes(5, 10, 15, 15, 15, 20, 30, 30, 30, 45, 50, 60, 90, 1440),
        min_notice=minutes(*(0,) * 6, 30, 240, 1440),
        horizon=minutes(43_200, 43_200, 43_200, 600, 1440, 2880),
        contact_hours=draw(st.just(WAKING_HOURS) | business_hours(near)),
        contact_holidays=draw(st.booleans()),
        active=not draw(RARELY),
    )


@st.composite
def spans(draw: st.DrawFn, near: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    """Single times, whole days of the zone, and a weekly series at a time of its clock."""
    found = []
    for start in draw(
        st.lists(st.integers(-96, 130).map(lambda quarter: quarter * 15) | st.integers(-1500, 2000), max_size=4)
    ):
        start_at = near + start * MINUTE
        found.append((start_at, start_at + draw(st.sampled_from((0, 1, 15, 30, 60, 200))) * MINUTE))
    midnight = near.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, fold=0)
    for days in () if draw(st.sampled_from((True, True, False))) else (draw(st.integers(-2, 2)),):
        # Wall clock arithmetic: from midnight to midnight, however long that day is.
        found.append((midnight + days * DAY, midnight + (days + 1) * DAY))
    if draw(st.booleans()):
        first = midnight.replace(tzinfo=None) + draw(st.integers(-9, -4)) * DAY + draw(MINUTES) * MINUTE
        starts = (first + 7 * DAY * week for week in range(3))
        found += [(at := start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), at + 45 * MINUTE) for start in starts]
    return [(start.astimezone(UTC), end.astimezone(UTC)) for start, end in found]


def interval(span: tuple[datetime, datetime]) -> Interval:
    return Interval(to_ms(span[0]), to_ms(span[1]))


@st.composite
def occupations(draw: st.DrawFn, host_id: str, near: datetime) -> list[Occupation]:
    found = []
    for start in draw(st.lists(st.integers(-7 * 96, 7 * 96) | st.integers(-96, 96), max_size=6)):
        start_at = near + start * 15 * MINUTE
        before, length = draw(st.sampled_from((0, 10))) * MINUTE, draw(st.sampled_from((15, 40))) * MINUTE
        meeting = f"m{draw(st.integers(0, 4))}"
        for later in draw(st.sampled_from(((0,), (0, 3), (0, 27)))):  # held beside it for the same choice
            at = start_at + timedelta(hours=later)
            found.append(Occupation(host_id, interval((at - before, at + length)), meeting, to_ms(at), None))
    return found


@st.composite
def host_times(draw: st.DrawFn, number: int, place: Place, near: datetime) -> HostTimes:
    host_id = f"h{number}"
    limit = st.sampled_from((None, None, None, 3, 2, 1, 0))
    host = Host(
        host_id,
        host_id,
        place,
        draw(business_hours(near)),
        limits=DayLimits(draw(limit), draw(limit)),
        blocks=tuple(
            Block(*span, label="férias") for span in draw(st.just([]) | st.just([]) | spans(near, place.zone))
        ),
        active=not draw(RARELY),
    )
    busy = draw(st.permutations([interval(span) for span in draw(spans(near, place.zone))]))
    fault = "forbidden" if draw(RARELY) else ""
    return HostTimes(host, BusyTimes(busy, fault), [*draw(occupations(host_id, near)), *_of_another(near)])


def _of_another(near: datetime) -> list[Occupation]:
    """What another host keeps is in nobody's way."""
    return [Occupation("outro", interval((near - DAY, near + DAY)), "m9", to_ms(near), None)]


@st.composite
def worlds(draw: st.DrawFn, most_hosts: int = 3) -> World:
    place, text = draw(st.sampled_from(ODD))
    near = datetime.fromisoformat(text).replace(tzinfo=UTC)
    elsewhere = st.sampled_from(ODD).map(lambda odd: odd[0])
    hosts = [
        draw(host_times(number, place if number == 0 else draw(st.just(place) | elsewhere), near))
        for number in range(draw(st.integers(1, most_hosts)))
    ]
    start_at = near + draw(QUARTERS | st.integers(-1440, 600)) * MINUTE
    early = draw(st.sampled_from((0, 30, 120, 900, 1440)) | st.integers(-300, 3000))
    moment = timedelta(seconds=draw(st.sampled_from((0, 0, 59))), microseconds=draw(st.sampled_from((0, 0, 1, -1))))
    to_midnight = (EPOCH - start_at) % DAY // MINUTE  # of UTC, by whose days hours are kept
    lengths = st.integers(60, 1700) | st.sampled_from((1440, to_midnight, to_midnight + 1440))
    world = World(
        draw(meeting_types(len(hosts), near)),
        hosts,
        draw(st.none() | st.just(place) | elsewhere),
        start_at - early * MINUTE + moment,
        start_at + timedelta(seconds=draw(st.sampled_from((0, 0, 17)))),
        start_at + draw(lengths) * MINUTE,
    )
    return plain(world) if draw(st.booleans()) else world


def plain(world: World) -> World:
    """The same with nothing in the way but the horizon, limits, meetings and holidays, which are seldom seen."""
    kind, easy = world.meeting_type, BusinessHours(default=ALWAYS, public_holidays=False)
    grid = min(kind.grid, 30 * MINUTE)
    return replace(
        world,
        meeting_type=replace(kind, contact_hours=easy, grid=grid, min_notice=timedelta(0), active=True),
        hosts=[
            HostTimes(replace(times.host, hours=easy, blocks=(), active=True), BusyTimes(), times.kept)
            for times in world.hosts
        ],
    )
