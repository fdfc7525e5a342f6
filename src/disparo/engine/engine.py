"""The steps of one worker, wired."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from disparo.engine.dispatch import Dispatch, Route
from disparo.engine.housekeeping import Housekeeping
from disparo.engine.inbound import Collect, Inbound
from disparo.engine.lane_book import LaneBook
from disparo.engine.launch import Launch
from disparo.engine.reconcile import Reconcile
from disparo.ports.channel import Collects
from disparo.ports.ledger import Ledger
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store

MakeDispatch = Callable[[Ledger, LaneBook, Renderer, Mapping[str, Route], Callable[[], float]], Dispatch]


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything that happens by itself; one for each worker."""

    ledger: Ledger
    routes: Mapping[str, Route]
    launch: Launch
    dispatch: Dispatch
    inbound: Inbound
    collect: Collect
    reconcile: Reconcile
    housekeeping: Housekeeping

    @classmethod
    def build(
        cls,
        store: Store,
        renderer: Renderer,
        routes: Mapping[str, Route],
        chance: Callable[[], float],
        *,
        dispatch: MakeDispatch = Dispatch,
    ) -> Self:
        """Wire the steps over a store; `chance` in [0, 1) draws the jitter of retries."""
        ledger = store.ledger
        lanes = LaneBook(ledger, store.campaigns)
        inbound = Inbound(ledger, lanes, store.contacts, store.suppressions)
        collecting = [route.channel for route in routes.values() if isinstance(route.channel, Collects)]
        return cls(
            ledger,
            routes,
            Launch(ledger, lanes),
            dispatch(ledger, lanes, renderer, routes, chance),
            inbound,
            Collect(inbound, collecting),
            Reconcile(ledger, lanes, inbound, routes),
            Housekeeping(ledger, store.campaigns, lanes),
        )
