"""What is counted of sending and meetings, and what it says: numbers, rates, times.

Everything that is kept is a count that only grows, so that several processes add to the same ones, and any span of time
is a sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from disparo.domain.instants import MILLISECOND

BOUNDS_MS = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
"""Upper bounds of the classes in which dispatch times are counted; what took longer is in none."""


class Counted(StrEnum):
    """What is counted."""

    SENT = "sent"
    """Messages that their provider took."""
    FAILED = "failed"
    """Messages that were refused or given up."""
    ERRORS = "errors"
    """Attempts that went wrong for another reason than who they were for or how many there were."""
    LIMITED = "limited"
    """Claims that a limit kept from taking more."""
    DISPATCHES = "dispatches"
    """Messages that a provider was called for, whatever it answered."""
    DISPATCH_MS = "dispatch_ms"
    """From their moment to its answer, together."""
    AGREED = "agreed"
    """Proposals that ended with a time agreed."""
    NOT_AGREED = "not_agreed"
    HELD = "held"
    """Meetings that took place."""
    NO_SHOW = "no_show"
    UNREADABLE = "unreadable"
    """Looks at a host's calendar that could not read it."""


class Series(NamedTuple):
    """Of which channel and campaign something is counted; empty where it has none."""

    channel: str = ""
    campaign_id: str = ""
    name: str = ""
    """A `Counted`, or the class of a dispatch time (`within`)."""


Counts = Mapping[Series, int]


def within(bound_ms: int) -> str:
    """The name of the class of dispatch times up to `bound_ms`, and above the bound before."""
    return f"within_{bound_ms}"


_CLASSES = tuple((bound, within(bound)) for bound in BOUNDS_MS)


def count_time(counts: Counter[Series], channel: str, campaign_id: str, took: timedelta) -> None:
    """Count one dispatch time; one below zero (a clock that was set) as none."""
    took_ms = max(0, took // MILLISECOND)
    counts[Series(channel, campaign_id, Counted.DISPATCHES)] += 1
    counts[Series(channel, campaign_id, Counted.DISPATCH_MS)] += took_ms
    for bound, name in _CLASSES:
        if took_ms <= bound:
            counts[Series(channel, campaign_id, name)] += 1
            break


@dataclass(frozen=True, slots=True)
class Times:
    """How long dispatches took; `classes` are those of `BOUNDS_MS`, in their order."""

    count: int = 0
    total_ms: int = 0
    classes: tuple[int, ...] = (0,) * len(BOUNDS_MS)

    @property
    def mean(self) -> timedelta | None:
        """AverageDispatchTime; None of none."""
        return timedelta(milliseconds=self.total_ms / self.count) if self.count else None

    def quantile(self, share: float) -> timedelta | None:
        """Under how long this share of them stayed: the upper bound of the class in which it lies; None of none.

        What is above the last bound is said to be the last bound.
        """
        if not self.count:
            return None
        wanted, found = share * self.count, 0
        for bound, inside in zip(BOUNDS_MS, self.classes, strict=True):
            found += inside
            if found >= wanted:
                return timedelta(milliseconds=bound)
        return timedelta(milliseconds=BOUNDS_MS[-1])

    @property
    def slowest(self) -> timedelta | None:
        """About how long the slowest took (see `quantile`)."""
        return self.quantile(1)


@dataclass(frozen=True, slots=True)
class Figure:
    """What some counts say. Rates are percentages, as the source document's metrics are, and None of nothing."""

    sent: int = 0
    failed: int = 0
    errors: int = 0
    limited: int = 0
    agreed: int = 0
    not_agreed: int = 0
    held: int = 0
    no_show: int = 0
    unreadable: int = 0
    times: Times = field(default_factory=Times)

    @property
    def failed_rate(self) -> float | None:
        """MessagesFailedRate: refused or given up, of those that came to an end at their provider."""
        return _percent(self.failed, self.sent + self.failed)

    @property
    def confirmation_rate(self) -> float | None:
        """ConfirmationRate: proposals that ended with a time agreed, of those that ended."""
        return _percent(self.agreed, self.agreed + self.not_agreed)

    @property
    def no_show_rate(self) -> float | None:
        """NoShowRate: meetings to which nobody came, of those of which somebody said how they went."""
        return _percent(self.no_show, self.held + self.no_show)


def figure_of(counts: Counts) -> Figure:
    """What counts say together, whatever channels and campaigns they are of."""
    sums: Counter[str] = Counter()
    for series, count in counts.items():
        sums[series.name] += count
    own = {str(one): sums[one] for one in Counted if one not in (Counted.DISPATCHES, Counted.DISPATCH_MS)}
    classes = tuple(sums[name] for _, name in _CLASSES)
    return Figure(**own, times=Times(sums[Counted.DISPATCHES], sums[Counted.DISPATCH_MS], classes))


def part(counts: Counts, *, channel: str | None = None, campaign_id: str | None = None) -> Counts:
    """Those of a channel, of a campaign, or of both; "" is what has none."""
    return {
        series: count
        for series, count in counts.items()
        if channel in (None, series.channel) and campaign_id in (None, series.campaign_id)
    }


def together(many: Iterable[Counts]) -> Counts:
    """The sums of several."""
    sums: Counter[Series] = Counter()
    for counts in many:
        sums.update(counts)
    return sums


def _percent(some: int, whole: int) -> float | None:
    return 100 * some / whole if whole else None
