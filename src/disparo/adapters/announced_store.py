"""Stores whose changes are announced: events are kept before the change is written, with what proves that it was.

A kill in between leaves an event whose proof is looked for before it is told (`engine/announcing.py`): what did not
come about is never told, and nothing that did is lost. Of campaigns, which change seldom, events are kept in the very
write that changes them. While nobody wants such events nothing is asked or written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from disparo.domain.campaign import Campaign, CampaignEvent
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MESSAGE_LIFECYCLE, MessageEvent, MessageId
from disparo.domain.settlement import EVIDENCE, Settlement
from disparo.domain.webhook import Event, EventType, Proof, ProofKind
from disparo.domain.webhook_delivery import Delivery
from disparo.domain.webhook_events import OF_CAMPAIGNS, OF_MESSAGES, came_to, campaign_event, message_event
from disparo.ports.campaigns import Campaigns, Telling
from disparo.ports.events import Events
from disparo.ports.imports import Imports
from disparo.ports.ledger import Ledger
from disparo.ports.store import Store

_MESSAGE_TYPES = frozenset(OF_MESSAGES.values())

_IMPORT_TYPES = frozenset({EventType.IMPORT_COMPLETED, EventType.IMPORT_FAILED})


class AnnouncedLedger:
    """A ledger whose settlements are announced; in everything else the ledger itself."""

    def __init__(self, ledger: Ledger, events: Events) -> None:
        self._ledger, self._events = ledger, events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> Sequence[bool]:
        """See `Ledger.settle`."""
        if not await self._events.wanted(_MESSAGE_TYPES, now):
            return await self._ledger.settle(settlements, now)
        drafts = [await self._draft(one, now) for one in settlements]
        if kept := [draft for draft in drafts if draft is not None]:
            await self._events.publish(kept, now)
        changed = await self._ledger.settle(settlements, now)
        # Of evidence the history tells; of an end it may also say what came too late to count.
        ends = [
            (draft, did)
            for one, draft, did in zip(settlements, drafts, changed, strict=True)
            if draft is not None and one.event not in EVIDENCE
        ]
        if told := [draft for draft, did in ends if did]:
            await self._events.decide(told, True, now)
        if vain := [draft for draft, did in ends if not did and not await self._stands(draft)]:
            await self._events.decide(vain, False, now)
        return changed

    async def _draft(self, one: Settlement, now: datetime) -> Event | None:
        if one.event not in OF_MESSAGES or not await self._events.wanted({OF_MESSAGES[one.event]}, now):
            return None
        attempt = one.fence if one.fence is not None else await self._attempt(one)
        return None if attempt is None else message_event(one.id, one.event, attempt, one.reason, now)

    async def _attempt(self, one: Settlement) -> int | None:
        """Which attempt a receipt speaks of; None for what changes nothing: a repeat, or what is known already."""
        try:
            record = await self._ledger.get(one.id)
        except NotFoundError:
            return None
        if not MESSAGE_LIFECYCLE.allows(record.state, one.event):
            return None
        if one.event_id is not None and await self._ledger.seen(one.id, one.event_id):
            return None
        return record.attempts

    async def _stands(self, draft: Event) -> bool:
        """Whether somebody else has just brought the message to the very same end."""
        assert draft.proof is not None
        record = await self._ledger.get(MessageId.parse(draft.proof.subject))
        return came_to(record, MessageEvent(draft.proof.what), draft.proof.number)


class AnnouncedCampaigns:
    """Campaigns whose changes of state are announced in the same write; in everything else the campaigns themselves."""

    def __init__(self, campaigns: Campaigns, events: Events) -> None:
        self._campaigns, self._events = campaigns, events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._campaigns, name)

    async def apply(self, campaign_id: str, event: CampaignEvent, now: datetime) -> Campaign:
        """See `Campaigns.apply`."""
        if (kind := OF_CAMPAIGNS.get(event)) is None or not await self._events.wanted({kind}, now):
            return await self._campaigns.apply(campaign_id, event, now)
        moved = await self._campaigns.apply(campaign_id, event, now, self._telling(now))
        self._events.kept.set()
        return moved

    async def conclude(self, campaign_id: str, now: datetime) -> bool:
        """See `Campaigns.conclude`."""
        if not await self._events.wanted({EventType.CAMPAIGN_COMPLETED}, now):
            return await self._campaigns.conclude(campaign_id, now)
        if ended := await self._campaigns.conclude(campaign_id, now, self._telling(now)):
            self._events.kept.set()
        return ended

    def _telling(self, now: datetime) -> Telling:
        def told(campaign: Campaign, event: CampaignEvent) -> Sequence[Delivery]:
            return () if campaign.standing else self._events.deliveries([campaign_event(campaign, event, now)], now)

        return told


class AnnouncedImports:
    """Imports whose ends are announced; in everything else the imports themselves."""

    def __init__(self, imports: Imports, events: Events) -> None:
        self._imports, self._events = imports, events

    def __getattr__(self, name: str) -> Any:
        return getattr(self._imports, name)

    async def finish(self, import_id: str, *args: Any) -> Any:
        """See `Imports.finish`."""
        await self._keep(EventType.IMPORT_COMPLETED, import_id, args[-1])
        return await self._imports.finish(import_id, *args)

    async def fail(self, import_id: str, *args: Any) -> Any:
        """See `Imports.fail`."""
        await self._keep(EventType.IMPORT_FAILED, import_id, args[-1])
        return await self._imports.fail(import_id, *args)

    async def _keep(self, kind: EventType, import_id: str, now: datetime) -> None:
        if await self._events.wanted(_IMPORT_TYPES, now):
            proof = Proof(ProofKind.IMPORT, import_id, kind.removeprefix("import."))
            event = Event.of(kind, now, {"import_id": import_id}, key=(import_id,), proof=proof)
            await self._events.publish([event], now)


def announced(store: Store, events: Events) -> Store:
    """The same store, whose messages and campaigns are announced. Meetings announce themselves (`Attend`)."""
    return replace(
        store,
        ledger=cast(Ledger, AnnouncedLedger(store.ledger, events)),
        campaigns=cast(Campaigns, AnnouncedCampaigns(store.campaigns, events)),
    )


def announced_imports(imports: Imports, events: Events) -> Imports:
    """The same imports, announced."""
    return cast(Imports, AnnouncedImports(imports, events))
