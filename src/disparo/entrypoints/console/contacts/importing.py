"""The import wizard: a file, what its columns are, what would become of its rows, and how it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from fastapi.responses import StreamingResponse

from disparo.domain.contact_import import ENDED, Import, ImportState
from disparo.domain.contact_mapping import CHOICES
from disparo.domain.errors import InputError, TransitionError
from disparo.domain.reason_words import reason_words
from disparo.entrypoints.console.contacts.lists import HOME
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.own_path import link
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import HEADERS, Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http import sse
from disparo.entrypoints.http.imports import take_upload
from disparo.entrypoints.http.uploads import Upload, most_by_form, received
from disparo.entrypoints.import_desk import set_going
from disparo.usecases import imports as usecase
from disparo.usecases.import_previews import ImportPreview, preview

PAGE = f"{HOME}/import"
ROWS = 10
FIELD_WORDS: Mapping[str, str] = {
    "name": mark("Nome"),
    "phone": mark("Telefone ou WhatsApp"),
    "email": mark("E-mail"),
    "contact": mark("Contato (pessoa, telefone ou e-mail)"),
    "document": mark("CPF ou CNPJ"),
    "zone": mark("Fuso horário"),
    "city": mark("Cidade"),
    "state": mark("Estado (UF)"),
    "priority": mark("Prioridade (1 a 9)"),
    "variable": mark("Variável para os textos"),
    "ignore": mark("Não importar"),
}


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PAGE)
    _beginning(routes, console)
    _mapping(routes, console)
    _watching(routes, console)
    return routes


def _beginning(routes: APIRouter, console: Console) -> None:
    house = console.house

    @routes.get("", name="imports.begin")
    async def begin(request: Request, list: str = "", after: str = "") -> Response:  # noqa: A002
        return await _page(request, Form.of({"list": list[:200] or house.settings.default_list}), after)

    @routes.post("", name="imports.upload")
    async def upload(request: Request) -> Response:
        given = Form.of({"list": house.settings.default_list, "file": ""})
        try:
            async with received(request) as file:
                given = Form.of({"list": file.text("list") or house.settings.default_list, "file": ""})
                record = await _take(console, file, given.get("list"))
        except InputError as error:
            return await _page(request, given.failed(error), "", 422)
        request.state.audit = {"import": record.id}
        return console.redirect(request, f"{PAGE}/{record.id}")

    async def _page(request: Request, form: Form, after: str, status: int = 200) -> Response:
        records = await house.imports.page(after[:100] or None, ROWS + 1)
        values = {
            "form": form,
            "imports": records[:ROWS],
            "after": records[ROWS - 1].id if len(records) > ROWS else None,
            "lists": [one.name for one in await house.store.contacts.lists()],
            "most": most_by_form(request, house.settings.upload_limit_mb),
            "whole": house.settings.upload_limit_mb * 1024 * 1024,
        }
        return console.page(request, "contacts/import_file.html", status, **values)


async def _take(console: Console, file: Upload, list_name: str) -> Import:
    """Keep a file as a draft; one that is no table goes at once, with the reason."""
    house = console.house
    record = await take_upload(house, file, usecase.ImportOrder(file.name, list_name, draft=True))
    try:
        await _look(console, record, None, None)
    except InputError as error:
        await house.imports.fail(record.id, str(error), house.clock.now())
        await house.contact_files.discard(record.key)
        raise
    return record


async def _look(
    console: Console, record: Import, mapping: Mapping[str, str] | None, sheet: str | None
) -> ImportPreview:
    from disparo.adapters.files.open_table import open_table

    region = console.house.settings.default_region
    async with console.house.contact_files.fetched(record.key) as file:
        return await asyncio.to_thread(
            lambda: preview(open_table, file.path, sheet=sheet, mapping=mapping, region=region)
        )


def _mapping(routes: APIRouter, console: Console) -> None:
    house = console.house

    @routes.get("/{import_id}/check", name="imports.check")
    async def check(request: Request, import_id: str) -> Response:
        record = await house.imports.get(import_id)
        if record.state is not ImportState.DRAFT:
            return console.redirect(request, f"{PAGE}/{record.id}")
        query = request.query_params
        told, sheet = _told(query), query.get("sheet", "")[:100] or None
        list_name = query.get("list", "")[:200] or record.list_name
        seen = _with_list(await _look(console, record, told, sheet), list_name)
        template = "contacts/import_columns.html" if seen.fault else "contacts/import_check.html"
        chosen = {f"c.{name}": choice for name, choice in seen.mapping.items()}
        back = link(f"{PAGE}/{record.id}", {"list": list_name, "sheet": sheet, **chosen})
        values = {"words": reason_words, "list_name": list_name, "back": back}
        return console.page(
            request, template, 422 if seen.fault else 200, record=record, seen=seen, told=told, sheet=sheet, **values,
            field_words=FIELD_WORDS, lists=[one.name for one in await house.store.contacts.lists()],
        )  # fmt: skip

    @routes.post("/{import_id}/start", name="imports.start")
    async def start(request: Request, import_id: str, later: BackgroundTasks) -> Response:
        form = await read_form(request)
        told = _told({name: form.get(name) for name in form.values}) or {}
        now, sheet = house.clock.now(), form.get("sheet") or None
        try:
            record = await usecase.order(house.imports, import_id, form.get("list"), told, sheet, now)
        except TransitionError:  # pressed twice, or in another tab
            return _begun(console, request, import_id)
        stopping = getattr(request.app.state, "stopping", lambda: False)
        await set_going(house, record.id, later.add_task, stopping)
        answer = console.redirect(request, f"{PAGE}/{record.id}")
        answer.background = later
        return answer

    @routes.post("/{import_id}/discard", name="imports.discard")
    async def discard(request: Request, import_id: str) -> Response:
        _ = console.words(request).gettext
        record = await house.imports.get(import_id)
        if record.state is not ImportState.DRAFT:
            return _begun(console, request, import_id)
        await house.imports.fail(record.id, "descartada antes de começar", house.clock.now())
        await house.contact_files.discard(record.key)
        return console.redirect(request, PAGE, _("Arquivo descartado."), "info")


def _begun(console: Console, request: Request, import_id: str) -> Response:
    told = console.words(request).gettext("Esta importação já tinha sido começada ou descartada.")
    return console.redirect(request, f"{PAGE}/{import_id}", told, "info")


def _with_list(seen: ImportPreview, list_name: str) -> ImportPreview:
    """With a fault where the list cannot be called so."""
    try:
        usecase.check_list(list_name)
    except InputError as error:
        return replace(seen, fault=seen.fault or plain(str(error), placed=True))
    return seen


def _told(given: Mapping[str, str]) -> dict[str, str] | None:
    """What the form says of each column: fields `c.<variable>`; None when it says nothing."""
    told = {name[2:]: value for name, value in given.items() if name.startswith("c.") and value in CHOICES}
    return told or None


def _watching(routes: APIRouter, console: Console) -> None:
    house = console.house

    @routes.get("/{import_id}", name="imports.show")
    async def show(request: Request, import_id: str, sheet: str = "") -> Response:
        record = await house.imports.get(import_id)
        if record.state is not ImportState.DRAFT:
            return console.page(request, "contacts/import_run.html", record=record, words=reason_words)
        told = _told(request.query_params)
        seen = await _look(console, record, None, sheet[:100] or None)
        values: dict[str, Any] = {
            "record": record,
            "seen": seen,
            "told": told or seen.mapping,
            "sheet": sheet[:100] or None,
            "list_name": request.query_params.get("list", "")[:200] or record.list_name,
            "field_words": FIELD_WORDS,
            "lists": [one.name for one in await house.store.contacts.lists()],
        }
        return console.page(request, "contacts/import_columns.html", **values)

    @routes.get("/{import_id}/progress", name="imports.progress")
    async def progress(request: Request, import_id: str) -> Response:
        record = await house.imports.get(import_id)
        return console.fragment(request, "contacts/import_standing.html", record=record, words=reason_words)

    @routes.get("/{import_id}/events", name="imports.console_events")
    async def events(request: Request, import_id: str) -> Response:
        async def look() -> sse.Snapshot:
            record = await house.imports.get(import_id)
            over = record.state in ENDED
            standing = {"state": record.state, "line": record.line}
            return sse.Snapshot(standing, "done" if over else "changed", last=over)

        return await sse.EventStream.of(request, look)

    @routes.get("/{import_id}/rejected", name="imports.console_rejected")
    async def rejected(import_id: str) -> Response:
        record = await house.imports.get(import_id)
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="rejeitados-{record.id}.csv"'}
        return StreamingResponse(_reports(console, record), headers=headers, media_type="text/csv; charset=utf-8")


async def _reports(console: Console, record: Import) -> AsyncIterator[bytes]:
    """All parts as one report."""
    for part in record.reports:
        text = await console.house.contact_files.report(record.id, part)
        yield text if part == record.reports[0] else text.partition(b"\n")[2]
