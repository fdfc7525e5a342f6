"""The sandbox as a channel."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from disparo.adapters.channels.sandbox.outbox import Entry, Outbox
from disparo.adapters.channels.sandbox.script import Script
from disparo.domain.contact import Channel
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.ports.channel import Collected, Outgoing

AT_ONCE = 100
"""Receipts handed out in one go."""

CLOCKS_APART = timedelta(minutes=1)
"""How far our clock may have been set back between a claim and its request, without the copy being denied."""


class SandboxChannel:
    """`SendChannel`, `LooksUp` and `Collects` without a provider.

    A message that it takes is in the outbox before it answers, stamped with its own clock, as a provider's log would
    be. What it was asked and refused leaves no trace.
    """

    def __init__(self, channel: Channel, outbox: Outbox, script: Script, clock: Callable[[], datetime]) -> None:
        self._channel, self._outbox, self._script, self._clock = channel, outbox, script, clock
        self.knows_after = timedelta(seconds=script.timeout_s + 5)
        self._position = 0
        self._coming: list[tuple[datetime, str, Receipt | Reply]] = []

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002  # it has a clock of its own
        """See `SendChannel.send`."""
        asked_at = self._clock()
        fate = self._script.fate(str(message.id), message.address, asked_at)
        if fate.latency_s:
            await asyncio.sleep(fate.latency_s / 2)
        content = message.content
        entry = Entry(
            str(message.id),
            to_ms(asked_at),
            self._channel,
            message.address,
            content.text,
            content.subject,
            content.html,
        )
        if fate.taken:
            await self._outbox.append(entry)
        if fate.latency_s:
            await asyncio.sleep(fate.latency_s / 2)
        if fate.failure is None:
            return Outcome(accepted=True, provider_id=entry.provider_id)
        return Outcome(
            accepted=False,
            failure=fate.failure,
            reason=_REASONS[fate.failure],
            detail=f"sandbox: {fate.failure}",
            retry_after_s=fate.retry_after_s,
        )

    async def look_up(
        self,
        message_id: MessageId,
        attempt_at: datetime,
        now: datetime,  # noqa: ARG002
    ) -> Receipt | None:
        """See `LooksUp.look_up`."""
        entry = (await self._outbox.find_all([str(message_id)])).get(str(message_id))
        if entry is None or entry.at_ms < to_ms(attempt_at - CLOCKS_APART):
            return None
        return _receipt(entry, ReceiptKind.ACCEPTED, from_ms(entry.at_ms))

    async def collect(self, now: datetime) -> Collected:
        """See `Collects.collect`."""
        entries, self._position = await self._outbox.read(self._position, AT_ONCE)
        for entry in entries:
            if entry.channel == self._channel:
                for coming in self._comes_back(entry):
                    heapq.heappush(self._coming, coming)
        receipts: list[Receipt] = []
        replies: list[Reply] = []
        while self._coming and self._coming[0][0] <= now and len(receipts) + len(replies) < AT_ONCE:
            *_, event = heapq.heappop(self._coming)
            if isinstance(event, Receipt):
                receipts.append(event)
            else:
                replies.append(event)
        more = len(entries) == AT_ONCE or len(receipts) + len(replies) == AT_ONCE
        next_at = now if more else self._coming[0][0] if self._coming else None
        return Collected(receipts, replies, next_at)

    def _comes_back(self, entry: Entry) -> Iterator[tuple[datetime, str, Receipt | Reply]]:
        after, taken_at = self._script.aftermath(entry.id), from_ms(entry.at_ms)
        stages = (
            (after.delivered_after, ReceiptKind.DELIVERED),
            (after.failed_after, ReceiptKind.FAILED),
            (after.read_after, ReceiptKind.READ),
        )
        for delay, kind in stages:
            if delay is not None:
                receipt = _receipt(entry, kind, taken_at + delay)
                yield receipt.at, receipt.event_id, receipt
        if after.reply_after is not None:
            at = taken_at + after.reply_after
            event_id = f"{entry.provider_id}:reply"
            yield at, event_id, Reply("sandbox", event_id, entry.id, after.reply, at)


_REASONS = {
    FailureClass.RECIPIENT: "address_unknown",
    FailureClass.PERMANENT: "message_refused",
    FailureClass.TRANSIENT: "provider_failed",
    FailureClass.THROTTLED: "provider_throttled",
    FailureClass.AUTH: "credentials_refused",
    FailureClass.UNKNOWN: "no_answer",
}


def _receipt(entry: Entry, kind: ReceiptKind, at: datetime) -> Receipt:
    detail = "sandbox: undelivered" if kind is ReceiptKind.FAILED else ""
    return Receipt("sandbox", f"{entry.provider_id}:{kind}", entry.id, kind, at, entry.provider_id, detail)
