"""What comes back: receipts settle messages, replies stop sequences, an opt-out suppresses the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from disparo.domain.errors import NotFoundError
from disparo.domain.message import SENT, MessageEvent, MessageId, MessageRecord
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.domain.reply_intent import is_opt_out
from disparo.domain.settlement import FollowUp, Settlement
from disparo.domain.suppression import Suppression
from disparo.engine.follow_up import follow_ups, stop_sequence
from disparo.engine.lane_book import LaneBook
from disparo.ports.channel import Collects
from disparo.ports.contacts import Contacts
from disparo.ports.ledger import Ledger
from disparo.ports.suppressions import Suppressions

EVENTS: Mapping[ReceiptKind, MessageEvent] = {
    ReceiptKind.ACCEPTED: MessageEvent.ACCEPT,
    ReceiptKind.DELIVERED: MessageEvent.DELIVER,
    ReceiptKind.READ: MessageEvent.READ,
    ReceiptKind.FAILED: MessageEvent.REJECT,
}


class Inbound:
    """Acts on receipts and replies, whoever brings them: a webhook, a poll, a look-up.

    Both may come early, late, twice and in any order. What speaks of no message of ours is left alone.
    """

    def __init__(self, ledger: Ledger, lanes: LaneBook, contacts: Contacts, suppressions: Suppressions) -> None:
        self._ledger, self._lanes = ledger, lanes
        self._contacts, self._suppressions = contacts, suppressions

    async def take_receipts(self, receipts: Sequence[Receipt], now: datetime) -> int:
        """Settle messages by what their providers say; how many moved."""
        settlements = [await self._settlement(receipt, record, now) for receipt, record in await self._known(receipts)]
        return sum(await self._ledger.settle(settlements, now)) if settlements else 0

    async def _known(self, receipts: Sequence[Receipt]) -> list[tuple[Receipt, MessageRecord]]:
        found = []
        for receipt in receipts:
            try:
                found.append((receipt, await self._ledger.get(MessageId.parse(receipt.message_id))))
            except NotFoundError:  # of another system's message, or of one whose data was removed
                continue
        return found

    async def _settlement(self, receipt: Receipt, record: MessageRecord, now: datetime) -> Settlement:
        event = EVENTS[receipt.kind]
        failed = receipt.kind is ReceiptKind.FAILED
        follow: Sequence[FollowUp] = ()
        if failed or record.state not in SENT:
            campaign = await self._lanes.campaign(record.id.campaign_id)
            follow = follow_ups(campaign, record.id.step, sent=not failed, now=now, place=record.place)
        return Settlement(
            record.id,
            event,
            reason="refused_later" if failed else "",
            detail=receipt.detail,
            provider_id=receipt.provider_id,
            event_id=f"{receipt.provider}:{receipt.event_id}",
            follow_ups=follow,
        )

    async def take_reply(self, reply: Reply, now: datetime) -> bool:
        """Stop the sequence that a reply answers, and suppress the person when it asks so; False for a repeat."""
        event_id = f"{reply.provider}:{reply.event_id}"
        try:
            record = await self._ledger.get(MessageId.parse(reply.message_id))
        except NotFoundError:
            return False
        if await self._ledger.seen(record.id, event_id):
            return False
        opted_out = is_opt_out(reply.text)
        if opted_out:
            await self._suppress(record, reply, now)
        campaign = await self._lanes.campaign(record.id.campaign_id)
        reason = "opted_out" if opted_out else "replied"
        await stop_sequence(self._ledger, campaign, record.id.contact_id, reason, now)
        # Noted last: after a kill in between, the reply is taken again from the start, which changes nothing more.
        return await self._ledger.note(record.id, reason, reply.text, event_id, now)

    async def _suppress(self, record: MessageRecord, reply: Reply, now: datetime) -> None:
        contact = await self._contacts.get(record.id.contact_id)
        source = f"{reply.provider} {record.id}"
        await self._suppressions.add([Suppression(key, None, "opted_out", source, now) for key in contact.keys])


class Collect:
    """Asks the channels that do not call us what has come back."""

    def __init__(self, inbound: Inbound, channels: Sequence[Collects]) -> None:
        self._inbound, self._channels = inbound, channels

    async def run(self, now: datetime) -> datetime | None:
        """Take what has come back; `now` when there was something, else when it is expected."""
        soonest: datetime | None = None
        for channel in self._channels:
            collected = await channel.collect(now)
            await self._inbound.take_receipts(collected.receipts, now)
            for reply in collected.replies:
                await self._inbound.take_reply(reply, now)
            if collected.receipts or collected.replies:
                return now
            if collected.next_at is not None:
                soonest = min(soonest or collected.next_at, collected.next_at)
        return soonest
