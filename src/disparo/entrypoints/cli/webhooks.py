"""`disparo webhooks ...`: endpoints of other programs that are told what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.audit import AuditEntry
from disparo.domain.errors import InputError
from disparo.domain.principal import MACHINE
from disparo.domain.webhook import Endpoint
from disparo.domain.webhook_delivery import Delivery, DeliveryState
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.words.webhook_words import FAULTS, REASONS, STATES
from disparo.usecases import webhooks as usecase
from disparo.usecases.webhooks import EndpointOrder, WithSecret, parse_types

if TYPE_CHECKING:
    from disparo.bootstrap import App

_COLUMNS = {
    "id": "id", "url": "endereço", "types": "eventos", "state": "estado", "failing_since": "falha desde",
    "description": "descrição",
}  # fmt: skip
_LOG = {
    "created_at": "quando", "type": "evento", "state": "estado", "tries": "tentativas", "status": "resposta",
    "next_attempt_at": "próxima", "event_id": "id",
}  # fmt: skip
_MOST = 200

EndpointId = Annotated[str, Parameter(name="ID", help="O id do endpoint (veja: disparo webhooks list).")]


async def add(
    url: Annotated[str, Parameter(name="URL", help="O endereço que recebe os eventos por POST, com https://.")],
    /,
    *,
    event: Annotated[
        tuple[str, ...],
        Parameter(name="--event", help="Só este tipo, como reply.received ou meeting.*; pode ser repetida."),
    ] = (),
    include_personal: Annotated[
        bool, Parameter(name="--include-personal", negative="", help="Manda também nomes, endereços e textos.")
    ] = False,
    description: Annotated[str, Parameter(name="--description", help="Para que serve.")] = "",
    session: GivenSession,
) -> None:
    """A new endpoint, whose secret is shown once."""
    order = EndpointOrder(url, parse_types(event), include_personal, description)
    with session.open(create=True) as app:
        made = await usecase.add(app.hooks, order, app.clock.now())
        await _record(app, "webhooks.add", made.endpoint.id)
    _tell_secret(session, made)


async def list_(*, session: GivenSession) -> None:
    """Every endpoint, without its secret."""
    with session.open() as app:
        found = await app.hooks.webhooks.endpoints()
    items = [_item(one, session) for one in found]
    if session.out.terminal:
        items = [{**one, "types": one["types"] or "todos", "state": STATES[str(one["state"])]} for one in items]
    session.out.listing(items, _COLUMNS, empty="nenhum endpoint (disparo webhooks add)")


async def log(
    endpoint: EndpointId,
    /,
    *,
    failed: Annotated[bool, Parameter(name="--failed", negative="", help="Só o que falhou de vez.")] = False,
    limit: Annotated[int, Parameter(name="--limit", help="Quantas, no máximo.")] = 50,
    after: Annotated[str | None, Parameter(name="--after", help="Continua depois daqui.")] = None,
    session: GivenSession,
) -> None:
    """What was sent to an endpoint in the last 30 days, newest first."""
    if not 1 <= limit <= _MOST:
        raise InputError(f"--limit {limit}: escreva de 1 a {_MOST}")
    with session.open() as app:
        await app.hooks.webhooks.endpoint(endpoint)
        found = await app.hooks.webhooks.page(endpoint, after, limit + 1)
    shown = [one for one in found[:limit] if not failed or one.state is DeliveryState.FAILED]
    following = found[limit - 1].cursor if len(found) > limit else None
    items = [_delivery(one, session) for one in shown]
    if session.out.terminal:
        items = [{**one, "state": STATES[str(one["state"])]} for one in items]
    session.out.listing(items, _LOG, empty="nada foi enviado a este endpoint", next_after=following)


async def retry(
    endpoint: EndpointId,
    event: Annotated[
        str | None, Parameter(name="EVENT", help="O id do evento; sem ele, tudo o que falhou de vez.")
    ] = None,
    /,
    *,
    session: GivenSession,
) -> None:
    """Send a delivery again now, or make everything that failed due again."""
    with session.open() as app:
        now = app.clock.now()
        if event is None:
            count = await usecase.send_failed_again(app.hooks, endpoint, now)
            session.out.done(f"{count} entregas voltam à fila", {"deliveries": count})
            return
        one = await usecase.send_again(app.hooks, (endpoint, event), now)
    _tell(session, one)


async def remove(
    endpoint: EndpointId,
    /,
    *,
    yes: Annotated[bool, Parameter(name="--yes", negative="", help="Não pergunta antes.")] = False,
    session: GivenSession,
) -> None:
    """Forget an endpoint and everything that was for it."""
    with session.open() as app:
        found = await app.hooks.webhooks.endpoint(endpoint)
        if not session.confirm(f"Remover {found.url} e tudo o que espera por ele?", yes=yes):
            return
        await usecase.remove(app.hooks, endpoint)
        await _record(app, "webhooks.remove", endpoint)
    session.out.done(f"{found.url}: removido", {"id": endpoint, "removed": True})


async def rotate(endpoint: EndpointId, /, *, session: GivenSession) -> None:
    """A new secret; the one before holds for 24 hours more."""
    with session.open() as app:
        made = await usecase.rotate(app.hooks, endpoint, app.clock.now())
        await _record(app, "webhooks.rotate", endpoint)
    _tell_secret(session, made)


async def test(endpoint: EndpointId, /, *, session: GivenSession) -> None:
    """Send an event that tells of nothing, now."""
    with session.open() as app:
        one = await usecase.test(app.hooks, endpoint, app.clock.now())
    _tell(session, one)


async def _record(app: App, action: str, endpoint_id: str) -> None:
    """Into the audit, as done at this machine."""
    who = MACHINE
    await app.store.audit.append(AuditEntry(app.clock.now(), who.actor, who.name, action, f"endpoint {endpoint_id}"))


def _tell_secret(session: Session, made: WithSecret) -> None:
    session.out.done(made.secret, {**_item(made.endpoint, session), "secret": made.secret})
    session.out.note(f"{made.endpoint.id}: guarde o segredo agora, não será mostrado outra vez")


def _tell(session: Session, one: Delivery) -> None:
    last = one.attempts[-1] if one.attempts else None
    if last is None:
        said = "há outras antes; será entregue por disparo worker"
    elif last.status is not None:
        said = f"respondeu {last.status} em {last.took.total_seconds():.1f} s"
    else:
        said = " ".join([FAULTS.get(last.fault, last.fault), f"({last.excerpt})" if last.excerpt else ""]).strip()
    session.out.done(f"{one.event_id}: {said}", _delivery(one, session))


def _item(one: Endpoint, session: Session) -> dict[str, object]:
    return {
        "id": one.id,
        "url": one.url,
        "types": sorted(one.types),
        "include_personal": one.include_personal,
        "description": one.description,
        "state": Code(one.state),
        "disabled_reason": Code(one.disabled_reason) if not session.out.terminal else REASONS.get(one.disabled_reason),
        "failing_since": in_zone(one.failing_since, session.zone) if one.failing_since else None,
        "created_at": in_zone(one.created_at, session.zone),
    }


def _delivery(one: Delivery, session: Session) -> dict[str, object]:
    last = one.attempts[-1] if one.attempts else None
    return {
        "event_id": one.event_id,
        "type": str(one.type),
        "created_at": in_zone(one.created_at, session.zone),
        "state": Code(one.state),
        "tries": one.tries,
        "status": None if last is None else last.status or last.fault,
        "next_attempt_at": in_zone(one.due_at, session.zone) if one.due_at else None,
        "data": dict(one.data),
    }
