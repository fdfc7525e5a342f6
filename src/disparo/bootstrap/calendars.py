"""The kinds of calendars, and the calendar of each host.

Each kind's code is imported when it is first wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from disparo.adapters.calendars.local import LocalCalendar
from disparo.adapters.calendars.only_read import OnlyReadCalendar
from disparo.adapters.calendars.resting import Rests, resting
from disparo.adapters.credentials import Credentials
from disparo.adapters.outside_world import OutsideWorld
from disparo.domain.agenda.host import CalendarKind, Host
from disparo.domain.errors import InputError
from disparo.ports.calendars import Calendar, Closes
from disparo.ports.secrets import Secrets

_CONNECTIONS = 10

Now = Callable[[], datetime]


class Make(Protocol):
    """Makes a calendar of one kind."""

    def __call__(
        self, secrets: Secrets, secret: str, clock: Now, timeout_s: float, outside: OutsideWorld | None = None, /
    ) -> Calendar:
        """Of this secret; with an `outside` it is reached nowhere else."""
        ...


class EachKind:
    """`Calendars` of every kind: one of each for all hosts who share its secret.

    Nothing is reached and no secret is read before a calendar is used. While an installation is not `live` calendars
    are read, and nothing is written into them. One that does not answer in time is left alone for two minutes.
    """

    def __init__(
        self, secrets: Secrets, clock: Now, *, timeout_s: float, live: bool, outside: OutsideWorld | None = None
    ) -> None:
        self._secrets, self._clock, self._timeout_s, self._live = secrets, clock, timeout_s, live
        self._outside = outside
        self._made: dict[tuple[CalendarKind, str], Calendar] = {}
        self._rests = Rests(timeout_s)

    def of(self, host: Host) -> Calendar:
        """See `Calendars.of`."""
        kind, secret = host.calendar.kind, host.calendar.secret
        if kind is CalendarKind.LOCAL:
            return LocalCalendar()
        if not secret:
            raise InputError(f"anfitrião {host.id}: calendar.secret: falta o nome do segredo da agenda {kind}")
        calendar = self._made.get((kind, secret))
        if calendar is None:
            calendar = MAKERS[kind](self._secrets, secret, self._clock, self._timeout_s, self._outside)
            self._made[kind, secret] = calendar
        asked = resting(calendar, self._rests)
        return asked if self._live else OnlyReadCalendar(asked)

    async def close_all(self) -> None:
        """End every connection; one that cannot be ended keeps none of the others open; ExceptionGroup of what went
        wrong. Calendars can be used again afterwards, with the tokens that they have.
        """
        closing = [one.close() for one in self._made.values() if isinstance(one, Closes)]
        found = await asyncio.gather(*closing, return_exceptions=True)
        if faults := [one for one in found if isinstance(one, Exception)]:
            raise ExceptionGroup("calendars", faults)


def _google(
    secrets: Secrets,
    secret: str,
    clock: Now,
    timeout_s: float,
    outside: OutsideWorld | None = None,  # noqa: ARG001  # its address is no secret's
) -> Calendar:
    from disparo.adapters.calendars.google.calendar import GoogleCalendar
    from disparo.adapters.calendars.google.credentials import parse

    credentials = Credentials(secrets, secret, parse)
    return GoogleCalendar(credentials, timeout_s=timeout_s, clock=clock, connections=_CONNECTIONS)


def _caldav(
    secrets: Secrets, secret: str, clock: Now, timeout_s: float, outside: OutsideWorld | None = None
) -> Calendar:
    from disparo.adapters.calendars.caldav.calendar import CaldavCalendar
    from disparo.adapters.calendars.caldav.credentials import parse

    credentials = Credentials(secrets, secret, parse)
    return CaldavCalendar(credentials, timeout_s=timeout_s, clock=clock, connections=_CONNECTIONS, outside=outside)


def _mcp(
    secrets: Secrets,
    secret: str,
    clock: Now,  # noqa: ARG001  # the server has its own
    timeout_s: float,
    outside: OutsideWorld | None = None,
) -> Calendar:
    from disparo.adapters.calendars.mcp.calendar import McpCalendar
    from disparo.adapters.calendars.mcp.credentials import parse

    credentials = Credentials(secrets, secret, parse)
    return McpCalendar(credentials, timeout_s=timeout_s, connections=_CONNECTIONS, outside=outside)


MAKERS: Mapping[CalendarKind, Make] = {
    CalendarKind.GOOGLE: _google,
    CalendarKind.CALDAV: _caldav,
    CalendarKind.MCP: _mcp,
}
"""How a calendar of each kind is made; to add a kind is an entry here and its folder."""
