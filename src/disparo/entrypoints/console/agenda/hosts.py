"""Hosts: who they are, when they work and when they do not, their calendars and how these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.host import Block, CalendarKind, Host
from disparo.domain.agenda.host_document import host_document
from disparo.domain.errors import InputError, NotFoundError, RevisionError
from disparo.domain.place import Place
from disparo.entrypoints.console.agenda.calendar import PATIENCE
from disparo.entrypoints.console.agenda.documents import failed, host_form, host_of, revision_of
from disparo.entrypoints.console.agenda.when import span_words
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.words import Translate
from disparo.ports.links import feed_url
from disparo.usecases.agenda import hosting
from disparo.usecases.agenda.times import calendars_read

PATH = "/console/hosts"
_KINDS = {
    CalendarKind.LOCAL: mark("Só aqui"),
    CalendarKind.GOOGLE: mark("Google Agenda"),
    CalendarKind.CALDAV: mark("CalDAV (Nextcloud, iCloud, Fastmail)"),
    CalendarKind.MCP: mark("MCP"),
}
ZONES = (
    *("America/Sao_Paulo", "America/Manaus", "America/Cuiaba", "America/Fortaleza", "America/Recife", "America/Bahia"),
    *("America/Rio_Branco", "America/Noronha", "Europe/Lisbon", "America/New_York", "America/Argentina/Buenos_Aires"),
)
"""Zones to choose from; any other one may be written."""


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house
    hosts = house.store.hosts

    @routes.get("", name="hosts.pages")
    async def list_(request: Request, check: Annotated[str, Query(max_length=5)] = "") -> Response:
        known, types = await hosts.hosts(), await hosts.types()
        health: Mapping[str, BusyTimes] = await _health(console, known) if check else {}
        given = {one.id: [kind.title for kind in types if one.id in kind.hosts] for one in known}
        return console.page(
            request,
            "agenda/hosts.html",
            hosts=known,
            given=given,
            health=health,
            checked=bool(check),
            kind_words=_kinds(console.words(request).gettext),
        )

    @routes.get("/new", name="hosts.new")
    async def new(request: Request) -> Response:
        hours = house.settings.hours()
        usual = Host("", "", Place(house.settings.business_hours_timezone), hours)
        return _edit(console, request, None, host_form(usual))

    @routes.post("", name="hosts.create")
    async def create(request: Request) -> Response:
        form = await read_form(request)
        return await _save(console, request, None, form, form.get("id"))

    @routes.get("/{host_id}", name="hosts.page")
    async def show(request: Request, host_id: str) -> Response:
        host = await hosts.host(host_id)
        return _edit(console, request, host, host_form(host), await _health(console, [host]))

    @routes.post("/{host_id}", name="hosts.change")
    async def change(request: Request, host_id: str) -> Response:
        return await _save(console, request, await hosts.host(host_id), await read_form(request), host_id)

    _blocking(console, routes)
    return routes


def _blocking(console: Console, routes: APIRouter) -> None:
    house = console.house
    hosts = house.store.hosts

    @routes.post("/{host_id}/blocks", name="hosts.page.block")
    async def block(request: Request, host_id: str) -> Response:
        form, _ = await read_form(request), console.words(request)
        end = form.get("end_at") or form.get("start_at")
        try:
            start, label = form.get("start_at"), form.get("label")
            done = await hosting.block(hosts, house.store.meetings, host_id, start, end, label)
        except InputError as error:
            host = await hosts.host(host_id)
            return _edit(console, request, host, host_form(host), status=422, block=form.failed(error))
        told = _.gettext("Bloqueado.")
        if done.meetings:
            told = _.ngettext(
                "Bloqueado. %(count)s reunião continua marcada nesse tempo.",
                "Bloqueado. %(count)s reuniões continuam marcadas nesse tempo.",
                len(done.meetings),
            )
        return console.redirect(request, f"{PATH}/{host_id}#blocks", told, "warn" if done.meetings else "good")

    @routes.post("/{host_id}/unblock", name="hosts.page.unblock")
    async def unblock(request: Request, host_id: str) -> Response:
        form = await read_form(request)
        await hosting.unblock(hosts, host_id, form.get("start_at"))
        told = console.words(request).gettext("O tempo voltou a ser da agenda.")
        return console.redirect(request, f"{PATH}/{host_id}#blocks", told)

    @routes.post("/{host_id}/feed", name="hosts.page.renew_feed")
    async def renew(request: Request, host_id: str) -> Response:
        await hosting.renew_feed(hosts, host_id)
        told = console.words(request).gettext("O link é outro agora; o anterior não abre mais.")
        return console.redirect(request, f"{PATH}/{host_id}#feed", told)


def _kinds(_: Translate) -> Mapping[str, str]:
    return {str(kind): _(text) for kind, text in _KINDS.items()}


async def _health(console: Console, hosts: Sequence[Host]) -> Mapping[str, BusyTimes]:
    now = console.house.clock.now()
    found = await calendars_read(console.house.calendars, hosts, now, now + hosting.LOOKED_AHEAD, PATIENCE)
    return {host.id: one for host, one in zip(hosts, found, strict=True)}


async def _save(console: Console, request: Request, host: Host | None, form: Form, host_id: str) -> Response:
    house, _ = console.house, console.words(request).gettext
    try:
        if host is None and await _exists(console, host_id):
            raise InputError(_("id: já há um anfitrião com este nome curto"))
        known: Mapping[str, Any] = {} if host is None else host_document(host)
        over = 0 if host is None else revision_of(form)
        document = host_of(form, known, host_id)
        kept, _new = await hosting.keep_host(house.store.hosts, document, house.settings.hours_document(), over)
    except RevisionError:
        assert host is not None, "a new one is of no revision"
        again = form.again(_(OVERTAKEN), revision=host.revision)
        return _edit(console, request, host, again, status=409)
    except InputError as error:
        return _edit(console, request, host, failed(form, error), status=422)
    return console.redirect(request, f"{PATH}/{kept.id}", _("Salvo."))


async def _exists(console: Console, host_id: str) -> bool:
    try:
        await console.house.store.hosts.host(host_id)
    except NotFoundError:
        return False
    return True


def _blocks(console: Console, request: Request, host: Host | None) -> Sequence[tuple[Block, str]]:
    """Times that are blocked, and how they are told on the host's clock."""
    if host is None:
        return ()
    zone, formats = ZoneInfo(host.place.zone), console.formats(request)
    return [(one, span_words(one.start_at, one.end_at, zone, formats)) for one in host.blocks]


def _edit(
    console: Console,
    request: Request,
    host: Host | None,
    form: Form,
    health: Mapping[str, BusyTimes] | None = None,
    status: int = 200,
    block: Form | None = None,
) -> Response:
    _ = console.words(request).gettext
    feed = None if host is None else feed_url(console.house.links, host.id, host.feed_link)
    return console.page(
        request,
        "agenda/host.html",
        status,
        host=host,
        form=form,
        block=block or Form(),
        health=(health or {}).get(host.id) if host is not None else None,
        feed=feed,
        blocks=_blocks(console, request, host),
        zones=ZONES,
        kinds=list(_kinds(_).items()),
        kind_words=_kinds(_),
    )
