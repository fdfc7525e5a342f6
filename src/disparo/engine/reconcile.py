"""Reconcile: messages of unknown outcome are settled by their provider's word, else by their sender's policy (I2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from disparo.domain.message import MessageEvent
from disparo.domain.sender import DoubtPolicy, Sender
from disparo.domain.settlement import FollowUp, Settlement
from disparo.domain.webhook import Event, EventType
from disparo.domain.webhook_events import message_event
from disparo.engine.dispatch import Route
from disparo.engine.follow_up import follow_ups
from disparo.engine.inbound import Inbound
from disparo.engine.lane_book import LaneBook
from disparo.ports.channel import LooksUp
from disparo.ports.events import Events, NoEvents
from disparo.ports.ledger import Doubt, Ledger

BATCH = 200
ASK_AGAIN = timedelta(minutes=1)


class Reconcile:
    """Puts messages in doubt whose lease ran out, and settles doubts.

    A provider that can be asked decides. Of one that cannot, a receipt is awaited for the sender's `doubt_wait`; then
    `hold` gives the message to a person, and `resend` repeats it. One whose sender is no longer there is held.
    """

    def __init__(
        self,
        ledger: Ledger,
        lanes: LaneBook,
        inbound: Inbound,
        routes: Mapping[str, Route],
        events: Events | None = None,
    ) -> None:
        self._ledger, self._lanes, self._inbound, self._routes = ledger, lanes, inbound, routes
        self._events = events or NoEvents()

    async def run(self, now: datetime) -> datetime | None:
        """Settle what can be settled; `now` when there was something, else when there next may be."""
        await self._ledger.lapse(now, BATCH)
        doubts = await self._ledger.doubts(now, BATCH)
        told = [_doubted(doubt) for doubt in doubts]  # those whose lease ran out were not announced yet
        if told and await self._events.wanted({EventType.MESSAGE_IN_DOUBT}, now):
            await self._events.publish(told, now)
        for doubt in doubts:
            await self._look_into(doubt, now)
        return now if doubts else await self._ledger.next_watch()

    async def _look_into(self, doubt: Doubt, now: datetime) -> None:
        route = self._routes.get(doubt.sender)
        if route is None:
            await self._await_sender(doubt, now)
        elif isinstance(route.channel, LooksUp):
            await self._ask(doubt, route.channel, now)
        else:
            await self._await_receipt(doubt, route.sender, now)

    async def _ask(self, doubt: Doubt, channel: LooksUp, now: datetime) -> None:
        known_at = doubt.began_at + channel.knows_after
        if now < known_at:
            await self._ledger.look_again(doubt.record.id, known_at)
            return
        try:
            receipt = await channel.look_up(doubt.record.id, doubt.began_at, now)
        except ConnectionError:
            await self._ledger.look_again(doubt.record.id, now + ASK_AGAIN)
            return
        if receipt is None:
            await self._settle(doubt, MessageEvent.RELEASE, "never_arrived", now, due_at=now)
        else:
            await self._inbound.take_receipts([receipt], now)

    async def _await_receipt(self, doubt: Doubt, sender: Sender, now: datetime) -> None:
        until = doubt.since + sender.doubt_wait
        if now < until:
            await self._ledger.look_again(doubt.record.id, until)
        elif sender.doubt_policy is DoubtPolicy.RESEND:
            await self._settle(doubt, MessageEvent.RESEND, "resent_in_doubt", now, due_at=now)
        else:
            await self._settle(doubt, MessageEvent.HOLD, "held_in_doubt", now)

    async def _await_sender(self, doubt: Doubt, now: datetime) -> None:
        """It may come back and ask its provider; until then as long as any, and nothing is repeated in its name."""
        gone = Sender(doubt.sender, doubt.record.channel)
        if now < doubt.since + gone.doubt_wait:
            await self._ledger.look_again(doubt.record.id, now + ASK_AGAIN)
        else:
            await self._await_receipt(doubt, gone, now)

    async def _settle(
        self, doubt: Doubt, event: MessageEvent, reason: str, now: datetime, due_at: datetime | None = None
    ) -> None:
        record = doubt.record
        follow: Sequence[FollowUp] = ()
        if event is MessageEvent.HOLD:
            campaign = await self._lanes.campaign(record.id.campaign_id)
            # It may well have arrived, so a fallback would be a second message: the sequence goes on as if sent.
            follow = follow_ups(campaign, record.id.step, sent=True, now=now, place=record.place)
        one = Settlement(record.id, event, record.attempts, reason, due_at=due_at, follow_ups=follow)
        await self._ledger.settle([one], now)


def _doubted(doubt: Doubt) -> Event:
    record = doubt.record
    return message_event(record.id, MessageEvent.DOUBT, record.attempts, record.reason, doubt.since, proven=True)
