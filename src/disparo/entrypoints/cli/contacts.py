"""`disparo contacts ...`: lists, people, and addresses that must be left alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.entrypoints.cli.messages import columns_of, message_item
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import After, ContactId, Limit, Yes, checked_limit, one_of, page_of
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.words import words
from disparo.usecases import erasures, people

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.contact import Contact
    from disparo.domain.suppression import Suppression

Address = Annotated[str, Parameter(name="ADDRESS", help="Telefones ou e-mails.")]


async def lists(*, session: GivenSession) -> None:
    """Every list and how many contacts it has."""
    with session.open() as app:
        items = [{"name": one.name, "contacts": one.contacts} for one in await app.store.contacts.lists()]
    session.out.listing(items, {"name": "lista", "contacts": "contatos"}, empty="nenhuma lista")


async def list_(
    text: Annotated[str | None, Parameter(name="TEXT", help="Telefone, e-mail ou começo do nome.")] = None,
    /,
    *,
    list_name: Annotated[
        str | None, Parameter(name="--list", help="Lista (sem ela: a única, ou a de default_list).")
    ] = None,
    limit: Limit = 50,
    after: After = None,
    session: GivenSession,
) -> None:
    """The contacts of a list, or those that match a text, of all lists."""
    checked_limit(limit)
    if text is not None and (after is not None or list_name is not None):
        raise InputError("com um texto procura-se em todas as listas; deixe fora --list e --after")
    with session.open() as app:
        if text is not None:
            found = await people.find(app.store, text, limit)
            items, more = [contact_item(one.contact, one.suppressions) for one in found], None
        else:
            usual = await _list_or_usual(session, app, list_name)
            page, rest = page_of(await app.store.contacts.page(usual, after, limit + 1), limit)
            blocked = await app.store.suppressions.matching([key for one in page for key in one.keys])
            items = [contact_item(one, [b for b in blocked if b.key in one.keys]) for one in page]
            more = page[-1].id if rest else None
    columns = {
        "id": "id", "name": "nome", "phone": "telefone", "email": "e-mail", "place": "lugar", "list": "lista",
        "blocked": "bloqueio",
    }  # fmt: skip
    session.out.listing(items, columns, empty="nenhum contato", next_after=more)


async def _list_or_usual(session: Session, app: App, name: str | None) -> str:
    known = [one.name for one in await app.store.contacts.lists()]
    if name is None:
        return known[0] if len(known) == 1 else session.settings.default_list
    if name not in known:
        raise InputError(f"--list {name}: não existe; listas: {', '.join(known) or 'nenhuma'}")
    return name


def contact_item(contact: Contact, suppressions: Sequence[Suppression]) -> dict[str, object]:
    """A contact as JSON."""
    return {
        "id": contact.id,
        "list": contact.list_name,
        "source": contact.source,
        "name": contact.name,
        "phone": contact.phone,
        "email": contact.email,
        "other_phones": list(contact.other_phones),
        "other_emails": list(contact.other_emails),
        "document": contact.document,
        "place": str(contact.place) if contact.place else None,
        "priority": contact.priority,
        "variables": dict(contact.variables),
        "blocked": [Code(one.reason) for one in suppressions],
    }


async def show(contact_id: ContactId, /, *, session: GivenSession) -> None:
    """One contact, what forbids messaging it, and its messages."""
    with session.open() as app:
        history = await people.show(app.store, contact_id)
        taken = await app.outbox.find_all([str(one.record.id) for one in history.messages])
    item = contact_item(history.contact, history.suppressions)
    blocks = [_suppression_item(one, session.zone) for one in history.suppressions]
    rows = []
    for one in history.messages:
        entry = taken.get(str(one.record.id))
        rows.append(message_item(one.record, one.campaign, one.contact, entry.text if entry else None))
    out = session.out
    if out.json:
        out.document({**item, "suppressions": blocks, "messages": rows})
        return
    titles = {
        "id": "id", "name": "nome", "phone": "telefone", "email": "e-mail", "other_phones": "outros telefones",
        "other_emails": "outros e-mails", "document": "documento", "place": "lugar", "priority": "prioridade",
        "list": "lista", "source": "origem", "variables": "variáveis",
    }  # fmt: skip
    out.details({key: value or None for key, value in item.items()}, titles)
    _tell_blocks(session, blocks)
    if rows:
        out.line()
        out.table(rows, {key: title for key, title in columns_of(rows).items() if key not in ("contact", "text")})


def _suppression_item(one: Suppression, zone: str) -> dict[str, object]:
    return {
        "key": one.key,
        "channel": Code(one.channel) if one.channel else None,
        "reason": Code(one.reason),
        "source": one.source,
        "at": in_zone(one.at, zone),
    }


_BLOCK_COLUMNS = {"key": "endereço", "channel": "canal", "reason": "motivo", "source": "origem", "at": "desde"}


def _tell_blocks(session: Session, blocks: Sequence[dict[str, object]]) -> None:
    if blocks:
        session.out.line()
        session.out.line("Bloqueios:")
        session.out.table(blocks, _BLOCK_COLUMNS)


async def suppressed(*, limit: Limit = 50, after: After = None, session: GivenSession) -> None:
    """Every address that must be left alone."""
    checked_limit(limit)
    with session.open() as app:
        found = await app.store.suppressions.page(after or "", limit + 1)
    keys = sorted({one.key for one in found})
    items = [_suppression_item(one, session.zone) for one in found if one.key in keys[:limit]]
    more = keys[limit - 1] if len(keys) > limit else None
    session.out.listing(items, _BLOCK_COLUMNS, empty="nenhum endereço bloqueado", next_after=more)


async def suppress(
    *addresses: Address,
    channel: Annotated[str | None, Parameter(help="Só neste canal: whatsapp, email ou sms.")] = None,
    session: GivenSession,
) -> None:
    """Message these addresses no more."""
    only = one_of(Channel, channel, "--channel") if channel is not None else None
    done = []
    with session.open(create=True) as app:
        for address in _some(addresses):
            cancelled = await people.suppress(app.store, address, only, source="cli", now=app.clock.now())
            done.append({"address": address, "channel": only, "cancelled": cancelled})
    if session.out.json:
        session.out.document({"items": done})
        return
    where = f" em {words(only)}" if only else ""
    for one in done:
        session.out.line(f"{one['address']}: bloqueado{where}; {one['cancelled']} mensagens canceladas")


async def unsuppress(*addresses: Address, session: GivenSession) -> None:
    """Lift every suppression of these addresses."""
    done = []
    with session.open() as app:
        for address in _some(addresses):
            done.append({"address": address, "lifted": await people.unsuppress(app.store, address)})
    if session.out.json:
        session.out.document({"items": done})
        return
    for one in done:
        what = "liberado; o que foi cancelado continua cancelado" if one["lifted"] else "não estava bloqueado"
        session.out.line(f"{one['address']}: {what}")


def _some(addresses: tuple[str, ...]) -> tuple[str, ...]:
    if not addresses:
        raise InputError("diga ao menos um endereço, como +5541999998888 ou ana@example.com")
    return addresses


async def erase(
    contact_id: ContactId,
    /,
    *,
    everywhere: Annotated[
        bool, Parameter(negative="", help="Também os contatos de outras listas com o mesmo telefone ou e-mail.")
    ] = False,
    yes: Yes = False,
    session: GivenSession,
) -> None:
    """Forget a person."""
    with session.open() as app:
        contact = await app.store.contacts.get(contact_id)
        if not session.confirm(f"Apagar os dados de {contact.name or contact.id}? Não há volta.", yes=yes):
            session.out.note("nada foi mudado")
            return
        receipt = await erasures.erase(app.archive, contact_id, app.clock.now(), everywhere=everywhere)
    item = {
        "contact_id": receipt.contact_id,
        "list": receipt.list_name,
        "erased_at": in_zone(receipt.erased_at, session.zone),
        "cancelled": receipt.cancelled,
        "kept": receipt.kept,
        "under_way": list(receipt.under_way),
        "suppressions": receipt.suppressions,
        "same_person": list(receipt.same_person),
        "also_erased": list(receipt.also_erased),
        "replies": receipt.replies,
        "meetings": receipt.meetings,
        "elsewhere": receipt.elsewhere,
        "files": {
            "removed": list(receipt.files.removed),
            "rows": receipt.files.rows,
            "under_way": list(receipt.files.under_way),
        },
    }
    out = session.out
    if out.json:
        out.document(item)
        return
    out.line(f"contato {receipt.contact_id} apagado; {receipt.cancelled} mensagens canceladas")
    if receipt.under_way:
        out.line(f"já estavam com o provedor: {', '.join(receipt.under_way)}")
    if receipt.suppressions:
        out.line("os bloqueios dos seus endereços ficam, para que não volte a receber")
    if receipt.also_erased:
        out.line(f"apagados também, por serem a mesma pessoa: contatos {', '.join(receipt.also_erased)}")
    if receipt.files.under_way:
        out.line(f"importações em andamento podem tê-la: {', '.join(receipt.files.under_way)}; apague de novo depois")
    if receipt.same_person:
        out.line(f"a mesma pessoa está em outras listas: contatos {', '.join(receipt.same_person)}")


async def export(
    contact_id: ContactId,
    /,
    *,
    output: Annotated[Path | None, Parameter(help="Escreve neste arquivo, em vez de na tela.")] = None,
    session: GivenSession,
) -> None:
    """All that is known of a person, as JSON."""
    import json

    with session.open() as app:
        everything = await people.export(app.store, contact_id)
    if output is None:
        session.out.document(everything)
        return
    try:
        output.write_text(json.dumps(everything, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{output}: não pôde ser escrito ({error.strerror}); escolha outro lugar") from None
    session.out.done(f"contato {contact_id} escrito em {output}", {"contact_id": contact_id, "file": str(output)})
