"""The second page of writing a campaign: its messages, each with what contacts will see of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.campaign import MOST_STEPS, Campaign
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError, InputError, NotFoundError, RevisionError
from disparo.domain.template_document import template_document
from disparo.entrypoints.console.campaigns.message_form import UNITS, faults_of, step_form, step_of
from disparo.entrypoints.console.campaigns.previewing import Seen, framed, mail_page, seen
from disparo.entrypoints.console.campaigns.sketches import (
    TABS,
    document_of,
    keep,
    overtaken,
    path_of,
    refuse_too_large,
    steps_of,
    way,
)
from disparo.entrypoints.console.campaigns.standing import wait_in_words
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.compiling import Compiled
from disparo.usecases.templates import variables_of

SketchId = Annotated[str, Path(max_length=40)]
Number = Annotated[int, Path(ge=1, le=MOST_STEPS)]
ContactId = Annotated[str, Query(max_length=40)]
LIBRARY = 200
"""Templates that are offered; who has more finds them in the library itself."""


def add(console: Console, routes: APIRouter) -> None:
    """Put the routes among those of the wizard."""
    _sequence(console, routes)
    _one(console, routes)
    _keeping(console, routes)


def _sequence(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.get("/{sketch_id}/messages", name="campaigns.sequence")
    async def sequence(request: Request, sketch_id: SketchId) -> Response:
        """All messages in their order, and a new one."""
        sketch = await house.store.sketches.get(sketch_id)
        compiler = Compiled()
        steps = steps_of(sketch)
        faults = [
            await asyncio.to_thread(faults_of, step, first=number == 0, renderer=compiler)
            for number, step in enumerate(steps)
        ]
        return console.page(
            request,
            "campaigns/sequence.html",
            sketch=sketch,
            steps=[(step_form(step).marked, step, faults[number]) for number, step in enumerate(steps)],
            in_words=lambda wait: wait_in_words(wait, console.words(request).gettext),
            library=await house.store.templates.page(None, LIBRARY),
            way=way(sketch, console.words(request).gettext),
        )

    @routes.post("/{sketch_id}/messages", name="campaigns.change_sequence")
    async def change(request: Request, sketch_id: SketchId) -> Response:
        """Put a message at the end, move one, take one out."""
        sketch, form = await house.store.sketches.get(sketch_id), await read_form(request)
        steps = steps_of(sketch)
        onward = path_of(sketch_id, "messages")
        do, _, at = form.get("do").partition(":")
        place = int(at) - 1 if at.isascii() and at.isdecimal() else -1
        if _is_late(form, steps, place):  # pressed twice, or on a page that was overtaken
            told = console.words(request).gettext("A sequência já tinha mudado: confira e repita se ainda for o caso.")
            return console.redirect(request, onward, told, "info")
        if do == "add":
            if len(steps) >= MOST_STEPS:
                raise InputError(f"uma campanha tem no máximo {MOST_STEPS} passos")
            steps.append(await _new_step(console, form, first=not steps))
            onward = path_of(sketch_id, f"messages/{len(steps)}")
        elif 0 <= place < len(steps):
            _moved(steps, do, place)
        await keep(console, sketch, {"steps": steps, TABS: {}}, request.state.principal.name)
        return console.redirect(request, onward)


def _is_late(form: Form, steps: Sequence[Mapping[str, Any]], place: int) -> bool:
    """Whether a form is of a sequence that is another by now: by how many there were, or by the message meant."""
    count = form.get("count")
    if count.isdecimal() and int(count[:4]) != len(steps):
        return True
    return 0 <= place < len(steps) and form.overtaken(step_form(steps[place]))


def _moved(steps: list[dict[str, Any]], do: str, place: int) -> None:
    if do == "remove":
        del steps[place]
    elif do == "up" and place:
        steps[place - 1], steps[place] = steps[place], steps[place - 1]
    elif do == "down" and place + 1 < len(steps):
        steps[place + 1], steps[place] = steps[place], steps[place + 1]
    if steps:
        steps[0] = {**steps[0], "when": "always"}


async def _new_step(console: Console, form: Form, *, first: bool) -> dict[str, Any]:
    wait = {"wait": "0m" if first else "2bd"}
    if name := form.get("template"):
        kept = await console.house.store.templates.get(name)
        return {"channel": kept.channel.value, **wait, **template_document(kept.template)}
    return {"channel": _channel(form), **wait, "text": ""}


def _channel(form: Form) -> str:
    channel = form.get("channel")
    if channel not in set(Channel):
        raise InputError("channel: escolha WhatsApp, e-mail ou SMS")
    return channel


def _one(console: Console, routes: APIRouter) -> None:
    @routes.get("/{sketch_id}/messages/{number}", name="campaigns.message")
    async def message(request: Request, sketch_id: SketchId, number: Number, contact: ContactId = "") -> Response:
        """One message: its text, its conditions, and what a contact will see."""
        sketch = await _sketch(console, sketch_id, number)
        return await _shown(console, request, sketch, number, step_form(steps_of(sketch)[number - 1]).marked, contact)

    @routes.get("/{sketch_id}/mail/{number}", name="campaigns.sketch_mail")
    async def mail(sketch_id: SketchId, number: Number, contact: ContactId = "") -> Response:
        """The HTML of a message, for a frame."""
        sketch = await _sketch(console, sketch_id, number)
        found = (await _look(console, sketch, number, contact))["seen"]
        return mail_page(next(iter(found.previews), None) if found is not None else None)


def _keeping(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.post("/{sketch_id}/messages/{number}", name="campaigns.set_message")
    async def set_message(request: Request, sketch_id: SketchId, number: Number) -> Response:
        """Keep it, right or wrong; a wrong one is shown again with what is wrong."""
        form = await read_form(request)
        try:
            sketch = await _sketch(console, sketch_id, number)
        except NotFoundError:
            return await _gone(console, request, sketch_id, form)
        if overtaken(sketch, number, form):
            fresh = step_form(steps_of(sketch)[number - 1]).mark
            again = form.again(console.words(request).gettext(OVERTAKEN), of=fresh)
            return await _shown(console, request, sketch, number, again, form.get("contact"), 409)
        sketch, step = await _kept(console, sketch, number, form, request.state.principal.name)
        if form.get("do") == "look":
            return console.redirect(
                request, path_of(sketch_id, f"messages/{number}?contact={form.get('contact') or ''}#preview")
            )
        faults = dict(await asyncio.to_thread(faults_of, step, first=number == 1, renderer=Compiled()))
        if faults:
            general = [faults.pop("")] if "" in faults else []
            wrong = replace(form.again("", of=step_form(step).mark), errors=faults, general=general)
            return await _shown(console, request, sketch, number, wrong, form.get("contact"), 422)
        return console.redirect(request, path_of(sketch_id, "messages"))

    @routes.post("/{sketch_id}/messages/{number}/look", name="campaigns.look")
    async def look(request: Request, sketch_id: SketchId, number: Number) -> Response:
        """Keep it and show what a contact would see: what the script asks for while somebody writes."""
        sketch, form = await _sketch(console, sketch_id, number), await read_form(request)
        late = overtaken(sketch, number, form)  # shown, but not kept: that would take away what another page wrote
        sketch, step = _written(sketch, number, form, form.get("tab")[:16])
        refuse_too_large(sketch.document)
        if not late:
            # It is kept over nothing that came in between, as when the same page is saved meanwhile.
            with suppress(RevisionError):
                sketch = await house.store.sketches.put(
                    replace(sketch, by=request.state.principal.name), house.clock.now()
                )
        found = await _look(console, sketch, number, form.get("contact"))
        return console.fragment(request, "campaigns/look.html", sketch=sketch, number=number, step=step, **found)


async def _shown(
    console: Console,
    request: Request,
    sketch: CampaignSketch,
    number: int,
    form: Form,
    contact: str = "",
    status: int = 200,
) -> Response:
    step = steps_of(sketch)[number - 1]
    page = console.page(
        request,
        "campaigns/message.html",
        status=status,
        sketch=sketch,
        number=number,
        step=step,
        form=form,
        tab=form.get("tab") or token_hex(8),
        units=UNITS,
        types=[(one.id, one.title) for one in await console.house.store.hosts.types()],
        way=way(sketch, console.words(request).gettext),
        **await _look(console, sketch, number, contact),
    )
    return framed(page)


async def _gone(console: Console, request: Request, sketch_id: str, form: Form) -> Response:
    """Somebody took the message out while its text was written: it becomes the last one."""
    sketch = await console.house.store.sketches.get(sketch_id)
    steps = [*steps_of(sketch), step_of(form, {"channel": _channel(form)})][:MOST_STEPS]
    await keep(console, sketch, {"steps": steps, TABS: {}}, request.state.principal.name)
    told = console.words(request).gettext("A mensagem tinha sido retirada: o que você escreveu é agora a última.")
    return console.redirect(request, path_of(sketch_id, "messages"), told, "warn")


async def _sketch(console: Console, sketch_id: str, number: int) -> CampaignSketch:
    sketch = await console.house.store.sketches.get(sketch_id)
    if number > len(steps_of(sketch)):
        raise NotFoundError("não há mensagem com este número; volte à sequência")
    return sketch


async def _kept(
    console: Console, sketch: CampaignSketch, number: int, form: Form, by: str
) -> tuple[CampaignSketch, Mapping[str, Any]]:
    written, step = _written(sketch, number, form, "")
    parts = {key: written.document[key] for key in ("steps", TABS)}
    return await keep(console, sketch, parts, by), step


def _written(sketch: CampaignSketch, number: int, form: Form, tab: str) -> tuple[CampaignSketch, Mapping[str, Any]]:
    steps = steps_of(sketch)
    steps[number - 1] = step_of(form, steps[number - 1])
    tabs = {**(sketch.document.get(TABS) or {}), str(number): tab}
    return replace(sketch, document={**sketch.document, "steps": steps, TABS: tabs}), steps[number - 1]


async def _look(console: Console, sketch: CampaignSketch, number: int, contact: str) -> dict[str, Any]:
    """What the page shows beside a message: previews, the variables asked for, and those that nobody gives."""
    compiler = Compiled()
    try:
        campaign = await asyncio.to_thread(_alone, console, sketch, number, console.house.clock.now())
        found: Seen | None = await seen(console, campaign, contact, compiler)
        asked: Sequence[str] = await asyncio.to_thread(variables_of, campaign.steps[0].template, compiler)
        fault = ""
    except DisparoError as error:
        found, asked, fault = None, (), plain(str(error), placed=True)
    given = set(found.contact.variables) if found is not None and found.contact is not None else set()
    return {"seen": found, "asked": [(name, name in given) for name in asked], "fault": fault}


def _alone(console: Console, sketch: CampaignSketch, number: int, now: datetime) -> Campaign:
    """The campaign of one message alone, for the sketch's list."""
    step = {**steps_of(sketch)[number - 1], "when": "always"}
    document = {"name": "previa", "list": "-", **document_of(console, sketch), "steps": [step]}
    return parse_campaign({**document, "name": "previa"}, created_at=now)
