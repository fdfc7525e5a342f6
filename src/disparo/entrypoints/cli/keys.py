"""`disparo keys ...`: keys by which programs use the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from cyclopts import Parameter

from disparo.domain.api_key import ApiKey
from disparo.domain.errors import InputError
from disparo.domain.principal import MACHINE, Role
from disparo.entrypoints.cli.accounts import record
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import one_of
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.usecases.accounts import keys

_COLUMNS = {
    "id": "id", "name": "nome", "role": "papel", "resources": "alcança", "state": "estado", "expires_at": "vale até",
    "used_at": "usada",
}  # fmt: skip
_STATES = {"active": "ativa", "expired": "vencida", "revoked": "revogada"}
_LONGEST_DAYS = 3650


async def add(
    name: Annotated[str, Parameter(name="NAME", help="Que programa a usa, como CRM.")],
    /,
    *,
    role: Annotated[str, Parameter(name="--role", help="viewer, operator ou admin.")] = "viewer",
    resource: Annotated[
        tuple[str, ...], Parameter(name="--resource", help="Só este recurso da API, como contacts; pode ser repetida.")
    ] = (),
    days: Annotated[
        int | None, Parameter(name="--days", help="Vale por tantos dias; sem ela, até ser revogada.")
    ] = None,
    session: GivenSession,
) -> None:
    """A new key, which is shown once."""
    wanted = one_of(Role, role, "--role")
    if days is not None and not 1 <= days <= _LONGEST_DAYS:
        raise InputError(f"--days {days}: escreva de 1 a {_LONGEST_DAYS}")
    with session.open(create=True) as app:
        now = app.clock.now()
        expires_at = None if days is None else now + timedelta(days=days)
        made = await keys.add(
            app.locks, name, wanted, MACHINE, now, resources=frozenset(resource), expires_at=expires_at
        )
        await record(app, "keys.add", "", key=made.key.id, role=wanted)
        item = {**_item(made.key, session, made.key.state(now)), "secret": made.written}
    session.out.done(made.written, item)
    session.out.note("guarde-a agora: não será mostrada outra vez (Authorization: Bearer …)")


async def list_(*, session: GivenSession) -> None:
    """Every key, without its secret."""
    with session.open() as app:
        now = app.clock.now()
        items = [_item(one, session, one.state(now)) for one in await app.store.api_keys.all()]
    if session.out.terminal:
        shown = [{**one, "state": _STATES[str(one["state"])], "resources": one["resources"] or "tudo"} for one in items]
        session.out.listing(shown, _COLUMNS, empty="nenhuma chave (disparo keys add)")
        return
    session.out.listing(items, _COLUMNS, empty="nenhuma chave (disparo keys add)")


async def revoke(
    key: Annotated[str, Parameter(name="ID", help="O id da chave (veja: disparo keys list).")],
    /,
    *,
    session: GivenSession,
) -> None:
    """End a key for good."""
    with session.open() as app:
        now = app.clock.now()
        found = await app.store.api_keys.revoke(key, now)
        await record(app, "keys.revoke", "", key=found.id)
        item = _item(found, session, found.state(now))
    session.out.done(f"{found.name} ({found.id}): revogada", item)


def _item(key: ApiKey, session: Session, state: str) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "role": str(key.role),
        "resources": sorted(key.resources),
        "state": Code(state),
        "created_by": key.created_by,
        "created_at": in_zone(key.created_at, session.zone),
        "expires_at": in_zone(key.expires_at, session.zone) if key.expires_at else None,
        "used_at": in_zone(key.used_at, session.zone) if key.used_at else None,
        "revoked_at": in_zone(key.revoked_at, session.zone) if key.revoked_at else None,
    }
