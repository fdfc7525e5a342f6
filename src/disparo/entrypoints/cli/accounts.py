"""`disparo accounts ...`: people who may sign in, from the machine that the data are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.account import Account
from disparo.domain.audit import AuditEntry, clipped
from disparo.domain.errors import InputError
from disparo.domain.principal import MACHINE, Role
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import one_of
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.usecases.accounts import people
from disparo.usecases.accounts.links import setup_link

if TYPE_CHECKING:
    from disparo.bootstrap import App

Who = Annotated[str, Parameter(name="ACCOUNT", help="E-mail ou id da conta (veja: disparo accounts list).")]

_ROLES = {Role.VIEWER: "leitura", Role.OPERATOR: "operação", Role.ADMIN: "administração"}


async def add(
    email: Annotated[str | None, Parameter(name="EMAIL", help="E-mail da pessoa; só com --admin pode faltar.")] = None,
    /,
    *,
    name: Annotated[str, Parameter(name="--name", help="Nome da pessoa.")] = "",
    role: Annotated[str, Parameter(name="--role", help="viewer, operator ou admin.")] = "operator",
    admin: Annotated[bool, Parameter(name="--admin", help="O mesmo que --role admin.")] = False,
    language: Annotated[str, Parameter(name="--language", help="pt-BR ou en.")] = "pt-BR",
    session: GivenSession,
) -> None:
    """Invite somebody by a link; without an address, a link by which an admin makes their own account."""
    wanted = Role.ADMIN if admin else one_of(Role, role, "--role")
    if email is None and wanted is not Role.ADMIN:
        raise InputError("EMAIL: escreva o e-mail da pessoa (sem ele, só com --admin)")
    with session.open(create=True) as app:
        if email is None:
            link = _absolute(session, await setup_link(app.locks, app.clock.now()))
            await record(app, "accounts.setup_link", "")
            _say_link(session, {"link": link}, "link para quem vai administrar (vale uma vez, por 24 horas):")
            return
        shown = name or email.partition("@")[0]
        made = await people.add(app.locks, shown, email, wanted, language, app.clock.now())
        await record(app, "accounts.add", made.account.id, role=wanted)
    item = {**_item(made.account, session), "link": _absolute(session, made.link)}
    _say_link(session, item, f"{made.account.email}: convide com este link (vale uma vez, por três dias):")


async def list_(*, session: GivenSession) -> None:
    """Every account."""
    with session.open() as app:
        items = [_item(one, session) for one in await app.store.accounts.all()]
    columns = {
        "id": "id", "name": "nome", "email": "e-mail", "role": "papel", "second_factor": "duas etapas",
        "disabled": "desativada", "signed_in_at": "entrou",
    }  # fmt: skip
    shown = [{**one, "role": _ROLES[Role(str(one["role"]))]} if session.out.terminal else one for one in items]
    session.out.listing(items if session.out.json else shown, columns, empty="nenhuma conta (disparo accounts add)")


async def role(
    account: Who,
    role: Annotated[str, Parameter(name="ROLE", help="viewer, operator ou admin.")],
    /,
    *,
    session: GivenSession,
) -> None:
    """Change what somebody may do, from their next request on."""
    wanted = one_of(Role, role, "ROLE")
    await _change(session, account, people.Changes(role=wanted), "accounts.change", f"agora tem o papel {wanted}")


async def disable(
    account: Who,
    /,
    *,
    undo: Annotated[bool, Parameter(name="--undo", help="Ativa a conta outra vez.")] = False,
    session: GivenSession,
) -> None:
    """Let somebody sign in no more, and sign them out everywhere; or again with `--undo`."""
    told = "ativada" if undo else "desativada, e fora de todos os lugares"
    action = "accounts.enable" if undo else "accounts.disable"
    await _change(session, account, people.Changes(disabled=not undo), action, told)


async def password(account: Who, /, *, session: GivenSession) -> None:
    """A link by which somebody chooses a new password; the old one works until then."""
    with session.open() as app:
        found = await people.named(app.locks, account)
        made = await people.new_password_link(app.locks, found.id, app.clock.now())
        await record(app, "accounts.password_link", found.id)
    item = {**_item(made.account, session), "link": _absolute(session, made.link)}
    _say_link(session, item, f"{found.email}: link para escolher a senha (vale uma vez, por três dias):")


async def reset_2fa(account: Who, /, *, session: GivenSession) -> None:
    """Take away the second factor of somebody who lost it, and sign them out everywhere."""
    with session.open() as app:
        found = await people.named(app.locks, account)
        kept = await people.reset_second_factor(app.locks, found.id)
        await record(app, "accounts.reset_second_factor", found.id)
    session.out.done(f"{kept.email}: verificação em duas etapas desligada", _item(kept, session))


async def record(app: App, action: str, account_id: str, **detail: object) -> None:
    """Into the audit, as done at this machine."""
    entry = AuditEntry(
        app.clock.now(), MACHINE.actor, MACHINE.name, action, f"account {account_id}".strip(), detail=clipped(detail)
    )
    await app.store.audit.append(entry)


async def _change(session: Session, account: str, wanted: people.Changes, action: str, told: str) -> None:
    with session.open() as app:
        found = await people.named(app.locks, account)
        kept = await people.change(app.locks, found.id, wanted)
        await record(app, action, found.id, role=kept.role)
    session.out.done(f"{kept.email}: {told}", _item(kept, session))


def _item(account: Account, session: Session) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "role": str(account.role),
        "language": account.language,
        "second_factor": account.second_factor is not None,
        "disabled": account.disabled,
        "created_at": in_zone(account.created_at, session.zone),
        "signed_in_at": in_zone(account.signed_in_at, session.zone) if account.signed_in_at else None,
    }


def _absolute(session: Session, path: str) -> str:
    """A link as whole as we know it: where there is no public address, the console's own is before it."""
    return (session.settings.public_url or "").rstrip("/") + path


def _say_link(session: Session, item: dict[str, object], told: str) -> None:
    if session.out.json:
        session.out.document(item)
        return
    session.out.note(told)
    session.out.line(str(item["link"]))
    if session.settings.public_url is None:
        session.out.note("ponha antes dele o endereço do console, como http://127.0.0.1:8080 (ou defina public_url)")
