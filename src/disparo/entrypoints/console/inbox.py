"""The inbox: conversations, answers by hand, what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.inbox_entry import ReplyOutcome
from disparo.domain.library_template import LibraryTemplate
from disparo.domain.principal import Principal
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.compiling import Compiled
from disparo.entrypoints.http.pages import cut
from disparo.entrypoints.words.agenda_sentences import NOTICES
from disparo.entrypoints.writing import HandOrder, write_by_hand
from disparo.usecases import threads
from disparo.usecases.threads import Thread

PATH = "/console/inbox"
LINES = 30
MOST_TEMPLATES = 100
OUTCOMES = {
    ReplyOutcome.DONE: mark("Resolvido"),
    ReplyOutcome.INTERESTED: mark("Tem interesse"),
    ReplyOutcome.NOT_INTERESTED: mark("Sem interesse"),
    ReplyOutcome.WRONG_PERSON: mark("Não é a pessoa (bloqueia o endereço)"),
    ReplyOutcome.OPTED_OUT: mark("Não quer mais mensagens (bloqueia a pessoa)"),
}

After = Annotated[str | None, Query(max_length=100)]
Show = Annotated[str, Query(max_length=10)]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("", name="inbox.pages")
    async def list_(request: Request, show: Show = "", after: After = None) -> Response:
        values = await _list(console, show, after)
        return console.page(request, "inbox/list.html", 200, **values, thread=None)

    @routes.get("/lines", name="inbox.lines")
    async def lines(request: Request, show: Show = "", after: After = None, now: str = "") -> Response:
        return console.fragment(request, "inbox/lines.html", **await _list(console, show, after), now=now[:300])

    @routes.get("/{owner:path}", name="inbox.page")
    async def page(request: Request, owner: str, show: Show = "", after: After = None) -> Response:
        return await _page(console, request, owner, Form(), show, after)

    @routes.post("/{owner:path}/reply", name="inbox.reply_by_page")
    async def reply(request: Request, owner: str) -> Response:
        form, _ = await read_form(request), console.words(request).gettext
        try:
            written = await write_by_hand(house, _order(request, owner, form))
        except InputError as error:
            return await _page(console, request, owner, form.failed(error), status=422)
        request.state.audit = {"message": written.message_id}
        if form.get("settles"):
            await _settle(console, request, owner, ReplyOutcome.DONE)
        told = {
            "answer": _("Enviada: sai assim que o limite do remetente permitir."),
            "note": _("Guardada: sai no horário comercial do contato."),
        }
        return console.redirect(request, _address(owner), told.get(written.purpose, ""))

    @routes.post("/{owner:path}/outcome", name="inbox.settle_by_page")
    async def outcome(request: Request, owner: str) -> Response:
        form, _ = await read_form(request), console.words(request).gettext
        wanted = next((one for one in ReplyOutcome if one == form.get("outcome")), None)
        if wanted is None:
            raise InputError("outcome: escolha o que resultou")
        await _settle(console, request, owner, wanted)
        return console.redirect(request, _address(owner), _("Anotado."))

    return routes


async def _list(console: Console, show: str, after: str | None) -> dict[str, object]:
    pending = show != "all"
    found, more = cut(await threads.threads(console.house.store, after, LINES + 1, unhandled=pending), LINES)
    return {
        "threads": found,
        "pending": pending,
        "after": found[-1][0].latest.id if more else None,
        "begins": after,
        "path": PATH,
    }


async def _page(
    console: Console,
    request: Request,
    owner: str,
    form: Form,
    show: str = "",
    after: str | None = None,
    status: int = 200,
) -> Response:
    house, now = console.house, console.house.clock.now()
    thread = await threads.thread(house.store, owner, Compiled(), house.carriers, now)
    templates = await house.store.templates.page(None, MOST_TEMPLATES)
    values = await _list(console, show, after)
    return console.page(
        request,
        "inbox/thread.html",
        status,
        **values,
        thread=thread,
        form=form if form.values else Form.of(_first(thread)),
        templates=_of_open_ways(thread, templates),
        outcomes=OUTCOMES,
        notices=NOTICES,
        key=form.get("key") or token_hex(8),
        home=_address(owner),
        now_at=now,
    )


def _first(thread: Thread) -> dict[str, object]:
    """What the form begins with: the channel that they wrote by last, when it is open."""
    open_ways = [one.channel for one in thread.ways if one.open]
    wrote_by = [one.channel for one in reversed(thread.lines) if one.entry is not None and one.channel in open_ways]
    return {
        "channel": next(iter([*wrote_by, *open_ways]), ""),
        "text": "",
        "subject": "",
        "template": "",
        "settles": "1",
    }


def _of_open_ways(thread: Thread, templates: Sequence[LibraryTemplate]) -> list[LibraryTemplate]:
    channels = {one.channel for one in thread.ways if one.open}
    return [one for one in templates if one.channel in channels]


def _order(request: Request, owner: str, form: Form) -> HandOrder:
    channel = next((one for one in Channel if one == form.get("channel")), None)
    if channel is None:
        raise InputError("channel: escolha um canal")
    principal: Principal = request.state.principal
    return HandOrder(
        contact_id=owner,
        channel=channel,
        key=f"page {form.get('key')[:64]}",
        by=principal.actor,
        text=form.get("text"),
        subject=form.get("subject"),
        template=form.get("template") or None,
    )


async def _settle(console: Console, request: Request, owner: str, outcome: ReplyOutcome) -> None:
    store, principal = console.house.store, request.state.principal
    waiting = await threads.pending(store, owner)
    await threads.settle(store, waiting, outcome, principal.actor, console.house.clock.now())


def _address(owner: str) -> str:
    return f"{PATH}/{quote(owner, safe='')}"
