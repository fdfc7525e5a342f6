"""A host: a person whose calendar meetings are put into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours


class CalendarKind(StrEnum):
    """Where a host's calendar is kept."""

    LOCAL = "local"
    """With us: the host's meetings, holds and blocks are all there is."""
    GOOGLE = "google"
    CALDAV = "caldav"
    MCP = "mcp"


@dataclass(frozen=True, slots=True)
class CalendarRef:
    """A host's calendar: `secret` names its credentials, `name` the calendar there ("" is the secret's own)."""

    kind: CalendarKind = CalendarKind.LOCAL
    secret: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A vacation, or any other time in which a host takes no meetings, from `start_at` until `end_at`."""

    start_at: datetime
    end_at: datetime
    label: str = ""


@dataclass(frozen=True, slots=True)
class DayLimits:
    """How many meetings a host takes in a day and in a week (from Monday) of their own zone; None is any number."""

    per_day: int | None = None
    per_week: int | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """Whose time it is. `id` is a short name (`ana`); `revision` rises with each change.

    `hours` are their business hours with holidays, as everywhere; `place` decides zone and regional holidays. One that
    is not `active` is offered no more; what was agreed stands. `language` is `pt` or `en`.
    """

    id: str
    name: str
    place: Place
    hours: BusinessHours
    email: str | None = None
    phone: str | None = None
    calendar: CalendarRef = CalendarRef()
    limits: DayLimits = DayLimits()
    blocks: tuple[Block, ...] = ()
    active: bool = True
    language: str = "pt"
    feed_link: int = 0
    """Which link to the feed of their meetings holds; renewing it makes the earlier ones worthless."""
    revision: int = 0
