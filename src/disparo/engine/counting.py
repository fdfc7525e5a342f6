"""Counting what a worker does, for numbers and alarms."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from disparo.domain.figure import Counted, Series, count_time
from disparo.domain.message import Claimed, MessageEvent
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.engine.agenda.figures import Figures
from disparo.engine.dispatch import Route
from disparo.ports.ledger import Claim
from disparo.ports.numbers import Numbers

WRITE_EVERY = timedelta(seconds=2)
"""How much a kill loses, at most; a busy worker's counts of so long are one small write."""

BEAT_EVERY = timedelta(seconds=20)

ERRORS = frozenset({FailureClass.TRANSIENT, FailureClass.AUTH, FailureClass.PERMANENT, FailureClass.UNKNOWN})
"""Failures of ours or of a provider: not what is wrong with a recipient, nor that it was too much at once."""

_ENDS = {
    MessageEvent.ACCEPT: Counted.SENT,
    MessageEvent.REJECT: Counted.FAILED,
    MessageEvent.EXHAUST: Counted.FAILED,
}


class Counting:
    """One worker's counts until they are written down; they decide nothing, so what goes wrong with them stops nothing.

    Of a store that cannot be written to, counts wait until it can.
    """

    def __init__(
        self, numbers: Numbers, worker: str, routes: Mapping[str, Route], figures: Figures | None = None
    ) -> None:
        self._numbers, self._worker, self._routes, self._figures = numbers, worker, routes, figures
        self._counts: Counter[Series] = Counter()
        self._write_at: datetime | None = None
        self._beat_at: datetime | None = None

    def settled(self, settlements: Iterable[Settlement]) -> None:
        """Messages came to something that was written down."""
        for one in settlements:
            channel = "" if one.sender is None else str(one.sender.channel)
            if (end := _ENDS.get(one.event)) is not None:
                self._counts[Series(channel, one.id.campaign_id, end)] += 1
            if one.failure in ERRORS:
                self._counts[Series(channel, one.id.campaign_id, Counted.ERRORS)] += 1

    def answered(self, message: Claimed, took: timedelta) -> None:
        """A provider answered, so long after the message's moment."""
        count_time(self._counts, message.channel, message.id.campaign_id, took)

    def claimed(self, sender: str, claim: Claim) -> None:
        """A sender's claim came back; counted when a window of some permit book stood in its way."""
        book, found, _ = claim.reason.rpartition(":")
        if found:
            campaign_id = book.partition("/")[2]  # of a campaign's own limits (`Sender.campaign_book`)
            self._counts[Series(self._routes[sender].sender.channel, campaign_id, Counted.LIMITED)] += 1

    async def run(self, now: datetime) -> datetime:
        """Write down what was counted, and that this worker is alive, each when it is time; when it is next."""
        if _is_time(self._beat_at, now, BEAT_EVERY):
            await self._say_alive(now)
            self._beat_at = now + BEAT_EVERY
        if _is_time(self._write_at, now, WRITE_EVERY):
            await self.flush(now)
            self._write_at = now + WRITE_EVERY
        assert self._write_at is not None
        return self._write_at

    async def flush(self, now: datetime) -> None:
        """Write down what was counted, now."""
        if self._figures is not None:
            self._counts.update(self._figures.take().counts)
        if not self._counts:
            return
        counts, self._counts = self._counts, Counter()
        try:
            await self._numbers.add(counts, now)
        except Exception:
            self._counts.update(counts)
            logging.getLogger(__name__).exception("counts_not_written")

    async def _say_alive(self, now: datetime) -> None:
        try:
            await self._numbers.beat(self._worker, now)
        except Exception:
            logging.getLogger(__name__).exception("beat_not_written")


def _is_time(at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether it is `at`, or a clock that was set back would make it wait longer than ever."""
    return at is None or not at - every <= now < at
