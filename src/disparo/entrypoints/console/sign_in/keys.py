"""`/console/settings/keys`: keys by which programs use the API, for admins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from disparo.domain.errors import InputError
from disparo.domain.principal import Principal
from disparo.entrypoints.console.forms import Form, read_form
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in.answers import failed, role_in, status_of
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.http.accounts import absolute
from disparo.usecases.accounts import keys

PATH = "/console/settings/keys"
LIVES = ("30", "90", "365", "")
"""Days that a key may be good for, as the form offers them; nothing: for good."""

RESOURCES: Mapping[str, str] = {
    "accounts": mark("Pessoas"),
    "alarms": mark("Alarmes"),
    "audit": mark("Auditoria"),
    "campaigns": mark("Campanhas"),
    "contacts": mark("Contatos"),
    "dead-letters": mark("Cartas mortas"),
    "forecasts": mark("Previsões"),
    "hosts": mark("Anfitriões"),
    "imports": mark("Importações"),
    "inbox": mark("Caixa de entrada"),
    "lists": mark("Listas"),
    "meeting-types": mark("Tipos de reunião"),
    "meetings": mark("Reuniões"),
    "messages": mark("Mensagens"),
    "numbers": mark("Números"),
    "settings": mark("Configurações"),
    "slots": mark("Horários livres"),
    "suppressions": mark("Bloqueios"),
    "templates": mark("Modelos"),
    "webhooks": mark("Webhooks"),
}
"""What a key may be limited to, as the form offers it; `keys` is left out, so that no key makes others."""


def router(console: Console) -> APIRouter:
    """The routes."""
    routes, house = APIRouter(prefix=PATH), console.house

    @routes.get("", name="keys.list")
    async def list_(request: Request) -> Response:
        now = house.clock.now()
        found = [(one, one.state(now)) for one in await house.store.api_keys.all()]
        people = {f"user:{one.id}": one.name for one in await house.store.accounts.all()}
        return console.page(request, "sign_in/keys.html", keys=found, people=people, resources=RESOURCES)

    @routes.get("/new", name="keys.new")
    async def new(request: Request) -> Response:
        return _form(request, Form.of({"role": "viewer", "life": "90"}))

    @routes.post("/new", name="keys.add")
    async def add(request: Request) -> Response:
        form, now = await read_form(request), house.clock.now()
        by: Principal = request.state.principal
        try:
            life = form.get("life")
            if life not in LIVES:
                raise InputError("validade: escolha uma das que estão na lista")
            made = await keys.add(
                house.locks,
                form.get("name"),
                role_in(form),
                by,
                now,
                resources=frozenset(form.all("resources")),
                expires_at=now + timedelta(days=int(life)) if life else None,
            )
        except InputError as error:
            return _form(request, failed(console, request, form, error), status_of(error))
        request.state.audit = {"key": made.key.id, "role": made.key.role}
        example = absolute(request, house, f"/api/v1/{min(made.key.resources, default='campaigns')}")
        return console.page(request, "sign_in/new_key.html", key=made.key, written=made.written, example=example)

    @routes.post("/{key_id}/revoke", name="keys.revoke")
    async def revoke(request: Request, key_id: str) -> Response:
        await house.store.api_keys.revoke(key_id[:40], house.clock.now())
        _ = console.words(request).gettext
        return console.redirect(request, PATH, _("Chave revogada."))

    def _offered(request: Request) -> Sequence[tuple[str, str, str]]:
        said = console.words(request).gettext
        return [(name, said(text), name) for name, text in RESOURCES.items()]

    def _form(request: Request, form: Form, status: int = 200) -> Response:
        return console.page(request, "sign_in/key.html", status=status, form=form, resources=_offered(request))

    return routes
