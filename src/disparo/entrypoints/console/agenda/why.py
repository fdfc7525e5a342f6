"""Why a time is not offered: a question with an answer for every time (I12)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.agenda.availability import SlotDecision, SlotReason
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.place import Place
from disparo.entrypoints.console.agenda.when import instant_of, zone_of
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.words import Translate
from disparo.entrypoints.words.agenda_sentences import slot_words
from disparo.ports.contacts import known_contact, name_of
from disparo.usecases.agenda.why import SlotExplanation, why_slot

Text = Annotated[str, Query(max_length=60)]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    house = console.house

    @routes.get("/console/agenda/why", name="agenda.why")
    async def why(
        request: Request,
        type_: Annotated[str, Query(alias="type", max_length=40)] = "",
        at: Text = "",
        contact: Text = "",
    ) -> Response:
        _ = console.words(request).gettext
        types = await house.store.hosts.types()
        person = await known_contact(house.store.contacts, contact) if contact else None
        place = None if person is None else person.place or Place(zone_of(console).key)
        zone = zone_of(console)
        start_at = instant_of(at, ZoneInfo(place.zone) if place else zone)
        form = Form.of({"type": type_, "at": _local(start_at, place.zone if place else zone.key), "contact": contact})
        found = None
        if at and start_at is None:
            form = form.failed(InputError(_("at: escreva dia e hora")))
        elif type_ and start_at is not None:
            try:
                found = await why_slot(house.store.hosts, house.desk, type_, place, start_at, house.clock.now())
            except (InputError, NotFoundError) as error:
                form = form.failed(InputError(str(error)))
        return console.page(
            request,
            "agenda/why.html",
            form=form,
            types=[(one.id, one.title) for one in types],
            found=found,
            at=start_at,
            clock=place.zone if place else zone.key,
            person=name_of(person),
            verdicts=[] if found is None else [_verdict(one, found, _) for one in found.decisions],
        )

    return routes


def _verdict(one: SlotDecision, found: SlotExplanation, _: Translate) -> tuple[str, bool, str, datetime | None]:
    """Who, whether they are free, why not, and from when on this rule would not refuse."""
    host = found.hosts.get(one.host_id)
    return host.name if host else one.host_id, one.reason is SlotReason.FREE, slot_words(one, _), one.until


def _local(at: datetime | None, zone: str) -> str:
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"
