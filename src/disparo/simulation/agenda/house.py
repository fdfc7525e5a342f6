"""The agenda of one process: the real desk and engine, over calendars and a store behind its gate."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from disparo.domain.agenda.calendar_event import CalendarEvent
from disparo.domain.instants import to_ms
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.template import Invitation
from disparo.engine.agenda.parts import AgendaParts
from disparo.ports.desk import Desk
from disparo.ports.store import Store
from disparo.simulation.agenda.calendars import CalendarsOfProcess
from disparo.simulation.agenda.facts import ACT, Act
from disparo.usecases.agenda.desk import AgendaDesk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from disparo.engine.agenda.watch import CalendarWatch
    from disparo.simulation.agenda.life import AgendaLife
    from disparo.simulation.gate import Gate


def parts_of(life: AgendaLife, process: str, gate: Gate, store: Store) -> AgendaParts:
    """What a process's engine has of the agenda."""
    calendars = CalendarsOfProcess(life.calendars, gate)
    desk = WatchedDesk(AgendaDesk(store, calendars, lambda: "simulated"), life, process)
    hours = parse_business_hours(life.plan.hours.document())
    return AgendaParts(cast(Desk, desk), calendars, PlainWording(), PlainInvitations(), hours, _address)


async def _address() -> str | None:
    return "agenda@example.com"


class WatchedDesk:
    """A `Desk` that notes for what its calls look into calendars, and what they answer."""

    def __init__(self, desk: AgendaDesk, life: AgendaLife, process: str) -> None:
        self._desk, self._life, self._process = desk, life, process

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._desk, name)

        async def call(*args: Any, **named: Any) -> Any:
            act = Act(self._process, name, args, named)
            before = ACT.set(act)
            try:
                answer = await real(*args, **named)
            finally:
                ACT.reset(before)
            self._life.answered(act, answer)
            return answer

        setattr(self, name, call)
        return call


class RareWatch:
    """A `CalendarWatch` that looks less often, as worlds last for weeks."""

    def __init__(self, watch: CalendarWatch, life: AgendaLife) -> None:
        self._watch, self._life = watch, life

    async def run(self, now: datetime) -> datetime | None:
        """See `CalendarWatch.run`."""
        looks_at = self._life.looks_at(now)
        if now < looks_at:
            return looks_at
        await self._watch.run(now)
        return self._life.looked(now)


class PlainWording:
    """`Wording` in numbers, as what is simulated is not the texts."""

    def day(self, at: datetime, zone: str, language: str) -> str:  # noqa: ARG002
        """See `Wording.day`."""
        return str(to_ms(at))

    clock = zone = short = day


class PlainInvitations:
    """`Invitations` that name the event only."""

    def invitation(self, event: CalendarEvent, now: datetime) -> Invitation:  # noqa: ARG002
        """See `Invitations.invitation`."""
        return Invitation("CANCEL" if event.cancelled else "REQUEST", f"{event.uid} {event.sequence}")

    def feed(self, name: str, events: Sequence[CalendarEvent], now: datetime) -> str:  # noqa: ARG002
        """See `Invitations.feed`."""
        return name
