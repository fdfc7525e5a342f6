"""What the engine's agenda is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from disparo.domain.policies.business_hours import BusinessHours
from disparo.engine.agenda.figures import Figures
from disparo.ports.calendars import Calendars
from disparo.ports.desk import Desk
from disparo.ports.invitations import Invitations
from disparo.ports.wording import Wording


@dataclass(frozen=True, slots=True)
class AgendaParts:
    """What an installation brings along; `hours` are those in which contacts are messaged."""

    desk: Desk
    calendars: Calendars
    wording: Wording
    invitations: Invitations
    hours: BusinessHours
    own_address: Callable[[], Awaitable[str | None]]
    """The address of ours that mail is sent from and read at, to which calendar programs are to answer."""
    figures: Figures = field(default_factory=Figures)
    """What is to be measured of it."""
