"""Telling other programs what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.webhook import Event, EventType
from disparo.domain.webhook_delivery import Delivery


class Events(Protocol):
    """Takes events for the endpoints that asked for their types; they are delivered later, at least once.

    What happens by itself or may be repeated is published before it is written down, so that a kill in between loses
    nothing: the same event again is the same. Of what may not come about after all the event carries a proof, by which
    it is checked before it is told.
    """

    kept: asyncio.Event
    """Set whenever something was kept here: whoever delivers clears it and looks."""

    async def wanted(self, types: Collection[EventType], now: datetime) -> bool:
        """Whether any endpoint is told of one of these types; as of a moment ago (`FRESH_FOR`), which costs nothing."""
        ...

    def deliveries(self, events: Sequence[Event], now: datetime) -> Sequence[Delivery]:
        """What `publish` would keep of them, for a store that keeps it together with the change that they tell of.

        Ask whether they are `wanted` before.
        """
        ...

    async def publish(self, events: Sequence[Event], now: datetime) -> None:
        """Keep them for each endpoint that wants them; nothing is done for types that nobody wants. StoreError."""
        ...

    async def decide(self, events: Sequence[Event], happened: bool, now: datetime) -> None:
        """Of events with a proof: what they tell of came about, so that nobody has to look; or it did not."""
        ...


class NoEvents:
    """`Events` that nobody hears."""

    def __init__(self) -> None:
        self.kept = asyncio.Event()

    async def wanted(self, types: Collection[EventType], now: datetime) -> bool:  # noqa: ARG002
        """See `Events.wanted`."""
        return False

    def deliveries(self, events: Sequence[Event], now: datetime) -> Sequence[Delivery]:  # noqa: ARG002
        """See `Events.deliveries`."""
        return ()

    async def publish(self, events: Sequence[Event], now: datetime) -> None:
        """See `Events.publish`."""

    async def decide(self, events: Sequence[Event], happened: bool, now: datetime) -> None:
        """See `Events.decide`."""
