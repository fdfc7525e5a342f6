"""Meetings as iCalendar texts, for mail and for feeds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.agenda.calendar_event import CalendarEvent
from disparo.domain.template import Invitation


class Invitations(Protocol):
    """Writes iCalendar (RFC 5545). Times are UTC; the same event and instant give the same text."""

    def invitation(self, event: CalendarEvent, now: datetime) -> Invitation:
        """What invites the attendees, or (of a cancelled event) calls it off (RFC 5546, REQUEST, CANCEL)."""
        ...

    def feed(self, name: str, events: Sequence[CalendarEvent], now: datetime) -> str:
        """A calendar of these events to subscribe to (RFC 5546, PUBLISH)."""
        ...
