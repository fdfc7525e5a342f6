"""The last page of writing a campaign: everything once more, trying it, starting it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_document import campaign_document
from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.errors import DisparoError, InputError, NotFoundError
from disparo.entrypoints.console.campaigns.before_start import Check, Translate, checks_of, may_start, try_out
from disparo.entrypoints.console.campaigns.sketches import (
    OF,
    SEEN_AS,
    document_of,
    keep,
    path_of,
    steps_of,
    way,
    whole,
)
from disparo.entrypoints.console.campaigns.standing import wait_in_words
from disparo.entrypoints.console.forms import OVERTAKEN, Form, mark_of, read_form
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.told import Tone
from disparo.usecases import campaigns as usecase

SketchId = Annotated[str, Path(max_length=40)]


def add(console: Console, routes: APIRouter) -> None:
    """Put the routes among those of the wizard."""
    _start(console, routes)


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
        form = await read_form(request)
        try:
            sketch = await house.store.sketches.get(sketch_id)
        except NotFoundError as error:
            return await _made_already(console, request, form.get("name"), error)
        try:
            campaign = await _made(console, sketch)
            await house.store.sketches.remove(sketch.id)
            request.state.audit = {"campaign": campaign.id, "started": form.get("do") == "start"}
            if form.get("do") != "start":
                return console.redirect(request, f"/console/campaigns/{campaign.id}", _("Salva como rascunho."))
        except DisparoError as error:
            if await _is_made(console, sketch):  # pressed twice at once: the other one was faster
                return await _made_already(console, request, str(sketch.document["name"]), error)
            return await shown(request, sketch, _wrong(form, error, _), 422)
        return await _started(console, request, campaign)

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


def _wrong(form: Form, error: DisparoError, _: Translate) -> Form:
    return form.again(_(OVERTAKEN)) if str(error) == OVERTAKEN else form.failed(error)


async def _started(console: Console, request: Request, campaign: Campaign) -> Response:
    house, _ = console.house, console.words(request).gettext
    told = _("Campanha iniciada.")
    tone: Tone = "good"
    try:
        await usecase.start(house.store, campaign.id, house.clock.now(), house.carriers)
    except DisparoError as error:
        told = _("Salva como rascunho, mas não começou: %(error)s", error=plain(str(error), placed=True))
        tone = "bad"
    return console.redirect(request, f"/console/campaigns/{campaign.id}", told, tone)


async def _is_made(console: Console, sketch: CampaignSketch) -> bool:
    """Whether there is a campaign of this name that is what the sketch says, as it was made of it a moment ago."""
    name = sketch.document.get("name")
    made = next((one for one in await console.house.store.campaigns.all() if one.name == name), None)
    if made is None or OF in sketch.document:
        return False
    campaign, _compiled = await whole(console, sketch)
    return campaign_document(campaign) == campaign_document(made)


async def _made_already(console: Console, request: Request, name: str, error: DisparoError) -> Response:
    """To the campaign that a sketch has become, whose button was pressed twice; the error where there is none."""
    made = next((one for one in await console.house.store.campaigns.all() if one.name == name), None)
    if made is None:
        raise error
    told = console.words(request).gettext("Esta campanha já foi salva: aqui está ela.")
    return console.redirect(request, f"/console/campaigns/{made.id}", told, "info")


async def _made(console: Console, sketch: CampaignSketch) -> Campaign:
    """The campaign, kept; a draft that was opened again is changed."""
    house, now = console.house, console.house.clock.now()
    _campaign, compiled = await whole(console, sketch)
    document = document_of(console, sketch)
    if (of := sketch.document.get(OF)) is not None:
        await _refuse_overtaken(console, sketch, str(of))
        return await usecase.update(house.store, str(of), document, compiled, now, house.carriers)
    return await usecase.create(house.store, document, compiled, now)


async def _refuse_overtaken(console: Console, sketch: CampaignSketch, of: str) -> None:
    """InputError, once, when the draft is another than the one that was opened: somebody else changed it."""
    present = mark_of(campaign_document(await console.house.store.campaigns.get(of)))
    if sketch.document.get(SEEN_AS) not in (None, present):
        await keep(console, sketch, {SEEN_AS: present}, sketch.by)
        raise InputError(OVERTAKEN)


async def _checks(console: Console, sketch: CampaignSketch, _: Translate) -> Sequence[Check]:
    try:
        campaign, compiled = await whole(console, sketch)
    except DisparoError as error:
        return [Check(_("A campanha ainda tem o que corrigir"), "bad", plain(str(error), placed=True))]
    return await checks_of(console, campaign, compiled, _)
