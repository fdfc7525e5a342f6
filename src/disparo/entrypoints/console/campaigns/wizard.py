"""Writing a campaign, page by page: whom, what, when, what will come of it, start.

What is written is kept as a sketch with every page, so that one can go away and come back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.campaign_document import parse_campaign
from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.errors import DisparoError, InputError
from disparo.entrypoints.console.campaigns import wizard_end, wizard_forecast, wizard_messages
from disparo.entrypoints.console.campaigns.places import PATH
from disparo.entrypoints.console.campaigns.sending_form import (
    WINDOWS,
    sending_failed,
    sending_form,
    sending_parts,
    zone_options,
)
from disparo.entrypoints.console.campaigns.sketches import (
    OF,
    channels_of,
    document_of,
    keep,
    path_of,
    reached,
    way,
)
from disparo.entrypoints.console.forms import OVERTAKEN, SEEN, Form, read_form
from disparo.entrypoints.console.shell import Console

MOST_LISTS = 60
SAMPLE = 5
SketchId = Annotated[str, Path(max_length=40)]
_ANY = datetime(2000, 1, 1, tzinfo=UTC)


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=f"{PATH}/new")
    house = console.house

    @routes.post("", name="campaigns.new")
    async def new(request: Request) -> Response:
        """Begin a new one."""
        sketch = CampaignSketch(token_hex(8), {}, request.state.principal.name)
        await house.store.sketches.put(sketch, house.clock.now())
        return console.redirect(request, path_of(sketch.id, "audience"))

    @routes.get("", name="campaigns.new_page")
    async def nowhere(request: Request) -> Response:
        """Where somebody came by an old address."""
        return console.redirect(request, "/console/campaigns")

    @routes.get("/{sketch_id}", name="campaigns.sketch")
    async def onward(request: Request, sketch_id: SketchId) -> Response:
        """To the page that comes next."""
        sketch = await house.store.sketches.get(sketch_id)
        return console.redirect(request, path_of(sketch_id, ("audience", "messages")[min(reached(sketch), 2) - 1]))

    @routes.post("/{sketch_id}/drop", name="campaigns.drop_sketch")
    async def drop(request: Request, sketch_id: SketchId) -> Response:
        """Forget it."""
        await house.store.sketches.remove(sketch_id)
        return console.redirect(request, "/console/campaigns", console.words(request).gettext("Descartada."))

    _audience(console, routes)
    _sending(console, routes)
    wizard_messages.add(console, routes)
    wizard_forecast.add(console, routes)
    wizard_end.add(console, routes)
    return routes


def _audience(console: Console, routes: APIRouter) -> None:
    house = console.house

    async def shown(request: Request, sketch: CampaignSketch, form: Form, chosen: str, status: int = 200) -> Response:
        lists = await house.store.contacts.lists()
        sample = await house.store.contacts.page(chosen, None, SAMPLE) if chosen else []
        return console.page(
            request,
            "campaigns/audience.html",
            status=status,
            form=form,
            sketch=sketch,
            lists=lists[:MOST_LISTS],
            more_lists=len(lists) > MOST_LISTS,
            chosen=next((one for one in lists if one.name == chosen), None),
            sample=sample,
            way=way(sketch, console.words(request).gettext),
        )

    @routes.get("/{sketch_id}/audience", name="campaigns.audience")
    async def audience(
        request: Request, sketch_id: SketchId, list_: Annotated[str, Query(alias="list", max_length=100)] = ""
    ) -> Response:
        """What it is called, and for whom it is."""
        sketch = await house.store.sketches.get(sketch_id)
        chosen = list_ or str(sketch.document.get("list") or "")
        form = Form.of({"name": sketch.document.get("name"), "list": chosen or None})
        seen = _audience_form(sketch).mark
        return await shown(request, sketch, replace(form, values={**form.values, SEEN: [seen]}), chosen)

    @routes.post("/{sketch_id}/audience", name="campaigns.set_audience")
    async def set_audience(request: Request, sketch_id: SketchId) -> Response:
        """Keep name and list."""
        sketch, form = await house.store.sketches.get(sketch_id), await read_form(request)
        parts = {"name": form.get("name"), "list": form.get("list")}
        present = _audience_form(sketch)
        if form.overtaken(present):
            told = form.again(console.words(request).gettext(OVERTAKEN), of=present.mark)
            return await shown(request, sketch, told, parts["list"], 409)
        sketch = await keep(console, sketch, parts, request.state.principal.name)
        try:
            _check_audience(parts)
            await _refuse_taken(console, sketch)
        except DisparoError as error:
            told = replace(form, values={**form.values, SEEN: [_audience_form(sketch).mark]}).failed(error)
            return await shown(request, sketch, told, parts["list"], 422)
        return console.redirect(request, path_of(sketch_id, "messages"))


def _audience_form(sketch: CampaignSketch) -> Form:
    return Form.of({key: sketch.document.get(key) or None for key in ("name", "list")})


def _check_audience(parts: dict[str, str]) -> None:
    if not parts["list"]:
        raise InputError("list: escolha uma lista")
    shell = {"steps": [{"channel": "sms", "text": "x"}], **parts}
    try:
        parse_campaign({key: value for key, value in shell.items() if value}, created_at=_ANY)
    except InputError as error:
        line = str(error).splitlines()[0]
        place, _, said = line.partition(": ")
        raise InputError(f"{place.partition(' = ')[0]}: {said}") from None


async def _refuse_taken(console: Console, sketch: CampaignSketch) -> None:
    name = sketch.document.get("name")
    taken = {one.name: one.id for one in await console.house.store.campaigns.all()}
    if name in taken and taken[str(name)] != sketch.document.get(OF):
        raise InputError(f"name: já existe uma campanha com o nome {name}; escolha outro")


def _sending(console: Console, routes: APIRouter) -> None:
    house = console.house

    def shown(request: Request, sketch: CampaignSketch, form: Form, status: int = 200) -> Response:
        channels = channels_of(sketch)
        return console.page(
            request,
            "campaigns/sending.html",
            status=status,
            form=form,
            sketch=sketch,
            channels=channels,
            windows=WINDOWS,
            zones=zone_options(form.get("zone"), console.formats(request)),
            senders=[sender for sender, _ in house.carriers if sender.channel in channels],
            way=way(sketch, console.words(request).gettext),
        )

    @routes.get("/{sketch_id}/sending", name="campaigns.sending")
    async def sending(request: Request, sketch_id: SketchId) -> Response:
        """In which hours, how fast, from when and until when."""
        sketch = await house.store.sketches.get(sketch_id)
        return shown(request, sketch, sending_form(sketch.document, house.settings.hours_document()).marked)

    @routes.post("/{sketch_id}/sending", name="campaigns.set_sending")
    async def set_sending(request: Request, sketch_id: SketchId) -> Response:
        """Keep hours and limits."""
        sketch, form = await house.store.sketches.get(sketch_id), await read_form(request)
        present = sending_form(sketch.document, house.settings.hours_document())
        if form.overtaken(present):
            again = form.again(console.words(request).gettext(OVERTAKEN), of=present.mark)
            return shown(request, sketch, again, 409)
        try:
            parts = sending_parts(form, sketch.document, house.settings.hours_document(), channels_of(sketch))
            _check_sending(console, sketch, parts)
        except DisparoError as error:
            return shown(request, sketch, sending_failed(form, error), 422)
        await keep(console, sketch, parts, request.state.principal.name)
        return console.redirect(request, path_of(sketch_id, "forecast"))


def _check_sending(console: Console, sketch: CampaignSketch, parts: dict[str, Any]) -> None:
    shell = {"name": "x", "list": "x", "steps": [{"channel": "sms", "text": "x"}]}
    document = document_of(console, replace(sketch, document=parts))
    parse_campaign({**shell, **document}, created_at=_ANY)
