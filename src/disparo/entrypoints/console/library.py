"""The library of templates: the list, writing one, and seeing what becomes of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.contact import Channel
from disparo.domain.errors import DisparoError, InputError, NotFoundError, RevisionError
from disparo.domain.library_template import DEFAULT_LANGUAGE, LibraryTemplate, library_document
from disparo.entrypoints.console.campaigns.message_form import TEXT_KEYS, faults_of, step_form, step_of
from disparo.entrypoints.console.campaigns.previewing import framed, mail_page
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http import compiling
from disparo.usecases import templates as usecase
from disparo.usecases.previews import Preview

PATH = "/console/templates"
PAGE = 50
Name = Annotated[str, Path(max_length=64)]
LANGUAGES = (("pt-BR", "Português (Brasil)"), ("en", "English"), ("es", "Español"))
_VALUE = re.compile(r"\s*([^\W\d][\w-]*)\s*=\s*(.*)")
MOST_VALUES = 60
_EXAMPLE = "nome = Ana Souza"


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    _listing(console, routes)
    _writing(console, routes)
    _looking(console, routes)
    return routes


def _listing(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.get("", name="library.page")
    async def page(request: Request, after: Annotated[str | None, Query(max_length=64)] = None) -> Response:
        """The library in the order of names."""
        found = await house.store.templates.page(after, PAGE + 1)
        more = found[PAGE - 1].name if len(found) > PAGE else None
        return console.page(
            request, "library/list.html", templates=found[:PAGE], after=more, behind=after, written_in=dict(LANGUAGES)
        )

    @routes.post("/{name}/remove", name="library.remove")
    async def remove(request: Request, name: Name) -> Response:
        """Take one out."""
        await house.store.templates.remove(name)
        return console.redirect(request, PATH, console.words(request).gettext("Modelo retirado da biblioteca."))


def _writing(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.get("/new", name="library.new")
    async def new(request: Request, channel: Annotated[str, Query(max_length=20)] = "whatsapp") -> Response:
        """A new one, of this channel."""
        return await _shown(console, request, _empty(), _channel(channel), None)

    @routes.post("/new", name="library.create")
    async def create(request: Request) -> Response:
        """Keep it."""
        form = await read_form(request)
        return await _saved(console, request, form, _channel(form.get("channel")), None)

    @routes.get("/{name}", name="library.show")
    async def show(request: Request, name: Name) -> Response:
        """One template, to be changed."""
        kept = await house.store.templates.get(name)
        return await _shown(console, request, _form(kept), kept.channel.value, kept)

    @routes.post("/{name}", name="library.save")
    async def save(request: Request, name: Name) -> Response:
        """Change it; what was made of it before keeps its text."""
        form = await read_form(request)
        try:
            kept = await house.store.templates.get(name)
        except NotFoundError:
            told = console.words(request).gettext("O modelo foi retirado enquanto isso; salve para que ele volte.")
            return await _shown(console, request, form.again(told, name=name), _channel(form.get("channel")), None, 409)
        return await _saved(console, request, form, kept.channel.value, kept)


async def _shown(
    console: Console, request: Request, form: Form, channel: str, kept: LibraryTemplate | None, status: int = 200
) -> Response:
    document = _document(form, channel, kept)
    page = console.page(
        request,
        "library/edit.html",
        status=status,
        form=form,
        channel=channel,
        kept=kept,
        written_in=LANGUAGES,
        **await _look(console, document, form.get("values")),
    )
    return framed(page)


async def _saved(
    console: Console, request: Request, form: Form, channel: str, kept: LibraryTemplate | None
) -> Response:
    document = _document(form, channel, kept)
    faults = dict(await asyncio.to_thread(faults_of, _step(document), first=True, renderer=compiling.Compiled()))
    general = [faults.pop("")] if "" in faults else []
    if faults or general:
        return await _shown(console, request, Form(form.values, faults, general), channel, kept, 422)
    try:
        checked = await compiling.checked(console.house, document)
        revision = form.get("revision")
        found = await usecase.save(console.house.store, checked, int(revision) if kept and revision.isdecimal() else 0)
    except DisparoError as error:
        if isinstance(error, RevisionError) and kept is not None:
            form = form.again(console.words(request).gettext(OVERTAKEN), revision=kept.revision)
        else:
            form = form.failed(error)
        return await _shown(console, request, form, channel, kept, 422)
    told = console.words(request).gettext("Modelo guardado.")
    return console.redirect(request, f"{PATH}/{found.kept.name}", told)


def _looking(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.post("/look/{channel}", name="library.look")
    async def look(request: Request, channel: Annotated[str, Path(max_length=20)]) -> Response:
        """What becomes of a text that is being written; nothing is kept."""
        form = await read_form(request)
        found = await _look(console, _document(form, _channel(channel), None), form.get("values"))
        return console.fragment(request, "library/look.html", kept=None, **found)

    @routes.get("/{name}/mail", name="library.mail")
    async def mail(name: Name) -> Response:
        """The HTML of a kept template with the usual values, for a frame."""
        kept = await house.store.templates.get(name)
        return mail_page((await _look(console, library_document(kept), _EXAMPLE))["preview"])


def _channel(text: str) -> str:
    if text not in set(Channel):
        raise InputError("channel: escolha whatsapp, email ou sms")
    return text


def _empty() -> Form:
    return replace(step_form({}), values={**step_form({}).values, "values": [_EXAMPLE], "language": [DEFAULT_LANGUAGE]})


def _form(kept: LibraryTemplate) -> Form:
    form = step_form(library_document(kept))
    extra = {"name": [kept.name], "language": [kept.language], "revision": [str(kept.revision)], "values": [_EXAMPLE]}
    return replace(form, values={**form.values, **extra})


def _document(form: Form, channel: str, kept: LibraryTemplate | None) -> dict[str, Any]:
    """The template that a form says, as a document of the library."""
    before = {"channel": channel, **(library_document(kept) if kept else {})}
    step = step_of(form, before)
    parts = {key: step[key] for key in TEXT_KEYS if key in step}
    name = kept.name if kept else form.get("name")
    return {"channel": channel, "language": form.get("language") or DEFAULT_LANGUAGE, "name": name, **parts}


def _step(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key in (*TEXT_KEYS, "channel")}


async def _look(console: Console, document: Mapping[str, Any], values: str) -> dict[str, Any]:
    """A text as somebody with these values gets it, and what it asks for."""
    given, shown = _values(values), {"company": console.house.settings.company_name}
    try:
        checked = await compiling.checked(console.house, {**document, "name": document.get("name") or "previa"})
        preview = await asyncio.to_thread(_filled, checked, given)
    except DisparoError as error:
        fault = plain(str(error), placed=True) if document.get("text") else ""
        return {**shown, "preview": None, "fault": fault, "asked": []}
    return {**shown, "preview": preview, "fault": "", "asked": [(name, name in given) for name in checked.variables]}


def _filled(checked: usecase.Checked, given: Mapping[str, str]) -> Preview:
    """The text with these values; where one is missing its name stands in its place."""
    values = dict(given)
    for _ in checked.variables:
        found = usecase.filled(checked, None, values)
        if found.error is None or found.error.reason != "missing_variable" or found.error.variable in (None, *values):
            return found
        values[str(found.error.variable)] = f"‹{found.error.variable}›"
    return usecase.filled(checked, None, values)


def _values(text: str) -> dict[str, str]:
    """Lines of `nome = valor`."""
    found = (_VALUE.fullmatch(line) for line in text.splitlines()[:MOST_VALUES])
    return {one[1]: one[2].strip() for one in found if one and one[2].strip()}
