"""`disparo inbox ...`: what people answered, and what providers say of the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.messages import columns_of, message_item
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import After, Limit, checked_limit, page_of
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.usecases import inbox as usecase

if TYPE_CHECKING:
    from disparo.domain.contact import Contact
    from disparo.domain.inbox_entry import InboxEntry

EntryId = Annotated[str, Parameter(name="ID", help="Uma entrada (veja: disparo inbox list).")]

_COLUMNS = {
    "at": "quando", "contact": "de", "channel": "canal", "intent": "quer", "text": "texto", "handled_at": "resolvida",
    "id": "id",
}  # fmt: skip
_TALK = 50
_EXCERPT = 48


async def list_(
    *,
    contact: Annotated[str | None, Parameter(help="Só deste contato.")] = None,
    pending: Annotated[bool, Parameter(help="Só as que ninguém resolveu.")] = False,
    limit: Limit = 50,
    after: After = None,
    session: GivenSession,
) -> None:
    """What people wrote to us, newest first."""
    checked_limit(limit)
    with session.open() as app:
        inbox = app.store.inbox
        found = await inbox.page(after, limit + 1, contact_id=contact, unhandled=pending)
        page, more = page_of(found, limit)
        authors = await usecase.authors(app.store, page)
    items = [_item(one, authors, session.zone) for one in page]
    if session.out.terminal:
        items = [{**item, "text": _excerpt(str(item["text"]))} for item in items]
    session.out.listing(items, _COLUMNS, empty="nenhuma resposta", next_after=page[-1].id if more else None)


async def show(id_: EntryId, /, *, session: GivenSession) -> None:
    """One entry, and the conversation that it belongs to."""
    with session.open() as app:
        talk = await usecase.conversation(app.store, id_, _TALK)
        taken = await app.outbox.find_all([str(one.record.id) for one in talk.messages])
    authors = {talk.contact.id: talk.contact} if talk.contact else {}
    item = _item(talk.entry, authors, session.zone)
    heard = [_item(one, authors, session.zone) for one in talk.heard]
    sent = []
    for one in talk.messages:
        entry = taken.get(str(one.record.id))
        sent.append(message_item(one.record, one.campaign, one.contact, entry.text if entry else None))
    if session.out.json:
        session.out.document({**item, "conversation": heard, "messages": sent})
        return
    _tell(session, item, heard, sent)


def _tell(
    session: Session,
    item: Mapping[str, object],
    heard: Sequence[Mapping[str, object]],
    sent: Sequence[Mapping[str, object]],
) -> None:
    out = session.out
    titles = {
        "id": "entrada", "at": "quando", "contact": "de", "contact_id": "nº do contato", "key": "endereço",
        "channel": "canal", "sender": "recebida por", "message_id": "responde a", "intent": "quer",
        "handled_at": "resolvida",
    }  # fmt: skip
    out.details(item, titles)
    out.line()
    out.line(str(item["text"]))
    if len(heard) > 1:
        out.line()
        out.table(
            [one for one in heard if one["id"] != item["id"]], {"at": "quando", "intent": "quer", "text": "texto"}
        )
    if sent:
        out.line()
        out.table(sent, {key: title for key, title in columns_of(sent).items() if key != "contact"})


async def handle(
    *ids: Annotated[str, Parameter(name="ID", help="Entradas (veja: disparo inbox list --pending).")],
    session: GivenSession,
) -> None:
    """Note that somebody has dealt with these."""
    if not ids:
        raise InputError("diga ao menos uma entrada (veja: disparo inbox list --pending)")
    with session.open() as app:
        done = await usecase.handle(app.store, ids, app.clock.now())
    if session.out.json:
        session.out.document({"items": [{"id": one, "handled": changed} for one, changed in done.items()]})
        return
    for one, changed in done.items():
        session.out.line(f"{one}: {'resolvida' if changed else 'já estava resolvida'}")


async def notices(*, limit: Limit = 50, after: After = None, session: GivenSession) -> None:
    """What providers said of our account or of something that we do not know, newest first."""
    checked_limit(limit)
    with session.open() as app:
        page, more = page_of(await app.store.inbox.notices(after, limit + 1), limit)
    items = [
        {
            "id": number,
            "at": in_zone(one.at, session.zone),
            "provider": one.provider,
            "kind": one.kind,
            "detail": _excerpt(one.detail) if session.out.terminal else one.detail,
        }
        for number, one in page
    ]
    columns = {"at": "quando", "provider": "provedor", "kind": "aviso", "detail": "detalhe", "id": "id"}
    session.out.listing(items, columns, empty="nenhum aviso", next_after=page[-1][0] if more else None)


def _item(entry: InboxEntry, authors: Mapping[str, Contact], zone: str) -> dict[str, object]:
    """An entry as JSON."""
    heard = entry.heard
    author = authors.get(heard.contact_id or "")
    return {
        "id": entry.id,
        "at": in_zone(heard.at, zone),
        "contact_id": heard.contact_id,
        "contact": (author.name if author else "") or heard.key,
        "key": heard.key,
        "channel": Code(heard.channel),
        "sender": heard.sender,
        "message_id": heard.message_id,
        "intent": Code(heard.intent),
        "text": heard.text,
        "handled_at": in_zone(entry.handled_at, zone),
    }


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"
