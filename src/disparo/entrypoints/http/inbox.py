"""`/api/v1/inbox`: what people wrote, conversations, and answers by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.contact import Channel, Contact
from disparo.domain.hand_message import HandPurpose
from disparo.domain.inbox_entry import InboxEntry, ReplyOutcome
from disparo.domain.message import MessageState
from disparo.domain.principal import Principal
from disparo.entrypoints.http.compiling import Compiled
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.writing import HandOrder, write_by_hand
from disparo.ports.inbox import Conversation
from disparo.usecases import threads
from disparo.usecases.threads import Line, LineKind, Way

Owner = Annotated[
    str,
    Path(max_length=300, description="A contact's id, or the key of somebody unknown, as listed.", examples=["57"]),
]
Pending = Annotated[bool, Query(description="Only what nobody has dealt with.")]


class EntryOut(BaseModel):
    """One thing that somebody wrote."""

    id: str
    at: datetime
    channel: Channel
    sender: str = Field(description="Ours that it came to.")
    contact_id: str | None = Field(description="Null for somebody unknown.")
    message_id: str | None = Field(description="Which message it answers, where that is known.")
    text: str
    intent: str = Field(description="What it was understood as, as `confirm`.", examples=["question"])
    handled_at: datetime | None
    outcome: str = Field(description="What came of it, as a person saw it; empty when nobody said.")


class ThreadListed(BaseModel):
    """A conversation in a listing."""

    owner: str
    contact_id: str | None
    name: str = Field(description="The contact's name; empty for somebody unknown.")
    latest: EntryOut
    entries: int
    unhandled: int


class LineOut(BaseModel):
    """One thing that was said; a notice's `text` is the code of its kind."""

    kind: LineKind
    at: datetime
    channel: Channel
    text: str
    source: str = Field(description="The campaign, who wrote it by hand, or ours that it came to.")
    entry_id: str | None
    message_id: str | None
    state: MessageState | None


class WayOut(BaseModel):
    """Whether, and how, they may be answered by a channel."""

    model_config = ConfigDict(from_attributes=True)

    channel: Channel
    open: bool
    refusal: str = Field(description="Why not, as `no_email` or `opted_out`; empty when open.")
    closes_at: datetime | None = Field(description="Until when an answer goes at once; after it texts wait for hours.")


class ThreadOut(BaseModel):
    """A conversation, oldest first."""

    owner: str
    contact_id: str | None
    name: str
    unhandled: Sequence[str] = Field(description="Ids of what nobody has dealt with.")
    lines: Sequence[LineOut]
    ways: Sequence[WayOut]
    meetings: Sequence[str] = Field(description="Ids of their meetings.")


class ReplyIn(BaseModel):
    """A text to one contact, or a template of the library."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"channel": "whatsapp", "text": "Posso ligar amanhã?"}]}, extra="forbid"
    )

    channel: Channel
    text: str = Field("", max_length=20_000)
    subject: str = Field("", max_length=200, description="Of e-mail.")
    template: str | None = Field(None, max_length=100, description="Name of a template, instead of a text.")
    sender: str | None = Field(None, max_length=100, description="Ours that it goes by; the one they wrote to, else.")


class WrittenOut(BaseModel):
    """Where the text is in the ledger."""

    message_id: str
    purpose: HandPurpose = Field(description="`answer` goes at once, `note` within the contact's hours.")


class OutcomeIn(BaseModel):
    """What came of what somebody wrote."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": [], "outcome": "done"}]}, extra="forbid")

    outcome: ReplyOutcome = ReplyOutcome.DONE
    entries: Annotated[Sequence[Annotated[str, Field(max_length=60)]], Field(max_length=200)] = Field(
        (), description="Ids; without any, all that nobody has dealt with."
    )


class SettledOut(BaseModel):
    """How many entries that was new for."""

    handled: int


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/inbox", tags=["inbox"])

    @routes.get("", name="inbox.list")
    async def list_(pending: Pending = False, limit: Limit = 50, after: After = None) -> Page[ThreadListed]:
        """Conversations, the one with the latest words first."""
        found, more = cut(await threads.threads(house.store, after, limit + 1, unhandled=pending), limit)
        return Page(
            items=[_listed(one, contact) for one, contact in found], next=found[-1][0].latest.id if more else None
        )

    @routes.get("/entries", name="inbox.entries")
    async def entries(pending: Pending = False, limit: Limit = 50, after: After = None) -> Page[EntryOut]:
        """Everything that people wrote, newest first."""
        found, more = cut(await house.store.inbox.page(after, limit + 1, unhandled=pending), limit)
        return Page(items=[_entry(one) for one in found], next=found[-1].id if more else None)

    @routes.get("/{owner:path}", name="inbox.show")
    async def show(owner: Owner) -> ThreadOut:
        """One conversation: what they wrote, what they were sent, and how they may be answered."""
        found = await threads.thread(house.store, owner, Compiled(), house.carriers, house.clock.now())
        return ThreadOut(
            owner=found.owner,
            contact_id=found.contact.id if found.contact else None,
            name=found.contact.name if found.contact else "",
            unhandled=[one.id for one in found.unhandled],
            lines=[_line(one) for one in found.lines],
            ways=[_way(one) for one in found.ways],
            meetings=[one.id for one in found.meetings],
        )

    @routes.post("/{owner:path}/reply", status_code=202, name="inbox.reply")
    async def reply(owner: Owner, wanted: ReplyIn, request: Request) -> WrittenOut:
        """Write to a contact by hand, behind the same limits, hours and opt-outs as everything else.

        422 when it could not go: no such address, opted out, or a free text by WhatsApp to who has not written for a
        day. With an `Idempotency-Key` the same request again is sent once.
        """
        key = request.headers.get("idempotency-key") or token_hex(8)
        principal: Principal = request.state.principal
        order = HandOrder(owner, key=f"api {principal.actor} {key}", by=principal.actor, **wanted.model_dump())
        written = await write_by_hand(house, order)
        request.state.audit = {"message": written.message_id}
        return WrittenOut(message_id=str(written.message_id), purpose=written.purpose)

    @routes.post("/{owner:path}/outcome", name="inbox.settle")
    async def settle(owner: Owner, wanted: OutcomeIn, request: Request) -> SettledOut:
        """Note what came of what somebody wrote; who wants no more messages, or is somebody else, is suppressed."""
        ids = wanted.entries or await threads.pending(house.store, owner)
        principal: Principal = request.state.principal
        new = await threads.settle(house.store, ids, wanted.outcome, principal.actor, house.clock.now())
        request.state.audit = {"outcome": wanted.outcome, "entries": new}
        return SettledOut(handled=new)

    return routes


def _listed(one: Conversation, contact: Contact | None) -> ThreadListed:
    return ThreadListed(
        owner=one.owner,
        contact_id=one.contact_id,
        name=contact.name if contact else "",
        latest=_entry(one.latest),
        entries=one.entries,
        unhandled=one.unhandled,
    )


def _entry(one: InboxEntry) -> EntryOut:
    heard = one.heard
    return EntryOut(
        id=one.id,
        at=heard.at,
        channel=heard.channel,
        sender=heard.sender,
        contact_id=heard.contact_id,
        message_id=heard.message_id,
        text=heard.text,
        intent=heard.intent,
        handled_at=one.handled_at,
        outcome=one.outcome,
    )


def _line(one: Line) -> LineOut:
    return LineOut(
        kind=one.kind,
        at=one.at,
        channel=one.channel,
        text=one.text,
        source=one.source,
        entry_id=one.entry.id if one.entry else None,
        message_id=str(one.row.id) if one.row else None,
        state=one.row.state if one.row else None,
    )


def _way(one: Way) -> WayOut:
    return WayOut.model_validate(one)
