"""What one does with a campaign: start, pause, resume, cancel, copy, change limits and hours, look at its messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.campaign_document import campaign_document
from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.errors import DisparoError, InputError, TransitionError
from disparo.entrypoints.console.campaigns.before_start import checks_of, may_start, try_out
from disparo.entrypoints.console.campaigns.places import PATH
from disparo.entrypoints.console.campaigns.previewing import framed, mail_page, seen
from disparo.entrypoints.console.campaigns.sending_form import (
    WINDOWS,
    sending_failed,
    sending_form,
    sending_parts,
    zone_options,
)
from disparo.entrypoints.console.campaigns.sketches import OF, SEEN_AS
from disparo.entrypoints.console.campaigns.standing import wait_in_words
from disparo.entrypoints.console.forms import OVERTAKEN, Form, mark_of, read_form
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http import compiling
from disparo.ports.store import Store
from disparo.usecases import campaign_edits
from disparo.usecases import campaigns as usecase

Name = Annotated[str, Path(max_length=100)]
ContactId = Annotated[str, Query(max_length=40)]
_MOVED = {
    "pause": mark("Campanha pausada."),
    "resume": mark("Campanha retomada."),
    "cancel": mark("Campanha cancelada."),
}


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    for event in (usecase.pause, usecase.resume, usecase.cancel):
        name = event.__name__
        routes.post(f"/{{name}}/{name}", name=f"campaigns.page_{name}")(_mover(console, event, _MOVED[name]))
    _copying(console, routes)
    _changing(console, routes)
    _looking(console, routes)
    _starting(console, routes)
    return routes


def _mover(
    console: Console, event: Callable[[Store, str, datetime], Awaitable[Campaign]], told: str
) -> Callable[[Request, str], Awaitable[Response]]:
    async def move(request: Request, name: Name) -> Response:
        try:
            campaign = await event(console.house.store, name, console.house.clock.now())
        except TransitionError as error:  # pressed twice, or on a page that was overtaken
            return _as_it_is(console, request, f"{PATH}/{name}", error)
        return console.redirect(request, f"{PATH}/{campaign.id}", console.words(request).gettext(told))

    return move


def _as_it_is(console: Console, request: Request, path: str, error: TransitionError) -> Response:
    """To the campaign, with what keeps it from doing what was asked."""
    told = console.words(request).gettext("Nada foi mudado: %(why)s.", why=plain(str(error)))
    return console.redirect(request, path, told, "info")


def _copying(console: Console, routes: APIRouter) -> None:
    house = console.house

    async def begun(request: Request, document: dict[str, object]) -> Response:
        sketch = CampaignSketch(token_hex(8), document, request.state.principal.name)
        await house.store.sketches.put(sketch, house.clock.now())
        return console.redirect(request, f"/console/campaigns/new/{sketch.id}/audience")

    def begun_already(request: Request, campaign: Campaign) -> Response:
        _ = console.words(request).gettext
        told = _("Só um rascunho se edita. Mude limites e horários, ou duplique a campanha.")
        return console.redirect(request, f"{PATH}/{campaign.id}", told, "info")

    @routes.post("/{name}/duplicate", name="campaigns.page_duplicate")
    async def duplicate(request: Request, name: Name) -> Response:
        """Begin a new one that is like this one."""
        campaign = await house.store.campaigns.get(name)
        if campaign.standing:
            raise InputError(f'a campanha "{campaign.name}" é do próprio programa e não se copia')
        copy = campaign_edits.copied(campaign, await _free_name(house.store, campaign.name))
        return await begun(request, copy)

    @routes.get("/{name}/edit", name="campaigns.edit")
    async def edit(request: Request, name: Name) -> Response:
        """Ask before a draft is opened: a link changes nothing."""
        campaign = await house.store.campaigns.get(name)
        if campaign.state is not CampaignState.DRAFT:
            return begun_already(request, campaign)
        return console.page(request, "campaigns/edit.html", campaign=campaign)

    @routes.post("/{name}/edit", name="campaigns.page_edit")
    async def edit_now(request: Request, name: Name) -> Response:
        """Open a draft, to be written on."""
        campaign = await house.store.campaigns.get(name)
        if campaign.state is not CampaignState.DRAFT:
            return begun_already(request, campaign)
        document = campaign_document(campaign)
        return await begun(request, {**document, OF: campaign.id, SEEN_AS: mark_of(document)})


async def _free_name(store: Store, name: str) -> str:
    taken = {one.name for one in await store.campaigns.all()}
    return next(free for number in range(2, 10_000) if (free := f"{name[:58]}-{number}") not in taken)


def _changing(console: Console, routes: APIRouter) -> None:
    house = console.house

    def shown(request: Request, campaign: Campaign, form: Form, status: int = 200) -> Response:
        channels = list(dict.fromkeys(step.channel for step in campaign.steps))
        return console.page(
            request,
            "campaigns/limits.html",
            status=status,
            campaign=campaign,
            form=form,
            channels=channels,
            windows=WINDOWS,
            zones=zone_options(form.get("zone"), console.formats(request)),
            senders=[sender for sender, _ in house.carriers if sender.channel in channels],
        )

    @routes.get("/{name}/limits", name="campaigns.limits_page")
    async def limits(request: Request, name: Name) -> Response:
        """The limits and hours of a campaign, while it runs as well."""
        campaign = await house.store.campaigns.get(name)
        form = sending_form(campaign_document(campaign), house.settings.hours_document())
        return shown(request, campaign, form.marked)

    @routes.post("/{name}/limits", name="campaigns.change_limits")
    async def change(request: Request, name: Name) -> Response:
        """Change them, from the next message on."""
        _ = console.words(request).gettext
        campaign, form, now = await house.store.campaigns.get(name), await read_form(request), house.clock.now()
        channels = list(dict.fromkeys(step.channel for step in campaign.steps))
        document = campaign_document(campaign)
        present = sending_form(document, house.settings.hours_document())
        if form.overtaken(present):
            return shown(request, campaign, form.again(_(OVERTAKEN), of=present.mark), 409)
        try:
            part = sending_parts(form, document, house.settings.hours_document(), channels)
            document = dict(await campaign_edits.changed(house.store, name, part))
            compiled = await compiling.ready(house, document)
            await usecase.update(house.store, name, document, compiled, now, house.carriers)
        except DisparoError as error:
            return shown(request, campaign, sending_failed(form, error), 422)
        request.state.audit = {"changed": sorted(part)}
        return console.redirect(request, f"/console/campaigns/{campaign.id}", _("Mudado, a partir do próximo envio."))


def _looking(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.get("/{name}/messages", name="campaigns.messages_page")
    async def messages(request: Request, name: Name, contact: ContactId = "") -> Response:
        """Each message as a contact gets it."""
        campaign = await house.store.campaigns.get(name)
        found = await seen(console, campaign, contact)
        in_words = partial(wait_in_words, _=console.words(request).gettext)
        page = console.page(request, "campaigns/messages.html", campaign=campaign, seen=found, in_words=in_words)
        return framed(page)

    @routes.get("/{name}/mail/{step}", name="campaigns.mail")
    async def mail(name: Name, step: Annotated[int, Path(ge=1, le=99)], contact: ContactId = "") -> Response:
        """The HTML of one message, for a frame."""
        campaign = await house.store.campaigns.get(name)
        found = await seen(console, campaign, contact)
        return mail_page(next((one for one in found.previews if one.step == step), None))


def _starting(console: Console, routes: APIRouter) -> None:
    house = console.house

    async def shown(request: Request, campaign: Campaign, form: Form, status: int = 200) -> Response:
        _ = console.words(request).gettext
        checks = await checks_of(console, campaign, compiling.Compiled(), _)
        lists = {one.name: one.contacts for one in await house.store.contacts.lists()}
        document = campaign_document(campaign)
        return console.page(
            request,
            "campaigns/start_draft.html",
            status=status,
            campaign=campaign,
            base=f"{PATH}/{campaign.id}",
            form=form,
            checks=checks,
            ready=may_start(checks),
            steps=document["steps"],
            contacts=lists.get(campaign.list_name, 0),
            live=house.settings.live,
            document=document,
            in_words=partial(wait_in_words, _=_),
        )

    @routes.get("/{name}/start", name="campaigns.draft_page")
    async def start_page(request: Request, name: Name) -> Response:
        """Everything of a draft once more, and the button."""
        campaign = await house.store.campaigns.get(name)
        if campaign.state is not CampaignState.DRAFT:
            return console.redirect(request, f"{PATH}/{campaign.id}")
        return await shown(request, campaign, Form.of({"step": "1", "address": ""}))

    @routes.post("/{name}/start", name="campaigns.page_start")
    async def start(request: Request, name: Name) -> Response:
        """Let a draft begin."""
        campaign, form = await house.store.campaigns.get(name), Form.of({"step": "1", "address": ""})
        try:
            await usecase.start(house.store, campaign.id, house.clock.now(), house.carriers)
        except InputError as error:
            return await shown(request, campaign, form.failed(error), 422)
        except TransitionError as error:
            return _as_it_is(console, request, f"{PATH}/{campaign.id}", error)
        told = console.words(request).gettext("Campanha iniciada.")
        return console.redirect(request, f"{PATH}/{campaign.id}", told)

    @routes.post("/{name}/test", name="campaigns.page_test")
    async def try_one(request: Request, name: Name) -> Response:
        """Send one of its messages to an address of one's own."""
        _ = console.words(request).gettext
        campaign, form = await house.store.campaigns.get(name), await read_form(request)
        try:
            await try_out(console, request, campaign, compiling.Compiled(), form)
        except DisparoError as error:
            return await shown(request, campaign, form.failed(error), 422)
        told = _("Teste a caminho de %(address)s.", address=form.get("address"))
        return console.redirect(request, f"{PATH}/{campaign.id}/start#test", told)
