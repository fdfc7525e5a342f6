"""Alarms as events, for the endpoints that asked for them."""

from __future__ import annotations

from datetime import datetime

from disparo.domain.alarm import AlarmChange
from disparo.domain.alarm_words import alarm_data
from disparo.domain.errors import StoreError
from disparo.domain.webhook import Event, EventType
from disparo.ports.events import Events


class AlarmEvents:
    """`TellsAlarms` by publishing `alarm.changed`, which is delivered, signed and repeated like any event."""

    name = "endpoints"

    def __init__(self, events: Events) -> None:
        self._events = events

    async def tell(self, change: AlarmChange, now: datetime) -> str | None:
        """See `TellsAlarms.tell`."""
        event = Event.of(EventType.ALARM_CHANGED, change.standing.since, alarm_data(change), key=(change.id,))
        try:
            await self._events.publish([event], now)
        except StoreError:
            return "store_unreachable"
        return None
