"""Tools that change what concerns people: writing to one, dealing with what they wrote, leaving them alone."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.inbox_entry import ReplyOutcome
from disparo.domain.suppression import hashed_key
from disparo.entrypoints.http.inbox import SettledOut, WrittenOut
from disparo.entrypoints.mcp.quotes import clip
from disparo.entrypoints.mcp.tool import Asked, Confirmable, Id, Key, Wanted, changes
from disparo.entrypoints.words import words
from disparo.entrypoints.writing import HandOrder, write_by_hand
from disparo.usecases import people, threads
from disparo.usecases.threads import Way

LONGEST_TEXT = 10_000
MOST_ENTRIES = 100
_SHOWN = 600


class MessageWanted(Confirmable):
    """A text to one contact, or a template of the library."""

    contact_id: Id
    channel: Channel
    text: str = Field("", max_length=LONGEST_TEXT, description="As it stands; or `template`.")
    subject: str = Field("", max_length=200, description="Of e-mail.")
    template: str | None = Field(None, min_length=1, max_length=100, description="Name of a template of the library.")
    sender: str | None = Field(None, min_length=1, max_length=100, description="Ours; the one they wrote to, else.")
    key: Key = None

    @model_validator(mode="after")
    def _one_of_them(self) -> MessageWanted:
        if bool(self.text.strip()) is (self.template is not None):
            raise ValueError("escreva text ou template, e não os dois")
        return self


class EntriesWanted(Wanted):
    """What was dealt with."""

    owner: str = Field(min_length=1, max_length=300, description="A contact's id, or the `owner` of a conversation.")
    outcome: ReplyOutcome = ReplyOutcome.DONE
    entries: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        [], max_length=MOST_ENTRIES, description="Ids of this conversation; without any, all that is left of it."
    )


class AddressWanted(Wanted):
    """An address to leave alone."""

    address: str = Field(min_length=3, max_length=320, description="A number or an e-mail, however written.")
    channel: Channel | None = Field(None, description="Only on this channel; any, when left out.")


class LeftAloneOut(BaseModel):
    """What a suppression did."""

    cancelled: int = Field(description="Messages that had not begun and never will.")


async def _message_would(asked: Asked, wanted: MessageWanted) -> str:
    from disparo.bootstrap import renderer

    house = asked.house
    contact = await house.store.contacts.get(wanted.contact_id)
    found = await threads.thread(house.store, contact.id, renderer(), house.carriers, asked.now)
    way = next((one for one in found.ways if one.channel is wanted.channel), None)
    if way is None or not way.open:
        raise InputError(f"não se pode escrever a este contato: {words(way.refusal) if way else 'ele foi apagado'}")
    if wanted.template is not None:
        await house.store.templates.get(wanted.template)
    what = f'o modelo "{wanted.template}"' if wanted.template else f"«{clip(wanted.text, _SHOWN)}»"
    return (
        f"Envia a {contact.name or 'contato sem nome'} ({contact.address(wanted.channel)}) "
        f"por {words(wanted.channel)}, {_when(way)}: {what}"
    )


def _when(way: Way) -> str:
    if way.closes_at is not None:
        return "na hora, como resposta"
    if way.channel is Channel.WHATSAPP:
        return "dentro do horário do contato (só um modelo aprovado: ele não escreveu nas últimas 24 horas)"
    return "dentro do horário do contato e dos limites"


@changes("inbox.reply", "Send a message", foresee=_message_would, idempotent=False, outside=True)
async def send_message(asked: Asked, wanted: MessageWanted) -> WrittenOut:
    """Write to one contact by WhatsApp, e-mail or SMS, behind the same limits, hours, opt-outs and ledger as all else.

    It is entered into the ledger; a worker sends it when limits and hours allow, which `why_message` explains.
    """
    order = HandOrder(
        wanted.contact_id,
        wanted.channel,
        key=f"mcp {asked.principal.actor} {wanted.key or asked.key}",
        by=asked.principal.actor,
        text=wanted.text,
        subject=wanted.subject,
        template=wanted.template,
        sender=wanted.sender,
    )
    written = await write_by_hand(asked.house, order)
    asked.told |= {"message": written.message_id, "channel": wanted.channel}
    return WrittenOut(message_id=str(written.message_id), purpose=written.purpose)


@changes("inbox.settle", "Handle inbox entries")
async def handle_inbox(asked: Asked, wanted: EntriesWanted) -> SettledOut:
    """Note what came of what somebody wrote; who wants no more messages, or is somebody else, is suppressed."""
    store = asked.house.store
    pending = await store.inbox.page(None, MOST_ENTRIES, contact_id=wanted.owner, unhandled=True)
    ids = wanted.entries or [one.id for one in pending]
    strangers = set(wanted.entries) - {one.id for one in await store.inbox.page(None, 500, contact_id=wanted.owner)}
    if strangers:
        raise InputError(f"entries: não são desta conversa: {', '.join(sorted(strangers))}")
    new = await threads.settle(store, ids, wanted.outcome, asked.principal.actor, asked.now)
    asked.told |= {"outcome": wanted.outcome, "entries": new}
    return SettledOut(handled=new)


@changes("suppressions.add", "Leave an address alone", destructive=True)
async def suppress_address(asked: Asked, wanted: AddressWanted) -> LeftAloneOut:
    """Message a number or an e-mail no more, whoever has it; what waits for it is cancelled. Twice is as once.

    Only a person can lift it again, in the console.
    """
    key = people.address_key(wanted.address)
    cancelled = await people.suppress(
        asked.house.store, wanted.address, wanted.channel, source=asked.principal.actor, now=asked.now
    )
    asked.told |= {"address": hashed_key(key)[:24], "channel": wanted.channel or "", "cancelled": cancelled}
    return LeftAloneOut(cancelled=cancelled)


PEOPLE_CHANGES = (send_message, handle_inbox, suppress_address)
