"""What an operator does with a meeting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.errors import InputError
from disparo.entrypoints.console.agenda.answers import tell
from disparo.entrypoints.console.agenda.calendar import PATIENCE
from disparo.entrypoints.console.agenda.free import days_of
from disparo.entrypoints.console.agenda.meetings import PATH
from disparo.entrypoints.console.agenda.new import OPERATOR
from disparo.entrypoints.console.agenda.when import instant_of, zone_of
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.ports.agenda import hosts_by_id
from disparo.ports.contacts import known_contact, name_of
from disparo.ports.desk import Answer

SPAN = timedelta(days=14)
LONGEST_REASON = 500

Act = Callable[[Console, str, Form], Awaitable[Answer]]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("/{meeting_id}/move", name="meetings.choose")
    async def choose(request: Request, meeting_id: str, start: Annotated[str, Query(max_length=40)] = "") -> Response:
        meeting = await house.store.meetings.get(meeting_id)
        now = house.clock.now()
        start_at = max(now, instant_of(start, zone_of(console)) or now)
        free = await house.desk.free_times(
            meeting.type_id, meeting.place, start_at, start_at + SPAN, now, moving=meeting.id, within=PATIENCE
        )
        hosts = await hosts_by_id(house.store.hosts)
        return console.page(
            request,
            "agenda/move.html",
            meeting=meeting,
            name=name_of(await known_contact(house.store.contacts, meeting.contact_id)),
            days=days_of(free.slots, meeting.place.zone),
            unreadable=[hosts[one].name for one in free.unreadable if one in hosts],
            onward=start_at + SPAN,
            back=max(now, start_at - SPAN) if start_at > now else None,
        )

    for name, act in _ACTS.items():
        routes.post(f"/{{meeting_id}}/{name}", name=f"meetings.page.{name.replace('-', '_')}")(_route(console, act))
    return routes


def _route(console: Console, act: Act) -> Callable[[Request, str], Awaitable[Response]]:
    async def done(request: Request, meeting_id: str) -> Response:
        form = await read_form(request)
        answer = await act(console, meeting_id, form)
        return await tell(console, request, answer, f"{PATH}/{meeting_id}")

    return done


async def _confirm(console: Console, meeting_id: str, form: Form) -> Answer:
    house = console.house
    start_at = instant_of(form.get("start_at"), zone_of(console))
    if start_at is None:
        raise InputError("escolha um dos horários oferecidos")
    return await house.desk.take(meeting_id, start_at, house.clock.now(), OPERATOR)


async def _move(console: Console, meeting_id: str, form: Form) -> Answer:
    house = console.house
    other = await _other_time(console, meeting_id, form)
    start_at = instant_of(other or form.get("start_at"), zone_of(console))
    if start_at is None:
        raise InputError("escolha um horário livre, ou escreva dia e hora")
    return await house.desk.move(meeting_id, start_at, house.clock.now(), OPERATOR)


async def _other_time(console: Console, meeting_id: str, form: Form) -> str:
    """A time that was written instead of chosen, on the contact's clock."""
    if not form.get("other"):
        return ""
    meeting = await console.house.store.meetings.get(meeting_id)
    at = instant_of(form.get("other"), ZoneInfo(meeting.place.zone))
    return "" if at is None else at.isoformat()


async def _offer(console: Console, meeting_id: str, _: Form) -> Answer:
    return await console.house.desk.offer_again(meeting_id, console.house.clock.now(), OPERATOR)


async def _cancel(console: Console, meeting_id: str, form: Form) -> Answer:
    house = console.house
    return await house.desk.cancel(meeting_id, form.get("reason")[:LONGEST_REASON], house.clock.now(), OPERATOR)


async def _decline(console: Console, meeting_id: str, _: Form) -> Answer:
    return await console.house.desk.no(meeting_id, console.house.clock.now())


async def _held(console: Console, meeting_id: str, _: Form) -> Answer:
    return await console.house.desk.outcome(meeting_id, True, console.house.clock.now(), OPERATOR)


async def _missed(console: Console, meeting_id: str, _: Form) -> Answer:
    return await console.house.desk.outcome(meeting_id, False, console.house.clock.now(), OPERATOR)


async def _hand_over(console: Console, meeting_id: str, form: Form) -> Answer:
    return await console.house.desk.hand_to(meeting_id, form.get("host"), console.house.clock.now())


_ACTS = {
    "confirm": _confirm,
    "move": _move,
    "offer": _offer,
    "cancel": _cancel,
    "decline": _decline,
    "held": _held,
    "no-show": _missed,
    "hand-over": _hand_over,
}
