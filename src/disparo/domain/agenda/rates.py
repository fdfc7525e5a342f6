"""How well proposals and meetings go: rates over the meetings that were proposed in some time.

A meeting counts by the day on which it was proposed, whatever became of it when, so that the numbers of a period are
all of the same meetings; those of recent ones still change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import product
from statistics import fmean, median

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.intervals import zone_named

DIRECT = 1
"""The version in which a time is agreed that nobody had offered: its first."""


class Grouping(StrEnum):
    """By what meetings are counted apart."""

    CAMPAIGN = "campaign"
    HOST = "host"
    TYPE = "type"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Rates:
    """What became of some meetings.

    `offered` began with times that we offered, `agreed` are those of them in which one was ever taken, `open` those
    that wait for an answer. `booked` were agreed without an offer, on a public page or by an operator: no part of the
    ConfirmationRate. `upcoming` and `unknown` are agreed; `unknown` ones are over and nobody said how they went.
    `rescheduled` meetings were moved by their contact, `moves` times in all. `cancelled` counts by who did it.
    """

    offered: int = 0
    agreed: int = 0
    open: int = 0
    booked: int = 0
    declined: int = 0
    expired: int = 0
    cancelled: Mapping[str, int] = field(default_factory=dict)
    upcoming: int = 0
    held: int = 0
    no_show: int = 0
    unknown: int = 0
    rescheduled: int = 0
    moves: int = 0
    mean_to_confirm: timedelta | None = None
    median_to_confirm: timedelta | None = None

    @property
    def meetings(self) -> int:
        """How many there are."""
        return self.offered + self.booked

    @property
    def confirmation_rate(self) -> float | None:
        """ConfirmationRate: the share of offered meetings in which a time was ever agreed, open ones counted as not."""
        return _share(self.agreed, self.offered)

    @property
    def no_show_rate(self) -> float | None:
        """NoShowRate: the share of missed meetings among those of which somebody said how they went."""
        return _share(self.no_show, self.held + self.no_show)

    @property
    def reschedule_rate(self) -> float | None:
        """The share of meetings that their contact moved, among those that were ever agreed."""
        return _share(self.rescheduled, self.agreed + self.booked)


Key = tuple[str, ...]
"""One text for each grouping: an id, `2026-11-23`, `2026-W48` or `2026-11`; "" where there is none."""


def rates_by(meetings: Iterable[Meeting], groupings: Sequence[Grouping], zone: str, now: datetime) -> dict[Key, Rates]:
    """The rates of each group, in the order of their keys; without groupings the one of all, under `()`.

    Periods are of this zone's calendar, weeks begin on Monday (ISO 8601). Each host of a meeting counts it; of one that
    was never agreed, each host whose time was offered. InputError for a zone that does not exist.
    """
    zone_named(zone)
    counts: dict[Key, _Count] = {} if groupings else {(): _Count()}
    for meeting in meetings:
        for key in _keys(meeting, groupings, zone):
            counts.setdefault(key, _Count()).add(meeting, now)
    return {key: counts[key].rates() for key in sorted(counts)}


class _Count:
    """Rates while meetings are counted."""

    def __init__(self) -> None:
        self._counter: Counter[str] = Counter()
        self._cancelled: Counter[str] = Counter()
        self._waits_s: list[float] = []

    def add(self, meeting: Meeting, now: datetime) -> None:
        direct = meeting.first_agreed == DIRECT
        confirmed_at = meeting.confirmed_at
        found = {"booked" if direct else "offered"}
        if confirmed_at is not None and not direct:
            found.add("agreed")
            self._waits_s.append((confirmed_at - meeting.proposed_at).total_seconds())
        if meeting.reschedules:
            found.add("rescheduled")
        if name := _standing(meeting, now):
            found.add(name)
        self._counter.update(found)
        self._counter["moves"] += meeting.reschedules
        if meeting.state is MeetingState.CANCELLED:
            self._cancelled[meeting.by] += 1

    def rates(self) -> Rates:
        waits = self._waits_s
        return Rates(
            **self._counter,
            cancelled=dict(sorted(self._cancelled.items())),
            mean_to_confirm=timedelta(seconds=fmean(waits)) if waits else None,
            median_to_confirm=timedelta(seconds=median(waits)) if waits else None,
        )


def _standing(meeting: Meeting, now: datetime) -> str | None:
    if meeting.state is MeetingState.CONFIRMED:
        return "unknown" if meeting.slot is not None and meeting.slot.end_at <= now else "upcoming"
    return _NAMES.get(meeting.state)


_NAMES = {
    MeetingState.PROPOSED: "open",
    MeetingState.DECLINED: "declined",
    MeetingState.EXPIRED: "expired",
    MeetingState.HELD: "held",
    MeetingState.NO_SHOW: "no_show",
}


def _keys(meeting: Meeting, groupings: Sequence[Grouping], zone: str) -> Iterator[Key]:
    yield from product(*(_names(meeting, grouping, zone) for grouping in groupings))


def _names(meeting: Meeting, grouping: Grouping, zone: str) -> Sequence[str]:
    if grouping is Grouping.HOST:
        hosts = meeting.offered_hosts if meeting.slot is None else meeting.slot.hosts
        return hosts or ("",)
    if grouping is Grouping.CAMPAIGN:
        return (meeting.campaign_id or "",)
    if grouping is Grouping.TYPE:
        return (meeting.type_id,)
    day = meeting.proposed_at.astimezone(zone_named(zone)).date()
    if grouping is Grouping.WEEK:
        year, week, _ = day.isocalendar()
        return (f"{year}-W{week:02}",)
    return (day.isoformat() if grouping is Grouping.DAY else f"{day:%Y-%m}",)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
