"""`/api/v1/messages`: the ledger, row by row, and why a message was not sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.message import MessageRecord, MessageState
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.ports.contacts import known_contact
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store
from disparo.usecases import messages as usecase
from disparo.usecases.why import Explanation
from disparo.usecases.why import why as explain

MessageIdIn = Annotated[str, Path(max_length=256, description="The message's id, as 3.1.57.")]
OfCampaign = Annotated[str | None, Query(max_length=100, description="Only of this campaign (name or id).")]
OfReason = Annotated[str | None, Query(max_length=200, description="Only with this reason, as `address_unknown`.")]
OfState = Annotated[list[MessageState] | None, Query(description="Only in these states.")]
OfContact = Annotated[str | None, Query(max_length=40, description="Only of this contact (id).")]
OfStep = Annotated[int | None, Query(ge=1, le=1000, description="Only of this step.")]


_MESSAGE: dict[str, Any] = {
    **{"id": "3.1.57", "campaign": "boas-vindas", "campaign_id": "3", "step": 1, "channel": "whatsapp"},
    **{"contact_id": "57", "contact": "Ana Souza", "address": "+5541988887777", "state": "delivered", "reason": ""},
    **{
        "attempts": 1,
        "retries_used": 0,
        "due_at": None,
        "changed_at": "2026-11-23T13:00:40Z",
        "provider_id": "wamid.1",
    },
}
_LINE: dict[str, Any] = {
    **{"at": "2026-11-23T13:00:39Z", "event": "accept", "attempt": 1, "reason": "", "detail": ""},
    "provider_id": "wamid.1",
}
_FACT: dict[str, Any] = {"code": "lane_closed", "detail": "lunch_break:12:00-13:00", "until": "2026-11-23T16:00:00Z"}


class MessageOut(BaseModel):
    """One step for one contact."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MESSAGE]})

    id: str
    campaign: str
    campaign_id: str
    step: int = Field(description="The step of its campaign; of a notice of a meeting, the step that says what it is.")
    channel: Channel
    contact_id: str
    contact: str = Field(description="The contact's name, else the address; empty when erased.")
    address: str | None
    state: MessageState
    reason: str
    attempts: int
    retries_used: int
    due_at: datetime | None = Field(description="When it is looked at next.")
    changed_at: datetime
    provider_id: str | None


class JournalLine(BaseModel):
    """One thing that happened to a message."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_LINE]})

    at: datetime
    event: str
    attempt: int
    reason: str
    detail: str
    provider_id: str | None


class MessageDetail(MessageOut):
    """A message with everything that happened to it, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_MESSAGE, "journal": [_LINE]}]})

    journal: Sequence[JournalLine]


class FactOut(BaseModel):
    """One thing that bears on a message; the codes are told in docs/why.md."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_FACT]})

    code: str
    detail: str
    until: datetime | None


class WhyOut(BaseModel):
    """Where a message stands and why; the verdict is the first of the facts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    **{"id": "3.1.57", "state": "due", "verdict": "lane_closed", "since": "2026-11-23T13:00:00Z"},
                    **{"until": "2026-11-23T16:00:00Z", "facts": [_FACT]},
                }
            ]
        }
    )

    id: str
    state: MessageState | None = Field(description="Null when the campaign has no message for this contact (yet).")
    verdict: str
    since: datetime | None
    until: datetime | None
    facts: Sequence[FactOut]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/messages", tags=["messages"])

    @routes.get("", name="messages.list")
    async def list_(
        campaign: OfCampaign = None,
        state: OfState = None,
        contact: OfContact = None,
        step: OfStep = None,
        reason: OfReason = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[MessageOut]:
        """Messages in order of campaign, contact and step."""
        wanted = await filter_of(house.store, campaign, state, contact, step, reason)
        found = await usecase.page(house.store, wanted, after, limit + 1)
        return await page_of(house.store, found, limit)

    @routes.get("/{message_id}", name="messages.show")
    async def show(message_id: MessageIdIn) -> MessageDetail:
        """One message with its history."""
        return detail_of(await usecase.history(house.store, message_id))

    @routes.get("/{message_id}/why", name="messages.why")
    async def why(message_id: MessageIdIn) -> WhyOut:
        """Why a message went, did not go, or still waits."""
        from disparo.bootstrap import senders_of

        senders = senders_of(house.settings)
        return why_out(await explain(house.store, message_id, senders, house.clock.now()))

    return routes


def why_out(found: Explanation) -> WhyOut:
    """Where a message stands and why."""
    return WhyOut(
        id=str(found.id),
        state=found.message.state if found.message else None,
        verdict=found.verdict,
        since=found.since,
        until=found.until,
        facts=[FactOut.model_validate(fact) for fact in found.facts],
    )


async def filter_of(
    store: Store,
    campaign: str | None = None,
    states: Sequence[MessageState] | None = None,
    contact: str | None = None,
    step: int | None = None,
    reason: str | None = None,
) -> MessageFilter:
    """What a query asks for; NotFoundError for a campaign or contact that is not there."""
    campaign_id = (await store.campaigns.get(campaign)).id if campaign is not None else None
    contact_id = (await store.contacts.get(contact)).id if contact is not None else None
    return MessageFilter(campaign_id, frozenset(states) if states else None, contact_id, step, reason)


async def page_of(store: Store, found: Sequence[MessageRecord], limit: int) -> Page[MessageOut]:
    """A page of rows, of which one more was asked for, with the names of what they belong to."""
    records, more = cut(found, limit)
    campaigns = {one: await store.campaigns.get(one) for one in dict.fromkeys(row.id.campaign_id for row in records)}
    contacts = await asyncio.gather(*(known_contact(store.contacts, row.id.contact_id) for row in records))
    items = [_out(row, campaigns[row.id.campaign_id], who) for row, who in zip(records, contacts, strict=True)]
    return Page(items=items, next=str(records[-1].id) if more else None)


def detail_of(history: usecase.MessageHistory) -> MessageDetail:
    """One message with its journal."""
    plain = _out(history.record, history.campaign, history.contact).model_dump()
    return MessageDetail(**plain, journal=[JournalLine.model_validate(line) for line in history.journal])


def _out(record: MessageRecord, campaign: Campaign, contact: Contact | None) -> MessageOut:
    address = contact.address(record.channel) if contact is not None else None
    return MessageOut(
        id=str(record.id),
        campaign=campaign.name,
        campaign_id=campaign.id,
        step=own_step(record.id.step),
        channel=record.channel,
        contact_id=record.id.contact_id,
        contact=(contact.name if contact is not None else "") or address or "",
        address=address,
        state=record.state,
        reason=record.reason,
        attempts=record.attempts,
        retries_used=record.retries_used,
        due_at=record.due_at,
        changed_at=record.changed_at,
        provider_id=record.provider_id,
    )
