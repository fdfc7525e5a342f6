"""A new meeting: with whom, what for, and when; agreed at once or offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel, Contact
from disparo.domain.place import Place
from disparo.entrypoints.console.agenda.answers import tell
from disparo.entrypoints.console.agenda.calendar import PATIENCE
from disparo.entrypoints.console.agenda.free import DayOfTimes, days_of
from disparo.entrypoints.console.agenda.when import instant_of, zone_of
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.own_path import link
from disparo.entrypoints.console.shell import Console
from disparo.ports.contacts import known_contact
from disparo.ports.desk import FreeTimes, Wish
from disparo.usecases.agenda.wishes import wish_of

PATH = "/console/agenda/new"
OPERATOR = "operator"
MOST_FOUND = 12
MOST_NOTES = 2_000
_NOTES_IN_LINK = 500
"""Letters of a note that come back when its time was taken meanwhile: addresses of ours have at most 2,000."""
SPAN = timedelta(days=14)
"""How much of the free times is shown at once."""

Text = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of the new meeting so far; `key` makes sending it twice harmless."""

    contact: Contact | None
    type: MeetingType | None
    host: str
    at: datetime | None
    key: str
    zone: str
    """Whose clock times are told by: the contact's."""


@dataclass(frozen=True, slots=True)
class Times:
    """What could be agreed, by day, and what would be offered; `refused` says that the time asked for is not free."""

    days: Sequence[DayOfTimes]
    offers: Sequence[Slot]
    free: FreeTimes
    refused: bool
    back: datetime | None
    onward: datetime


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    house = console.house

    @routes.get(PATH, name="agenda.new")
    async def new(
        request: Request,
        contact: Text = "",
        q: Text = "",
        type_: Annotated[str, Query(alias="type", max_length=40)] = "",
        host: Text = "",
        at: Text = "",
        start: Text = "",
        urgent: Text = "",
        notes: Annotated[str, Query(max_length=MOST_NOTES)] = "",
    ) -> Response:
        types = [one for one in await house.store.hosts.types() if one.active]
        types.sort(key=lambda one: host not in one.hosts)
        draft = await _draft(console, contact, type_, host, at, types)
        found = await house.store.contacts.find(q.strip(), MOST_FOUND) if q.strip() and draft.contact is None else ()
        times, open_ones = None, list[Meeting]()
        if draft.contact is not None:
            open_ones = [one for one in await house.store.meetings.of_contacts([draft.contact.id]) if one.live]
        if draft.contact is not None and draft.type is not None:
            times = await _times(console, draft, start, bool(urgent))
        return console.page(
            request,
            "agenda/new.html",
            draft=draft,
            types=types,
            q=q,
            found=found,
            times=times,
            open_ones=open_ones,
            urgent=bool(urgent),
            form=Form.of({"notes": notes}),
            names={one.id: one.name for one in await house.store.hosts.hosts()},
        )

    @routes.post("/console/agenda/book", name="agenda.book")
    async def book(request: Request) -> Response:
        form = await read_form(request)
        start_at = instant_of(form.get("start_at"), zone_of(console))
        if start_at is None:
            told = console.words(request).gettext("Escolha um horário.")
            return console.redirect(request, _back(form), told, "bad")
        wish = await _wish(console, form)
        host = form.get("host") or None
        answer = await house.desk.book(wish, start_at, house.clock.now(), OPERATOR, host_id=host)
        return await tell(console, request, answer, _back(form))

    @routes.post("/console/agenda/propose", name="agenda.propose")
    async def propose(request: Request) -> Response:
        form = await read_form(request)
        wish = replace(await _wish(console, form), urgent=bool(form.get("urgent")))
        return await tell(console, request, await house.desk.propose(wish, house.clock.now()), _back(form))

    return routes


async def _draft(
    console: Console, contact_id: str, type_id: str, host: str, at: str, types: Sequence[MeetingType]
) -> Draft:
    contact = await known_contact(console.house.store.contacts, contact_id) if contact_id else None
    kind = next((one for one in types if one.id == type_id), None)
    if kind is None and len(types) == 1:
        kind = types[0]
    host = host if kind is None or host in kind.hosts else ""
    zone = zone_of(console)
    place = contact.place if contact is not None else None
    return Draft(contact, kind, host, instant_of(at, zone), uuid4().hex, place.zone if place else zone.key)


async def _times(console: Console, draft: Draft, start: str, urgent: bool) -> Times:
    assert draft.contact is not None and draft.type is not None, "asked for once both are known"
    house, now = console.house, console.house.clock.now()
    wish = replace(_of_contact(console, draft.contact, draft.type.id, draft.key), urgent=urgent)
    begin = instant_of(start, zone_of(console)) or draft.at
    start_at = max(now, begin or now)
    free = await house.desk.free_times(
        draft.type.id,
        wish.place,
        start_at,
        start_at + SPAN,
        now,
        host_id=draft.host or None,
        within=PATIENCE,
    )
    offers = (await house.desk.preview(wish, now, PATIENCE)).slots
    refused = draft.at is not None and not any(one.start_at == draft.at for one in free.slots)
    back = max(now, start_at - SPAN) if start_at > now else None
    return Times(days_of(free.slots, draft.zone), offers, free, refused, back, start_at + SPAN)


async def _wish(console: Console, form: Form) -> Wish:
    contact = await console.house.store.contacts.get(form.get("contact"))
    channel = Channel(form.get("channel")) if form.get("channel") in {*Channel} else None
    wish = _of_contact(console, contact, form.get("type"), form.get("key") or uuid4().hex, channel)
    language = "en" if form.get("language") == "en" else "pt"
    return replace(wish, notes=form.get("notes")[:MOST_NOTES], language=language)


def _of_contact(console: Console, contact: Contact, type_id: str, key: str, channel: Channel | None = None) -> Wish:
    usual = Place(zone_of(console).key)
    return wish_of(contact, type_id, usual, f"console:{key[:64]}", channel=channel)


def _back(form: Form) -> str:
    """Where it was asked for, with what was written."""
    asked = {name: form.get(name) for name in ("contact", "type", "host", "urgent")}
    return link(PATH, {**asked, "notes": form.get("notes")[:_NOTES_IN_LINK]})
