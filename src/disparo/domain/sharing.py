"""Sharing a sender's permits out among the campaigns that have something due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.policies.rate_limit import Grant, Pace, PermitBook, reserve

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Taken(Generic[R]):
    """A due row that got a permit, and the instant for which it is good."""

    row: R
    permit_at: datetime


@dataclass(slots=True)
class Sharing(Generic[R]):
    """One claim being decided: which due rows get the sender's permits.

    `book` is the sender's; `own_book` gives a campaign's own by one of its lanes, and `due` the first so many rows of
    a campaign's lanes, each time from the first on. Books are changed, rows are not: whoever keeps both writes them
    down afterwards, or nothing at all.
    """

    book: PermitBook
    now: datetime
    horizon: timedelta
    own_book: Callable[[OpenLane], PermitBook]
    due: Callable[[Sequence[OpenLane], int], Sequence[R]]
    pace: Pace | None = None
    taken: list[Taken[R]] = field(default_factory=list)
    own_books: dict[str, PermitBook] = field(default_factory=dict)
    """The books of the campaigns that were served, and of those that their own limits held back."""
    served: Counter[str] = field(default_factory=Counter)
    blocked_until_ms: int | None = None
    reason: str = ""

    def share_out(self, lanes: Sequence[OpenLane], count: int, turns: Mapping[str, int]) -> None:
        """Give each campaign an equal share, in turn; what one does not need goes to the others."""
        hungry = _by_turn(lanes, turns)
        while hungry and len(self.taken) < count:
            still_hungry = []
            for position, own_lanes in enumerate(hungry):
                share = -(-(count - len(self.taken)) // (len(hungry) - position))
                if share and self._serve(own_lanes, share):
                    still_hungry.append(own_lanes)
            hungry = still_hungry

    def _serve(self, lanes: Sequence[OpenLane], share: int) -> bool:
        """Take up to `share` rows of one campaign; whether it may want more."""
        campaign_id = lanes[0].campaign_id
        if (own := self.own_books.get(campaign_id)) is None:
            own = self.own_books[campaign_id] = self.own_book(lanes[0])
        books = [self.book, own]
        now_ms, horizon_ms = to_ms(self.now), self._horizon_ms(lanes)
        # Permits are never given back, so first see how many there would be, then take those that have a message.
        possible = reserve([book.copy() for book in books], share, now_ms, horizon_ms, self.pace)
        before = self.served[campaign_id]
        rows = self.due(lanes, before + possible.count)[before:]
        if len(rows) == possible.count < share:  # with fewer rows than permits no limit stands in the way
            self._blocked_by_own_limit(possible)
        if rows:
            grant = reserve(books, len(rows), now_ms, horizon_ms, self.pace)
            moments = (from_ms(at) for at, times in grant.runs for _ in range(times))
            self.taken.extend(Taken(row, moment) for row, moment in zip(rows, moments, strict=True))
            self.served[campaign_id] += len(rows)
        return len(rows) == share

    def _horizon_ms(self, lanes: Sequence[OpenLane]) -> int:
        closings = [lane.closes_at - self.now - MILLISECOND for lane in lanes if lane.closes_at is not None]
        return max(0, min([self.horizon, *closings]) // MILLISECOND)

    def _blocked_by_own_limit(self, possible: Grant) -> None:
        until_ms = possible.next_at_ms
        if until_ms is not None and (self.blocked_until_ms is None or until_ms < self.blocked_until_ms):
            self.blocked_until_ms, self.reason = until_ms, possible.reason

    def most_served(self) -> list[str]:
        """Whoever got most goes behind the others, so that what cannot be divided goes round."""
        most = max(self.served.values(), default=0)
        return [campaign_id for campaign_id, got in self.served.items() if got == most]


def _by_turn(lanes: Sequence[OpenLane], turns: Mapping[str, int]) -> list[list[OpenLane]]:
    by_campaign: dict[str, list[OpenLane]] = {}
    for lane in lanes:
        by_campaign.setdefault(lane.campaign_id, []).append(lane)
    return [by_campaign[campaign] for campaign in sorted(by_campaign, key=lambda campaign: turns.get(campaign, 0))]
