"""A dispatch that tells what it claims and records, for whoever follows a run without being part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from disparo.domain.policies.rate_limit import Pace
from disparo.domain.settlement import Settlement
from disparo.engine.accompaniment import Accompaniment
from disparo.engine.agenda.composing import NoticeComposer
from disparo.engine.by_hand import HandComposer
from disparo.engine.dispatch import Dispatch, Route
from disparo.engine.engine import MakeDispatch
from disparo.engine.lane_book import LaneBook
from disparo.ports.ledger import Claim, Ledger
from disparo.ports.renderer import Renderer
from disparo.ports.suppressions import Suppressions


class Watcher(Protocol):
    """Is told after each claim and each record; it must not wait."""

    def claimed(self, sender: str, count: int, claim: Claim, now: datetime) -> None:
        """A sender asked for `count` messages and got this."""
        ...

    def recorded(self, settlements: list[Settlement]) -> None:
        """These were written down."""
        ...


class WatchedDispatch(Dispatch):
    """`Dispatch`, watched."""

    def __init__(
        self,
        watcher: Watcher,
        ledger: Ledger,
        lanes: LaneBook,
        renderer: Renderer,
        routes: Mapping[str, Route],
        chance: Callable[[], float],
        accompaniment: Accompaniment | None = None,
        suppressions: Suppressions | None = None,
        notices: NoticeComposer | None = None,
        by_hand: HandComposer | None = None,
    ) -> None:
        super().__init__(ledger, lanes, renderer, routes, chance, accompaniment, suppressions, notices, by_hand)
        self._watcher = watcher

    async def claim(
        self, sender: str, count: int, now: datetime, horizon: timedelta = timedelta(0), pace: Pace | None = None
    ) -> Claim:
        """See `Dispatch.claim`."""
        claim = await super().claim(sender, count, now, horizon, pace)
        self._watcher.claimed(sender, count, claim, now)
        return claim

    async def record(self, settlements: list[Settlement], now: datetime) -> None:
        """See `Dispatch.record`."""
        await super().record(settlements, now)
        self._watcher.recorded(settlements)


def watched_by(watcher: Watcher) -> MakeDispatch:
    """What `Engine.build` makes its dispatch with, so that `watcher` is told."""
    return partial(WatchedDispatch, watcher)
