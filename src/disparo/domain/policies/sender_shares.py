"""How several senders of a channel share its traffic: by weight among those that can send, drifting back slowly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LEAST_SHARE = 0.1
"""Of its weight, what a sender gets at once when its breaker has closed again."""

WAITED_FOR = timedelta(seconds=2)
"""How long one that has not asked for messages is still counted."""

FED_FOR = timedelta(milliseconds=500)
"""The same of one that got something and has not come for more: a slow provider's share goes to the others."""

FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Standing:
    """A sender's part: `served` is what it got, in units of its weight, next to the others."""

    weight: int
    served: float = 0.0
    asked_at: datetime | None = None
    away_until: datetime | None = None
    sick: bool = False
    """Whether its breaker was open when it was last heard of."""
    recovering_since: datetime | None = None
    fed: bool = False
    """Whether it got something, so that it would have asked for more at once if it could take more."""
    dry: bool = False
    """Whether there was less for it than it might take: what is due is not for it (a campaign's senders or limits)."""
    gave_way_at: datetime | None = None
    """When it let those go first that are behind it though there was nothing for them lately, or last got something."""


@dataclass(slots=True)
class SenderShares:
    """The senders of one channel, seen from one process.

    A sender that could take more than its share is told to wait while others that can send are behind. Nobody waits
    for one whose breaker is open, whose limit is used up, who does not ask, or for whom there is nothing: its traffic
    goes to the others at once.
    One that comes back begins where the others are, with a tenth of its weight, which grows to the whole over
    `recovery`. What is decided here is who takes a message, never whether it may go: limits and breakers hold besides.
    """

    weights: Mapping[str, int]
    recovery: timedelta
    _standings: dict[str, _Standing] = field(default_factory=dict)
    _in_rounds: bool = False

    def __post_init__(self) -> None:
        self._standings = {name: _Standing(weight) for name, weight in self.weights.items()}

    def announce(self, now: datetime) -> None:
        """All of them are about to ask, in rounds, until they step aside."""
        self._in_rounds = True
        self._expect_all(now)

    def _expect_all(self, now: datetime) -> None:
        for one in self._standings.values():
            one.asked_at, one.fed, one.dry, one.gave_way_at = now, False, False, None

    def allowance(self, name: str, count: int, now: datetime) -> int:
        """How many of `count` messages this sender may take now; 0 when it is the others' turn."""
        if all(standing.asked_at is None for standing in self._standings.values()):
            self._expect_all(now)
        own = self._standings[name]
        others = [one for key, one in self._standings.items() if key != name and _competes(one, now)]
        if not _competes(own, now) and others:
            own.served = max(own.served, min(one.served for one in others))  # away is not owed anything
        own.asked_at = now
        allowed = self._allowed(own, others, count, now)
        own.fed = allowed > 0 and not self._in_rounds
        return allowed

    def _allowed(self, own: _Standing, competing: Sequence[_Standing], count: int, now: datetime) -> int:
        others = [one for one in competing if _busy(one, now)]
        if not others:
            # There may be something for them by now: they are let go first, but not while there is enough for this one.
            lately = own.gave_way_at is not None and abs(now - own.gave_way_at) <= FED_FOR
            if lately or all(one.served >= own.served for one in competing):
                return count
            own.gave_way_at = now
            return 0
        behind = min(one.served for one in others)
        weight = self._weight(own, now)
        share = weight / (weight + sum(self._weight(one, now) for one in others))
        allowed = int(weight * (behind - own.served) + count * share + 1e-9)
        # Whoever is furthest behind always gets one, or rounding could leave everybody waiting for another.
        return min(count, max(allowed, 1 if own.served <= behind else 0))

    def step_aside(self, name: str) -> None:
        """It asks for nothing more until all are announced again: nobody waits for it."""
        self._standings[name].asked_at = None

    def took(self, name: str, count: int, now: datetime) -> None:
        """It got so many messages, so it can send."""
        own = self._standings[name]
        if own.sick and count:
            own.sick, own.recovering_since = False, now
        own.away_until, own.dry, own.gave_way_at = None, False, now
        own.served += count / self._weight(own, now)

    def found_less(self, name: str, now: datetime) -> None:
        """There was less for it than it might take, so nobody waits for it, and it is not owed what others get."""
        own = self._standings[name]
        busy = [one.served for key, one in self._standings.items() if key != name and _busy(one, now)]
        own.served = max(own.served, min(busy, default=own.served))
        own.fed, own.dry, own.gave_way_at = False, True, None

    def away(self, name: str, until: datetime | None, *, sick: bool) -> None:
        """It cannot send until then (None: not known): a limit, or (`sick`) its breaker."""
        own = self._standings[name]
        own.away_until, own.sick = until or FOR_EVER, own.sick or sick

    def _weight(self, one: _Standing, now: datetime) -> float:
        if one.recovering_since is None or not self.recovery:
            return one.weight
        grown = max(LEAST_SHARE, (now - one.recovering_since) / self.recovery)
        if grown >= 1:
            one.recovering_since = None
            return one.weight
        return one.weight * grown


def _competes(one: _Standing, now: datetime) -> bool:
    if one.away_until is not None and now < one.away_until:
        return False
    # Either way: it has not asked "in the future" either, when the clock was set back since.
    return one.asked_at is not None and abs(now - one.asked_at) <= (FED_FOR if one.fed else WAITED_FOR)


def _busy(one: _Standing, now: datetime) -> bool:
    return _competes(one, now) and not one.dry
