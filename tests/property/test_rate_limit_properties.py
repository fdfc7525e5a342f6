"""No rolling window overflows, whatever is asked and when; counted by brute force from the instants of sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from disparo.domain.policies.rate_limit import HISTORY_KEPT, Grant, Limits, Pace, PermitBook, reserve

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
WINDOWS = {"burst": MINUTE, "hourly": HOUR, "daily": DAY}
"""Our own table: source document, "Rate Limiting" (a burst is a minute's), and a day."""
MONDAY = 1_700_000_000_000
LATEST_SEND = 999


def limit_of(most: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(1, most)


LIMITS = st.builds(Limits, burst=limit_of(6), hourly=limit_of(15), daily=limit_of(30))
COUNTS = st.integers(1, 12) | st.integers(1, 60)
AROUND = [
    0,
    1,
    7,
    SECOND,
    MINUTE - SECOND,
    MINUTE,
    MINUTE + SECOND,
    HOUR - MINUTE,
    HOUR,
    HOUR + SECOND,
    DAY,
    DAY + SECOND,
]
GAPS = st.one_of(
    st.builds(lambda gap, off: max(0, gap + off), st.sampled_from(AROUND), st.integers(-2, 2)),
    st.integers(0, 2 * MINUTE),
    st.integers(0, 2 * HOUR),
)
PACES = st.none() | st.builds(Pace, st.integers(1, 5), st.sampled_from([timedelta(milliseconds=200), timedelta(0)]))
ASKS = st.lists(st.tuples(GAPS, COUNTS), min_size=1, max_size=25)


def fullest_window(sends: list[int], length: int, holding: int | None = None) -> int:
    """The most sends in any `[start, start + length)`, or in any that holds the instant `holding`.

    A fullest window can be moved on until it starts with a send.
    """
    starts = [start for start in sends if holding is None or start <= holding < start + length]
    return max((sum(start <= at < start + length for at in sends) for start in starts), default=0)


def test_the_oracle_counts_half_open_windows() -> None:
    assert fullest_window([0, MINUTE], MINUTE) == 1
    assert fullest_window([0, MINUTE - 1], MINUTE) == 2
    assert fullest_window([0, 1, 2, MINUTE + 1], MINUTE, holding=MINUTE + 1) == 2


@dataclass
class Kept:
    """A book and, in order of permits, the instants at which they were used."""

    book: PermitBook
    sends: list[int] = field(default_factory=list)

    def check_latest(self) -> None:
        """Every window in which the latest permit was used holds no more than the limits of now."""
        latest = self.sends[-1]
        for name, limit, length in self.book.limits.windows():
            near = [at for at in self.sends if abs(at - latest) < WINDOWS[name]]
            assert length == WINDOWS[name]
            assert fullest_window(near, WINDOWS[name], latest) <= limit, f"{self.book.name}:{name}"


class Workers(RuleBasedStateMachine):
    """Workers of two campaigns and one sender, on a clock that jumps, while limits change and history is cut."""

    @initialize(sender=LIMITS, first=LIMITS, second=LIMITS, seed=st.integers(0, 999))
    def begin(self, sender: Limits, first: Limits, second: Limits, seed: int) -> None:
        self.now = MONDAY
        self.random = Random(seed)
        self.sender = Kept(PermitBook("sms", sender))
        self.campaigns = [Kept(PermitBook("sms/1", first)), Kept(PermitBook("sms/2", second))]
        self.next_at: int | None = None
        self.latest = 0

    @property
    def kept(self) -> list[Kept]:
        return [self.sender, *self.campaigns]

    @rule(gap=GAPS)
    def time_passes(self, gap: int) -> None:
        self.now += gap

    @precondition(lambda self: self.next_at is not None)
    @rule()
    def the_next_permit_comes(self) -> None:
        assert self.next_at is not None
        self.now = max(self.now, self.next_at)

    @rule(by=GAPS)
    def the_clock_is_set_back(self, by: int) -> None:
        self.now -= by

    @rule(skew=st.integers(-20, 20), which=st.integers(0, 1), count=COUNTS, horizon=st.just(0) | GAPS, pace=PACES)
    def a_worker_asks(self, skew: int, which: int, count: int, horizon: int, pace: Pace | None) -> None:
        now, asked = self.now + skew, [self.sender, self.campaigns[which]]
        stands_at = max(now, *(one.book.last_at_ms for one in asked))
        grant = reserve([one.book for one in asked], count, now, horizon, pace)
        if pace is not None:
            assert all(
                later - at >= pace.gap // timedelta(milliseconds=1) for (at, _), (later, _) in pairwise(grant.runs)
            )
            assert all(times <= pace.group for _, times in grant.runs)
        moments = moments_of(grant)
        assert len(moments) == grant.count <= count
        assert moments == sorted(moments)
        assert all(stands_at <= at <= max(stands_at, now + horizon) for at in moments)
        assert (grant.next_at_ms is None) == (grant.count == count)
        assert grant.next_at_ms is None or grant.next_at_ms > max(stands_at, now + horizon)
        self.next_at = grant.next_at_ms
        for at in moments:
            send = at + self.random.choice((0, 0, 1, 500, LATEST_SEND, LATEST_SEND))
            for one in asked:
                one.sends.append(send)
                one.check_latest()

    @rule(which=st.integers(0, 2), limits=LIMITS)
    def limits_are_changed(self, which: int, limits: Limits) -> None:
        self.kept[which].book.limits = limits

    @rule()
    def old_history_is_forgotten(self) -> None:
        for one in self.kept:
            forget_before(one.book, one.book.last_at_ms - HISTORY_KEPT.total_seconds() * 1_000)

    @invariant()
    def permits_are_counted_and_never_go_back(self) -> None:
        for one in getattr(self, "campaigns", []):
            assert one.book.given == len(one.sends)
            assert one.book.ats == sorted(set(one.book.ats))
        if hasattr(self, "sender"):
            assert self.sender.book.given == sum(one.book.given for one in self.campaigns)
            assert self.sender.book.last_at_ms >= self.latest
            self.latest = self.sender.book.last_at_ms


def forget_before(book: PermitBook, instant_ms: float) -> None:
    """What pruning by age leaves of a book; the newest run stays."""
    kept = [number for number, at in enumerate(book.ats) if at >= instant_ms or number == len(book.ats) - 1]
    book.firsts, book.ats = [book.firsts[i] for i in kept], [book.ats[i] for i in kept]


def test_no_window_overflows_whatever_workers_do() -> None:
    run_state_machine_as_test(Workers, settings=settings(max_examples=150, stateful_step_count=30, deadline=None))


@settings(max_examples=60, deadline=None)
@given(limits=LIMITS, asks=ASKS, set_back=st.lists(GAPS, max_size=3), seed=st.integers(0, 99))
def test_after_set_backs_no_window_of_real_time_overflows_even_when_everything_leaves_at_once(
    limits: Limits, asks: list[tuple[int, int]], set_back: list[int], seed: int
) -> None:
    """Nobody waits for a moment that is ahead of the clock; real time goes on while the clock repeats itself."""
    book, random, real, behind = PermitBook("sms", limits), Random(seed), MONDAY, 0
    turns = {random.randrange(len(asks)): by for by in set_back}
    sends: list[int] = []
    for turn, (gap, count) in enumerate(asks):
        real += gap
        behind += turns.get(turn, 0)
        given_now = reserve([book], count, real - behind).count
        sends.extend(real + random.choice((0, LATEST_SEND)) for _ in range(given_now))
    for name, limit, _ in limits.windows():
        assert fullest_window(sends, WINDOWS[name]) <= limit


@settings(max_examples=150, deadline=None)
@given(limits=st.tuples(LIMITS, LIMITS), asks=ASKS)
def test_the_next_permit_is_offered_at_its_earliest_instant(
    limits: tuple[Limits, Limits], asks: list[tuple[int, int]]
) -> None:
    books = [PermitBook("sms", limits[0]), PermitBook("sms/1", limits[1])]
    now = MONDAY
    for gap, count in asks:
        now += gap
        offered = reserve(books, count, now).next_at_ms
        if offered is not None:
            assert reserve([book.copy() for book in books], 1, offered - 1).count == 0
            assert reserve([book.copy() for book in books], 1, offered).count == 1


@settings(max_examples=100, deadline=None)
@given(limits=LIMITS, seed=st.integers(0, 99))
def test_one_permit_more_or_sooner_would_overflow_a_window_of_the_slowest_senders(limits: Limits, seed: int) -> None:
    """The stretch is as short as it can be: a permit 1.001 s sooner, used at once, breaks a limit."""
    book, now, random = PermitBook("sms", limits), MONDAY, Random(seed)
    permits: list[int] = []
    for _ in range(8):
        grant = reserve([book], random.randint(1, 40), now)
        permits += moments_of(grant)
        if grant.next_at_ms is None:
            now += random.randint(0, MINUTE)
            continue
        sends = [at + LATEST_SEND for at in permits] + [grant.next_at_ms - SECOND - 2]
        overflows = [fullest_window(sends, WINDOWS[name]) > limit for name, limit, _ in limits.windows()]
        assert any(overflows)
        now = grant.next_at_ms


@settings(max_examples=150, deadline=None)
@given(limits=st.tuples(LIMITS, LIMITS), asks=ASKS, count=COUNTS, horizon=GAPS)
def test_a_horizon_gives_what_asking_at_each_moment_would_give(
    limits: tuple[Limits, Limits], asks: list[tuple[int, int]], count: int, horizon: int
) -> None:
    books = [PermitBook("sms", limits[0]), PermitBook("sms/1", limits[1])]
    now = MONDAY
    for gap, asked in asks:
        now += gap
        reserve(books, asked, now)
    patient = [book.copy() for book in books]
    ahead = reserve(books, count, now, horizon)
    moments: list[int] = []
    at: int | None = now
    while at is not None and at <= now + horizon:
        grant = reserve(patient, count - len(moments), at)
        moments += moments_of(grant)
        at = grant.next_at_ms
    assert moments_of(ahead) == moments
    assert ahead.next_at_ms == at
    assert books == patient


def moments_of(grant: Grant) -> list[int]:
    return [at for at, times in grant.runs for _ in range(times)]


def told(grant: Grant) -> tuple[list[int], int | None, str]:
    """All that a grant says; into how many runs one instant is cut means nothing."""
    return moments_of(grant), grant.next_at_ms, grant.reason


def cut_down(book: PermitBook, count: int) -> PermitBook:
    """What a store reads for the next `count` permits: for each window the run that holds the first number they
    look at, and those that begin up to the last one (`load_book` of the SQLite adapter)."""
    needed: set[tuple[int, int]] = set()
    for _, limit, _ in book.limits.windows():
        low = book.given - limit
        begin = max((first for first in book.firsts if first <= low), default=0)
        needed |= {run for run in zip(book.firsts, book.ats, strict=True) if begin <= run[0] <= low + count}
    runs = sorted(needed)
    return PermitBook(
        book.name,
        book.limits,
        book.given,
        book.last_at_ms,
        [first for first, _ in runs],
        [at for _, at in runs],
    )


@settings(max_examples=250, deadline=None)
@given(
    limits=st.tuples(LIMITS, LIMITS),
    asks=ASKS,
    later=LIMITS,
    gap=GAPS,
    counts=st.lists(COUNTS, min_size=1, max_size=4),
    horizon=st.just(0) | GAPS,
)
def test_a_book_cut_down_to_what_is_looked_at_gives_the_same(
    limits: tuple[Limits, Limits],
    asks: list[tuple[int, int]],
    later: Limits,
    gap: int,
    counts: list[int],
    horizon: int,
) -> None:
    """One cut for several claims that together take no more than it was cut for, as one transaction does."""
    whole = [PermitBook("sms", limits[0]), PermitBook("sms/1", limits[1])]
    now = MONDAY
    for between, count in asks:
        now += between
        reserve(whole, count, now)
    whole[0].limits = later
    parts = [cut_down(book, sum(counts)) for book in whole]
    for count in counts:
        now += gap
        assert told(reserve(parts, count, now, horizon)) == told(reserve(whole, count, now, horizon))
    assert [(part.given, part.last_at_ms) for part in parts] == [(book.given, book.last_at_ms) for book in whole]


@settings(max_examples=150, deadline=None)
@given(limits=st.tuples(LIMITS, LIMITS), asks=ASKS, later=LIMITS, back=st.just(0) | GAPS, count=COUNTS)
def test_a_book_without_what_is_too_old_gives_the_same(
    limits: tuple[Limits, Limits], asks: list[tuple[int, int]], later: Limits, back: int, count: int
) -> None:
    """Old is counted from the latest permit, so a clock that is set back finds all that it needs."""
    whole = [PermitBook("sms", limits[0]), PermitBook("sms/1", limits[1])]
    now = MONDAY
    for between, asked in asks:
        now += between
        reserve(whole, asked, now)
    whole[0].limits = later
    pruned = [book.copy() for book in whole]
    for book in pruned:
        forget_before(book, book.last_at_ms - (DAY + SECOND))
    assert told(reserve(pruned, count, now - back, HOUR)) == told(reserve(whole, count, now - back, HOUR))


@settings(max_examples=40, deadline=None)
@given(
    limits=st.builds(Limits, burst=limit_of(50), hourly=limit_of(400), daily=limit_of(900)).filter(
        lambda one: bool(one.windows())
    ),
    count=st.integers(1, 100),
    lag=st.integers(0, 2),
)
def test_at_least_98_percent_of_the_tightest_limit_is_usable(limits: Limits, count: int, lag: int) -> None:
    """Asked for as soon as offered (to 2 ms) until every limited window has come round three times."""
    book, now = PermitBook("sms", limits), MONDAY
    end = MONDAY + 3 * max(length for _, _, length in limits.windows())
    while now <= end:
        grant = reserve([book], count, now)
        now = now if grant.next_at_ms is None else grant.next_at_ms + lag
    tightest = min((end - MONDAY) / length * limit for _, limit, length in limits.windows())
    assert book.given >= 0.98 * tightest
