"""`/console/settings/webhooks`: endpoints of other programs that are told what happens, for admins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fastapi import APIRouter, Request, Response

from disparo.domain.errors import InputError
from disparo.domain.webhook import EndpointState, EventType
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.words.webhook_words import FAULTS, REASONS, STATES
from disparo.usecases import webhooks as usecase
from disparo.usecases.webhooks import EndpointChange, EndpointOrder, WithSecret, parse_types

PATH = "/console/settings/webhooks"
PAGE = 30
TYPES = tuple(str(one) for one in EventType if one is not EventType.WEBHOOK_TESTED)
_LONGEST_ID = 60

EVENTS: Mapping[EventType, str] = {
    EventType.MESSAGE_ACCEPTED: mark("Mensagem enviada"),
    EventType.MESSAGE_DELIVERED: mark("Mensagem entregue"),
    EventType.MESSAGE_READ: mark("Mensagem lida"),
    EventType.MESSAGE_FAILED: mark("Mensagem falhou"),
    EventType.MESSAGE_DEAD: mark("Mensagem virou carta morta"),
    EventType.MESSAGE_IN_DOUBT: mark("Mensagem sem certeza de ter saído"),
    EventType.REPLY_RECEIVED: mark("Resposta recebida"),
    EventType.CONTACT_OPTED_OUT: mark("Contato saiu da lista de envio"),
    EventType.MEETING_PROPOSED: mark("Horários propostos"),
    EventType.MEETING_AGREED: mark("Reunião combinada"),
    EventType.MEETING_MOVED: mark("Reunião remarcada"),
    EventType.MEETING_CANCELLED: mark("Reunião cancelada"),
    EventType.MEETING_DECLINED: mark("Reunião recusada"),
    EventType.MEETING_HELD: mark("Reunião aconteceu"),
    EventType.MEETING_NO_SHOW: mark("Contato faltou à reunião"),
    EventType.MEETING_EXPIRED: mark("Proposta venceu"),
    EventType.CAMPAIGN_STARTED: mark("Campanha começou"),
    EventType.CAMPAIGN_PAUSED: mark("Campanha pausada"),
    EventType.CAMPAIGN_RESUMED: mark("Campanha retomada"),
    EventType.CAMPAIGN_COMPLETED: mark("Campanha terminou"),
    EventType.CAMPAIGN_CANCELLED: mark("Campanha cancelada"),
    EventType.IMPORT_COMPLETED: mark("Importação terminou"),
    EventType.IMPORT_FAILED: mark("Importação falhou"),
    EventType.ALARM_CHANGED: mark("Alarme mudou"),
    EventType.WEBHOOK_TESTED: mark("Teste"),
}


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    _endpoints(routes, console)
    _changes(routes, console)
    _deliveries(routes, console)
    return routes


def _endpoints(routes: APIRouter, console: Console) -> None:
    house = console.house

    @routes.get("", name="webhooks.list")
    async def list_(request: Request) -> Response:
        endpoints = await house.hooks.webhooks.endpoints()
        return console.page(request, "webhooks/list.html", endpoints=endpoints, words=_words)

    @routes.get("/new", name="webhooks.new")
    async def new(request: Request) -> Response:
        return _form(console, request, Form.of({}))

    @routes.post("/new", name="webhooks.add")
    async def add(request: Request) -> Response:
        form = await read_form(request)
        try:
            types = parse_types(form.all("types"))
            order = EndpointOrder(form.get("url"), types, bool(form.get("include_personal")), form.get("description"))
            made = await usecase.add(house.hooks, order, house.clock.now())
        except InputError as error:
            return _form(console, request, form.failed(error), status=422)
        return _told(console, request, made)

    @routes.get("/{endpoint_id}", name="webhooks.show")
    async def show(request: Request, endpoint_id: str) -> Response:
        endpoint = await house.hooks.webhooks.endpoint(endpoint_id[:_LONGEST_ID])
        after = request.query_params.get("after", "")[:_LONGEST_ID] or None
        found = await house.hooks.webhooks.page(endpoint.id, after, PAGE + 1)
        following = found[PAGE - 1].cursor if len(found) > PAGE else None
        return console.page(
            request,
            "webhooks/endpoint.html",
            endpoint=endpoint,
            deliveries=found[:PAGE],
            after=following and f"{PATH}/{endpoint.id}?after={following}",
            words=_words,
            event_words=EVENTS,
            named=lambda types: _named(console, request, types),
        )


def _changes(routes: APIRouter, console: Console) -> None:
    house = console.house

    @routes.get("/{endpoint_id}/edit", name="webhooks.edit")
    async def edit(request: Request, endpoint_id: str) -> Response:
        endpoint = await house.hooks.webhooks.endpoint(endpoint_id[:_LONGEST_ID])
        form = Form.of(
            {
                "url": endpoint.url,
                "description": endpoint.description,
                "types": tuple(sorted(endpoint.types)),
                "include_personal": "1" if endpoint.include_personal else None,
            }
        )
        return _form(console, request, form, endpoint_id=endpoint.id)

    @routes.post("/{endpoint_id}/edit", name="webhooks.change")
    async def change(request: Request, endpoint_id: str) -> Response:
        form, name = await read_form(request), endpoint_id[:_LONGEST_ID]
        try:
            types, personal = parse_types(form.all("types")), bool(form.get("include_personal"))
            wanted = EndpointChange(form.get("url"), types, personal, form.get("description"))
            await usecase.change(house.hooks, name, wanted, house.clock.now())
        except InputError as error:
            return _form(console, request, form.failed(error), endpoint_id=name, status=422)
        return console.redirect(request, f"{PATH}/{name}", console.words(request).gettext("Endpoint alterado."))

    @routes.post("/{endpoint_id}/enabled", name="webhooks.enable")
    async def enable(request: Request, endpoint_id: str) -> Response:
        form, name, _ = await read_form(request), endpoint_id[:_LONGEST_ID], console.words(request).gettext
        enabled = form.get("enabled") == "1"
        await usecase.change(house.hooks, name, EndpointChange(enabled=enabled), house.clock.now())
        told = _("Endpoint ativado: o que esperava por ele segue.") if enabled else _("Endpoint desativado.")
        return console.redirect(request, f"{PATH}/{name}", told)

    @routes.post("/{endpoint_id}/rotate", name="webhooks.rotate")
    async def rotate(request: Request, endpoint_id: str) -> Response:
        return _told(console, request, await usecase.rotate(house.hooks, endpoint_id[:_LONGEST_ID], house.clock.now()))

    @routes.post("/{endpoint_id}/remove", name="webhooks.remove")
    async def remove(request: Request, endpoint_id: str) -> Response:
        await usecase.remove(house.hooks, endpoint_id[:_LONGEST_ID])
        return console.redirect(request, PATH, console.words(request).gettext("Endpoint removido."))


def _deliveries(routes: APIRouter, console: Console) -> None:
    house = console.house

    @routes.post("/{endpoint_id}/test", name="webhooks.test")
    async def test(request: Request, endpoint_id: str) -> Response:
        one = await usecase.test(house.hooks, endpoint_id[:_LONGEST_ID], house.clock.now())
        return _said(request, one.endpoint_id, one.attempts[-1].arrived if one.attempts else None)

    @routes.post("/{endpoint_id}/deliveries/{event_id}/resend", name="webhooks.resend")
    async def resend(request: Request, endpoint_id: str, event_id: str) -> Response:
        key = (endpoint_id[:_LONGEST_ID], event_id[:_LONGEST_ID])
        one = await usecase.send_again(house.hooks, key, house.clock.now())
        return _said(request, one.endpoint_id, one.attempts[-1].arrived if one.attempts else None)

    @routes.post("/{endpoint_id}/resend-failed", name="webhooks.resend_failed")
    async def resend_failed(request: Request, endpoint_id: str) -> Response:
        name = endpoint_id[:_LONGEST_ID]
        count = await usecase.send_failed_again(house.hooks, name, house.clock.now())
        said = console.words(request).ngettext
        told = said("%(count)s entrega volta à fila.", "%(count)s entregas voltam à fila.", count) % {"count": count}
        return console.redirect(request, f"{PATH}/{name}", told)

    def _said(request: Request, endpoint_id: str, arrived: bool | None) -> Response:
        _ = console.words(request).gettext
        if arrived is None:
            return console.redirect(request, f"{PATH}/{endpoint_id}", _("Está na fila, atrás de outras."), tone="info")
        told = _("Chegou.") if arrived else _("Não chegou; veja por quê na lista.")
        return console.redirect(request, f"{PATH}/{endpoint_id}", told, tone="good" if arrived else "bad")


_words = {**STATES, **REASONS, **FAULTS}


def _form(
    console: Console, request: Request, form: Form, *, endpoint_id: str | None = None, status: int = 200
) -> Response:
    said = console.words(request).gettext
    types = [(str(one), said(text), str(one)) for one, text in EVENTS.items() if one is not EventType.WEBHOOK_TESTED]
    return console.page(request, "webhooks/form.html", status=status, form=form, types=types, endpoint_id=endpoint_id)


def _named(console: Console, request: Request, types: Iterable[EventType]) -> Sequence[str]:
    said = console.words(request).gettext
    return [said(text) for one, text in EVENTS.items() if one in types]


def _told(console: Console, request: Request, made: WithSecret) -> Response:
    request.state.audit = {"endpoint": made.endpoint.id}
    rotated = made.endpoint.previous_until is not None and made.endpoint.state is EndpointState.ENABLED
    return console.page(request, "webhooks/secret.html", endpoint=made.endpoint, secret=made.secret, rotated=rotated)
