"""Rolling limits that hand out moments instead of yes or no.

Permit number k of a book may not come sooner than one window after permit number k - limit. Keeping the instants of
permits by their number therefore enforces a limit in *every* rolling window exactly, with one look-up per window and
no counting. A message may leave up to `MOMENT_TOLERANCE` after its permit, so each window is stretched by it: two
permits a stretched window apart cannot become two sends inside one window. That costs 1 s of 60 (98.4 % usable).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from disparo.domain.errors import InputError

MOMENT_TOLERANCE = timedelta(seconds=1)
"""How late after its permit a message may still leave; later it goes back to its lane."""

_MILLISECOND = timedelta(milliseconds=1)
_TOLERANCE_MS = MOMENT_TOLERANCE // _MILLISECOND
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000

HISTORY_KEPT = timedelta(days=1) + MOMENT_TOLERANCE
"""How long permits are remembered, whatever the limits are now: one that is added later still counts them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """At most so many messages in any rolling minute (`burst`), hour and day; None is no limit.

    Names and windows: source document, "Rate Limiting" (`rate_limit_<channel>_burst`, `_hourly`), and our `_daily`.
    Raises InputError for a limit below 1: it would never send, and the first permit has none before it to wait for.
    """

    burst: int | None = None
    hourly: int | None = None
    daily: int | None = None

    def __post_init__(self) -> None:
        for name, limit, _ in self.windows():
            if limit < 1:
                raise InputError(f"limite {name} = {limit}: escreva um número a partir de 1, ou retire o limite")

    def windows(self) -> tuple[tuple[str, int, int], ...]:
        """Name, limit and length in ms of each window that is limited."""
        named = (
            ("burst", self.burst, _MINUTE_MS),
            ("hourly", self.hourly, _HOUR_MS),
            ("daily", self.daily, _DAY_MS),
        )
        return tuple((name, limit, length) for name, limit, length in named if limit is not None)


@dataclass(frozen=True, slots=True)
class Pace:
    """How permits are spread that are given ahead: at most `group` of them share an instant, `gap` after the last ones.

    Whoever carries messages at their moments would miss those of a whole window that come at once.
    """

    group: int
    gap: timedelta


@dataclass(slots=True)
class PermitBook:
    """The permits given under one name (a sender, or a campaign on a channel), numbered from 0 in order of time.

    `firsts[i]` is the number of the first permit given at `ats[i]` (ms); the run ends where the next begins. Runs
    that no window can look at may be left out. `given` is the number of the next permit and `last_at_ms` the
    instant of the latest one.
    """

    name: str
    limits: Limits
    given: int = 0
    last_at_ms: int = 0
    firsts: list[int] = field(default_factory=list)
    ats: list[int] = field(default_factory=list)

    def earliest(self, number: int) -> tuple[int, int, str]:
        """When permit `number` may come, for how many following numbers that holds, and which window says so."""
        at, alike, reason = self.last_at_ms, 1 << 60, "free"
        for name, limit, length in self.limits.windows():
            before = number - limit
            run = bisect_right(self.firsts, before) - 1
            if run < 0:
                alike = min(alike, self._oldest() - before)
                continue
            end = self.firsts[run + 1] if run + 1 < len(self.firsts) else self.given
            alike = min(alike, end - before)
            if (moment := self.ats[run] + length + _TOLERANCE_MS) > at:
                at, reason = moment, name
        return at, alike, reason

    def _oldest(self) -> int:
        return self.firsts[0] if self.firsts else self.given

    def copy(self) -> PermitBook:
        """A book to try things with."""
        return PermitBook(self.name, self.limits, self.given, self.last_at_ms, self.firsts[:], self.ats[:])

    def give(self, count: int, at_ms: int) -> None:
        """Write down `count` permits at one instant, which is not before the latest one."""
        if not self.ats or self.ats[-1] != at_ms:
            self.firsts.append(self.given)
            self.ats.append(at_ms)
        self.given += count
        self.last_at_ms = at_ms


@dataclass(frozen=True, slots=True)
class Grant:
    """Moments for messages, in order: `runs` are (instant in ms, how many).

    When fewer than asked were given, `next_at_ms` is the instant of the next permit and `reason` names what it
    waits for, as `<book>:<window>`.
    """

    runs: tuple[tuple[int, int], ...]
    next_at_ms: int | None = None
    reason: str = "free"

    @property
    def count(self) -> int:
        """How many permits were given."""
        return sum(count for _, count in self.runs)


def reserve(
    books: Sequence[PermitBook], count: int, now_ms: int, horizon_ms: int = 0, pace: Pace | None = None
) -> Grant:
    """Take up to `count` permits from all `books` at once, each at the earliest instant up to `now + horizon`.

    With a `pace` they are spread over the horizon, behind those that were given before.

    The books are changed. A clock that was set back finds the latest permit ahead of it: time then stands still
    at that permit until the clock has caught up, so a limit never gets a second helping. The same holds for moments
    that an earlier horizon gave: the next ones begin at the latest of them, and still end at `now + horizon`.
    """
    last_ms = max(book.last_at_ms for book in books)
    start = max(now_ms, last_ms)
    until = max(start, now_ms + horizon_ms)
    group, gap_ms = (count, 0) if pace is None else (pace.group, pace.gap // _MILLISECOND)
    if last_ms >= now_ms:
        start += gap_ms
    runs: list[tuple[int, int]] = []
    room = group
    while count > 0:
        at_ms, alike, reason = start, count, "pace" if gap_ms else "free"
        for book in books:
            moment, same, window = book.earliest(book.given)
            alike = min(alike, same)
            if moment > at_ms:
                at_ms, reason = moment, f"{book.name}:{window}"
        if at_ms > start and room < group:  # a group that stays incomplete: the next one keeps its distance
            start, room = start + gap_ms, group
            continue
        if at_ms > until:
            return Grant(tuple(runs), at_ms, reason)
        alike = min(alike, room)
        for book in books:
            book.give(alike, at_ms)
        given_here = runs.pop()[1] if room < group else 0
        runs.append((at_ms, given_here + alike))
        count, room, start = count - alike, room - alike, at_ms
        if not room:
            start, room = at_ms + gap_ms, group
    return Grant(tuple(runs))
