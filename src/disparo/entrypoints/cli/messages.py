"""`disparo messages`: the ledger, row by row, and what the sandbox took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.agenda.notice import own_step
from disparo.domain.contact import Contact
from disparo.domain.message import MessageRecord, MessageState
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import After, Limit, OfCampaign, OfReason, checked_limit, one_of, page_of
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.usecases import messages as usecase

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.campaign import Campaign
    from disparo.ports.ledger import JournalEntry, MessageFilter

_COLUMNS = {
    "id": "mensagem", "campaign": "campanha", "channel": "canal", "contact": "contato", "state": "estado",
    "reason": "motivo", "changed_at": "mudou", "text": "texto",
}  # fmt: skip
_EXCERPT = 48
_WIDE = 130


async def messages(
    id_: Annotated[str | None, Parameter(name="ID", help="Uma mensagem, como 3.1.57; sem ela, uma lista.")] = None,
    /,
    *,
    campaign: OfCampaign = None,
    state: Annotated[
        tuple[str, ...],
        Parameter(name="--state", help="Só neste estado, como due ou failed; pode ser repetida."),
    ] = (),
    contact: Annotated[str | None, Parameter(name="--contact", help="Só deste contato.")] = None,
    step: Annotated[int | None, Parameter(name="--step", help="Só deste passo.")] = None,
    reason: OfReason = None,
    limit: Limit = 50,
    after: After = None,
    session: GivenSession,
) -> None:
    """List messages, or show one with its history and its text."""
    checked_limit(limit)
    with session.open() as app:
        if id_ is not None:
            await tell_history(session, app, await usecase.history(app.store, id_))
            return
        wanted = await filter_of(app, campaign, state, contact, step, reason)
        records, more = page_of(await usecase.page(app.store, wanted, after, limit + 1), limit)
        items = await items_of(app, records)
    tell_messages(session, items, str(records[-1].id) if more else None, empty="nenhuma mensagem")


async def filter_of(
    app: App,
    campaign: str | None = None,
    states: Sequence[str] = (),
    contact: str | None = None,
    step: int | None = None,
    reason: str | None = None,
) -> MessageFilter:
    """What the options ask for; names become ids, and those that stand for nothing are refused."""
    from disparo.ports.ledger import MessageFilter

    parts = [part for text in states for part in text.split(",")]
    chosen = frozenset(one_of(MessageState, part, "--state") for part in parts) or None
    campaign_id = (await app.store.campaigns.get(campaign)).id if campaign is not None else None
    contact_id = (await app.store.contacts.get(contact)).id if contact is not None else None
    return MessageFilter(campaign_id, chosen, contact_id, step, reason)


async def items_of(app: App, records: Sequence[MessageRecord]) -> list[dict[str, object]]:
    """Ledger rows with the names of what they belong to, and the text that the sandbox took."""
    campaigns = {one.id: one for one in await app.store.campaigns.all()}
    taken = await app.outbox.find_all([str(record.id) for record in records])
    items = []
    for record in records:
        contact = await app.store.contacts.get(record.id.contact_id)
        entry = taken.get(str(record.id))
        items.append(message_item(record, campaigns[record.id.campaign_id], contact, entry.text if entry else None))
    return items


def message_item(
    record: MessageRecord, campaign: Campaign, contact: Contact, text: str | None = None
) -> dict[str, object]:
    """A ledger row as JSON, its instants in the campaign's zone."""
    zone = campaign.place.zone
    return {
        "id": str(record.id),
        "campaign": campaign.name,
        "step": own_step(record.id.step),
        "template": campaign.step(record.id.step).template.name,
        "channel": Code(record.channel),
        "contact_id": record.id.contact_id,
        "contact": contact.name or contact.address(record.channel) or "",
        "address": contact.address(record.channel),
        "state": Code(record.state),
        "reason": Code(record.reason),
        "attempts": record.attempts,
        "retries_used": record.retries_used,
        "due_at": in_zone(record.due_at, zone),
        "changed_at": in_zone(record.changed_at, zone),
        "provider_id": record.provider_id,
        "text": text,
    }


def tell_messages(
    session: Session, items: Sequence[Mapping[str, object]], next_after: str | None, *, empty: str
) -> None:
    """A page of messages; on a terminal texts are cut to one line."""
    columns = columns_of(items)
    if session.out.terminal:
        items = [{**item, "text": _excerpt(item["text"])} for item in items]
        if session.out.console.width < _WIDE or not any(item["text"] for item in items):
            columns.pop("text")
    session.out.listing(items, columns, empty=empty, next_after=next_after)


def columns_of(items: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """What a table of messages shows: of notices which they are, too, as a notice's id says nothing to people."""
    notices = any(str(item["id"]).split(".")[1] != str(item["step"]) for item in items)
    return {**_COLUMNS, "template": "passo"} if notices else dict(_COLUMNS)


def _excerpt(text: object) -> str | None:
    if not isinstance(text, str):
        return None
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1] + "…"


async def tell_history(session: Session, app: App, history: usecase.MessageHistory) -> None:
    """One message with everything that happened to it."""
    zone = history.campaign.place.zone
    entry = (await app.outbox.find_all([str(history.record.id)])).get(str(history.record.id))
    item = message_item(history.record, history.campaign, history.contact, entry.text if entry else None)
    item |= {"subject": entry.subject if entry else None, "html": entry.html if entry else None}
    journal = [journal_item(line, zone) for line in history.journal]
    out = session.out
    if out.json:
        out.document({**item, "journal": journal})
        return
    titles = {
        "id": "mensagem", "campaign": "campanha", "step": "passo", "template": "modelo", "channel": "canal",
        "contact": "contato", "contact_id": "nº do contato", "address": "endereço", "state": "estado",
        "reason": "motivo", "attempts": "tentativas", "due_at": "próxima vez", "provider_id": "no provedor",
        "subject": "assunto",
    }  # fmt: skip
    out.details(item, titles)
    if journal:
        out.line()
        out.table(journal, {"at": "quando", "event": "o que houve", "reason": "motivo", "detail": "detalhe"})
    if entry:
        out.line()
        out.line(entry.text)


def journal_item(line: JournalEntry, zone: str) -> dict[str, object]:
    """One line of a history as JSON."""
    return {
        "at": in_zone(line.at, zone),
        "event": Code(line.event),
        "attempt": line.attempt,
        "reason": Code(line.reason),
        "detail": line.detail,
        "provider_id": line.provider_id,
    }
