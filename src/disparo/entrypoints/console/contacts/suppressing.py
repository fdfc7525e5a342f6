"""Addresses that must be left alone: look one up, add, lift, bring in a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.suppression import Suppression
from disparo.entrypoints.console.contacts.lists import HOME
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.uploads import Upload, received
from disparo.usecases import people
from disparo.usecases.suppression_lists import ListReport, ListTerms, import_list

PAGE = f"{HOME}/suppressions"
ROWS = 50


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PAGE)
    _one_by_one(routes, console)
    _by_file(routes, console)
    return routes


def _one_by_one(routes: APIRouter, console: Console) -> None:
    store = console.house.store

    @routes.get("", name="suppressions.list")
    async def list_(request: Request, q: str = "", after: str = "") -> Response:
        return await _page(request, q.strip()[:320], after[:340], Form())

    @routes.post("", name="suppressions.add")
    async def add(request: Request) -> Response:
        _ = console.words(request).gettext
        form = await read_form(request)
        only = Channel(form.get("channel")) if form.get("channel") in set(Channel) else None
        now, source = console.house.clock.now(), request.state.principal.actor
        try:
            cancelled = await people.suppress(store, form.get("address"), only, source=source, now=now)
        except InputError as error:
            wrong = Form(form.values, {"address": str(error)})
            return await _page(request, "", "", wrong, 422)
        request.state.audit = {"channel": only or "", "cancelled": cancelled}
        told = console.words(request).ngettext(
            "Bloqueado; %(count)s mensagem que esperava foi cancelada.",
            "Bloqueado; %(count)s mensagens que esperavam foram canceladas.",
            cancelled,
        )
        return console.redirect(request, PAGE, told)

    @routes.post("/remove", name="suppressions.remove")
    async def remove(request: Request) -> Response:
        _ = console.words(request).gettext
        form = await read_form(request)
        lifted = await people.unsuppress(store, form.get("address"))
        told = _("Desbloqueado. O que foi cancelado continua cancelado.") if lifted else _("Não havia bloqueio.")
        return console.redirect(request, PAGE, told)

    async def _page(request: Request, text: str, after: str, form: Form, status: int = 200) -> Response:
        found: Sequence[Suppression]
        fault, onward = "", None
        if text:
            try:
                found = await store.suppressions.matching([people.address_key(text)])
            except InputError as error:
                found, fault = [], str(error)
        else:
            found = await store.suppressions.page(after, ROWS + 1)
            keys = sorted({one.key for one in found})
            found = [one for one in found if one.key in keys[:ROWS]]
            onward = keys[ROWS - 1] if len(keys) > ROWS else None
        values: dict[str, Any] = {"q": text, "found": found, "fault": fault, "after": onward, "form": form}
        values["begun"] = bool(after)
        return console.page(request, "contacts/suppressions.html", status, **values)


def _by_file(routes: APIRouter, console: Console) -> None:
    @routes.get("/import", name="suppressions.ask_import")
    async def ask(request: Request) -> Response:
        return console.page(request, "contacts/suppression_import.html", form=Form(), report=None)

    @routes.post("/import", name="suppressions.import")
    async def import_(request: Request) -> Response:
        try:
            async with received(request) as upload:
                report = await _import(console, upload)
        except InputError as error:
            form = Form(general=str(error).splitlines())
            return console.page(request, "contacts/suppression_import.html", 422, form=form, report=None)
        request.state.audit = {"addresses": report.addresses, "cancelled": report.cancelled}
        return console.page(request, "contacts/suppression_import.html", form=Form(), report=report)


async def _import(console: Console, upload: Upload) -> ListReport:
    from disparo.adapters.files.address_list import open_address_list

    house = console.house
    channel = upload.text("channel", one_of=[*Channel])
    terms = ListTerms(Channel(channel) if channel else None, upload.flag("hash"), house.settings.default_region)
    async with upload.on_disk() as path:
        return await import_list(house.store, open_address_list(path), terms, house.clock.now())
