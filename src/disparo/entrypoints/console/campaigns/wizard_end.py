"""The last pages of writing a campaign: what will come of it, trying it, starting it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.errors import DisparoError
from disparo.entrypoints.console.campaigns.before_start import Check, Translate, checks_of, may_start, try_out
from disparo.entrypoints.console.campaigns.charting import Bar, charts_of, over_time
from disparo.entrypoints.console.campaigns.foreseen import sentences
from disparo.entrypoints.console.campaigns.sketches import OF, document_of, path_of, steps_of, way, whole
from disparo.entrypoints.console.campaigns.standing import wait_in_words
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.foreseeing import Foreseeing, Order
from disparo.usecases import campaigns as usecase

SketchId = Annotated[str, Path(max_length=40)]


def add(console: Console, routes: APIRouter) -> None:
    """Put the routes among those of the wizard."""
    _forecast(console, routes)
    _start(console, routes)


def _forecast(console: Console, routes: APIRouter) -> None:
    house = console.house
    foreseeing = Foreseeing(house)

    async def foreseen(request: Request, sketch: CampaignSketch) -> dict[str, Any]:
        try:
            campaign, _compiled = await whole(console, sketch)
            found = await foreseeing.foresee(Order(campaign, house.clock.now()))
        except DisparoError as error:
            return {"forecast": None, "fault": str(error), "chart": None, "said": []}
        _, charts = console.words(request).gettext, charts_of(console, request)
        bars = [Bar(one.begins_at, one.messages, not one.open) for one in found.hours]
        chart = over_time(bars, found.zone, charts, _)
        said = sentences(found, console.formats(request), _)
        return {"forecast": found, "fault": "", "chart": chart, "said": said}

    @routes.get("/{sketch_id}/forecast", name="campaigns.forecast")
    async def forecast(
        request: Request, sketch_id: SketchId, run: Annotated[str, Query(max_length=1)] = ""
    ) -> Response:
        """When it begins and ends and what limits it; played when `run` asks for it."""
        sketch = await house.store.sketches.get(sketch_id)
        found = await foreseen(request, sketch) if run else {"forecast": None, "fault": "", "chart": None, "said": []}
        steps = way(sketch, console.words(request).gettext)
        return console.page(request, "campaigns/forecast.html", sketch=sketch, way=steps, run=bool(run), **found)

    @routes.get("/{sketch_id}/forecast/result", name="campaigns.forecast_result")
    async def result(request: Request, sketch_id: SketchId) -> Response:
        """The result alone, for the script that waits for it."""
        sketch = await house.store.sketches.get(sketch_id)
        return console.fragment(request, "campaigns/foreseen.html", sketch=sketch, **await foreseen(request, sketch))


def _start(console: Console, routes: APIRouter) -> None:
    house = console.house

    async def shown(request: Request, sketch: CampaignSketch, form: Form, status: int = 200) -> Response:
        _ = console.words(request).gettext
        checks = await _checks(console, sketch, _)
        lists = {one.name: one.contacts for one in await house.store.contacts.lists()}
        return console.page(
            request,
            "campaigns/start.html",
            status=status,
            sketch=sketch,
            form=form,
            checks=checks,
            ready=may_start(checks),
            base=path_of(sketch.id),
            steps=steps_of(sketch),
            contacts=lists.get(str(sketch.document.get("list")), 0),
            live=house.settings.live,
            document=document_of(console, sketch),
            in_words=partial(wait_in_words, _=_),
            way=way(sketch, _),
        )

    @routes.get("/{sketch_id}/start", name="campaigns.start_page")
    async def start_page(request: Request, sketch_id: SketchId) -> Response:
        """Everything once more, and the button."""
        return await shown(request, await house.store.sketches.get(sketch_id), Form.of({"step": "1", "address": ""}))

    @routes.post("/{sketch_id}/start", name="campaigns.start_now")
    async def start(request: Request, sketch_id: SketchId) -> Response:
        """Make it a campaign, and let it begin where that is asked for."""
        _ = console.words(request).gettext
        sketch, form, now = await house.store.sketches.get(sketch_id), await read_form(request), house.clock.now()
        try:
            campaign = await _made(console, sketch)
            await house.store.sketches.remove(sketch.id)
            request.state.audit = {"campaign": campaign.id, "started": form.get("do") == "start"}
            if form.get("do") != "start":
                return console.redirect(request, f"/console/campaigns/{campaign.id}", _("Guardada como rascunho."))
        except DisparoError as error:
            return await shown(request, sketch, form.failed(error), 422)
        try:
            await usecase.start(house.store, campaign.id, now, house.carriers)
        except DisparoError as error:
            told = _("Guardada como rascunho, mas não começou: %(error)s", error=str(error))
            return console.redirect(request, f"/console/campaigns/{campaign.id}", told, "bad")
        return console.redirect(request, f"/console/campaigns/{campaign.id}", _("Campanha iniciada."))

    @routes.post("/{sketch_id}/test", name="campaigns.try_out")
    async def try_one(request: Request, sketch_id: SketchId) -> Response:
        """Send one of its messages to an address of one's own."""
        _ = console.words(request).gettext
        sketch, form = await house.store.sketches.get(sketch_id), await read_form(request)
        try:
            campaign, compiled = await whole(console, sketch)
            await try_out(console, request, campaign, compiled, form)
        except DisparoError as error:
            return await shown(request, sketch, form.failed(error), 422)
        told = _("Teste a caminho de %(address)s.", address=form.get("address"))
        return console.redirect(request, path_of(sketch_id, "start#test"), told)


async def _made(console: Console, sketch: CampaignSketch) -> Campaign:
    """The campaign, kept; a draft that was opened again is changed."""
    house, now = console.house, console.house.clock.now()
    _campaign, compiled = await whole(console, sketch)
    document = document_of(console, sketch)
    if (of := sketch.document.get(OF)) is not None:
        return await usecase.update(house.store, str(of), document, compiled, now, house.carriers)
    return await usecase.create(house.store, document, compiled, now)


async def _checks(console: Console, sketch: CampaignSketch, _: Translate) -> Sequence[Check]:
    try:
        campaign, compiled = await whole(console, sketch)
    except DisparoError as error:
        return [Check(_("A campanha ainda tem o que corrigir"), "bad", str(error))]
    return await checks_of(console, campaign, compiled, _)
