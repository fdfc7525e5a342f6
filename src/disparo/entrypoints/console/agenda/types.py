"""Types of meetings with all their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from disparo.domain.agenda.meeting_type import Assignment, MeetingType, OutsideHours
from disparo.domain.agenda.type_document import type_document
from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.entrypoints.console.agenda.documents import OWN_TEXTS, failed, revision_of, type_form, type_of
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.words import words
from disparo.entrypoints.words.agenda_sentences import NOTICES
from disparo.ports.agenda import hosts_by_id
from disparo.usecases.agenda.hosting import keep_type

PATH = "/console/agenda/types"


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    hosts = console.house.store.hosts

    @routes.get("", name="meeting_types.pages")
    async def list_(request: Request) -> Response:
        known = await hosts.types()
        links = {one.id: console.house.links.type_url(one.id) for one in known if one.public}
        names = {one.id: one.name for one in await hosts.hosts()}
        return console.page(request, "agenda/types.html", types=known, names=names, links=links)

    @routes.get("/new", name="meeting_types.new")
    async def new(request: Request) -> Response:
        active = [one.id for one in await hosts.hosts() if one.active]
        form = type_form(MeetingType("", "", tuple(active[:1])))
        return await _edit(console, request, None, form)

    @routes.post("", name="meeting_types.create")
    async def create(request: Request) -> Response:
        form = await read_form(request)
        return await _save(console, request, None, form, form.get("id"))

    @routes.get("/{type_id}", name="meeting_types.page")
    async def show(request: Request, type_id: str) -> Response:
        one = await hosts.type(type_id)
        return await _edit(console, request, one, type_form(one))

    @routes.post("/{type_id}", name="meeting_types.change")
    async def change(request: Request, type_id: str) -> Response:
        return await _save(console, request, await hosts.type(type_id), await read_form(request), type_id)

    return routes


async def _save(console: Console, request: Request, one: MeetingType | None, form: Form, type_id: str) -> Response:
    from disparo.bootstrap import renderer

    _ = console.words(request).gettext
    try:
        if one is None and await _exists(console, type_id):
            raise InputError(_("id: já há um tipo com este nome curto"))
        known: Mapping[str, Any] = {} if one is None else type_document(one)
        over = 0 if one is None else revision_of(form)
        kept, _new = await keep_type(console.house.store.hosts, type_of(form, known, type_id), renderer(), over)
    except RevisionError:
        assert one is not None, "a new one is of no revision"
        again = form.again(_(OVERTAKEN), revision=one.revision)
        return await _edit(console, request, one, again, status=409)
    except InputError as error:
        return await _edit(console, request, one, failed(form, error), 422)
    return console.redirect(request, f"{PATH}/{kept.id}", _("Salvo. O que já foi combinado fica como está."))


async def _exists(console: Console, type_id: str) -> bool:
    try:
        await console.house.store.hosts.type(type_id)
    except NotFoundError:
        return False
    return True


async def _edit(console: Console, request: Request, one: MeetingType | None, form: Form, status: int = 200) -> Response:
    _ = console.words(request).gettext
    hosts = await hosts_by_id(console.house.store.hosts)
    return console.page(
        request,
        "agenda/type.html",
        status,
        type=one,
        form=form,
        link=console.house.links.type_url(one.id) if one is not None and one.public else None,
        hosts=[(name, host.name, "" if host.active else _("desativado")) for name, host in hosts.items()],
        assignments=[(str(way), words(way, _), _(_ASSIGNED[way])) for way in Assignment],
        outside=[(str(way), words(way, _)) for way in OutsideHours],
        texts=[(str(kind), NOTICES[kind]) for kind in OWN_TEXTS],
    )


_ASSIGNED = {
    Assignment.ROUND_ROBIN: mark("Dos que podem, quem tem menos reuniões na semana."),
    Assignment.ANY: mark("O primeiro da lista que puder."),
    Assignment.TOGETHER: mark("Todos na mesma reunião."),
}
