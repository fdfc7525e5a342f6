"""Events kept for the endpoints that want them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.webhook import Endpoint, Event, EventType
from disparo.domain.webhook_delivery import Delivery
from disparo.ports.webhooks import Webhooks

FRESH_FOR = timedelta(seconds=5)
"""How long what is known of the endpoints is believed: so long may a new one hear nothing yet."""


@dataclass(slots=True)
class _Known:
    endpoints: Sequence[Endpoint]
    types: frozenset[EventType]
    at: datetime


class OutboxEvents:
    """`Events` over the store of endpoints and deliveries, which is asked for the endpoints now and then."""

    def __init__(self, webhooks: Webhooks, *, fresh_for: timedelta = FRESH_FOR) -> None:
        self._webhooks, self._fresh_for = webhooks, fresh_for
        self._known: _Known | None = None
        self.kept = asyncio.Event()

    async def wanted(self, types: Collection[EventType], now: datetime) -> bool:
        """See `Events.wanted`."""
        known = self._known
        if known is None or not known.at <= now < known.at + self._fresh_for:
            known = await self._look(now)
        return not known.types.isdisjoint(types)

    def deliveries(self, events: Sequence[Event], now: datetime) -> Sequence[Delivery]:
        """See `Events.deliveries`."""
        return [Delivery.of(event, one.id, one.include_personal, now) for event, one in self._pairs(events)]

    async def publish(self, events: Sequence[Event], now: datetime) -> None:
        """See `Events.publish`."""
        if await self.wanted({one.type for one in events}, now):
            await self._webhooks.put(self.deliveries(events, now))
            self.kept.set()

    async def decide(self, events: Sequence[Event], happened: bool, now: datetime) -> None:
        """See `Events.decide`."""
        if await self.wanted({one.type for one in events}, now):
            await self._webhooks.decide([(one.id, event.id) for event, one in self._pairs(events)], happened)
            self.kept.set()

    def forget(self) -> None:
        """Ask for the endpoints with the next event: one was changed here."""
        self._known = None

    def _pairs(self, events: Sequence[Event]) -> list[tuple[Event, Endpoint]]:
        endpoints = self._known.endpoints if self._known is not None else ()
        return [(event, one) for event in events for one in endpoints if one.wants(event.type)]

    async def _look(self, now: datetime) -> _Known:
        endpoints = await self._webhooks.endpoints()
        types = frozenset(kind for kind in EventType if any(one.wants(kind) for one in endpoints))
        self._known = _Known(endpoints, types, now)
        return self._known
