"""What every channel does; each check gets one whose provider takes every message and answers at once.

What a channel may also do (`LooksUp`, `Collects`) is checked of those that do it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.domain.template import Content
from disparo.ports.channel import Collects, LooksUp, Outgoing, SendChannel

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass
class Hand:
    """A clock that stands where it is put."""

    at: datetime = NOW

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return self.at


@dataclass
class Provider:
    """One provider: `make` opens a channel to it, as a process does, and `fail_with` makes it fail every message."""

    make: Callable[[], SendChannel]
    fail_with: Callable[[FailureClass], None]
    clock: Hand = field(default_factory=Hand)
    failures: Collection[FailureClass] = tuple(one for one in FailureClass if one is not FailureClass.PACED)
    """What it can answer; few have a limit for one person."""


Check = Callable[[Provider], Awaitable[None]]


def outgoing(contact: int = 1, text: str = "Oi, Ana! Preço: R$ 10 – só hoje 🎉") -> Outgoing:
    return Outgoing(MessageId("3", 1, str(contact)), f"+55419{88880000 + contact}", Content(text))


async def send(provider: Provider, channel: SendChannel, *contacts: int) -> list[Outcome]:
    return [await channel.send(outgoing(contact), provider.clock.now()) for contact in contacts]


async def everything(provider: Provider, channel: Collects) -> tuple[list[Receipt], list[Reply]]:
    """All that ever comes back, asked for whenever the channel says; the clock ends behind it."""
    receipts: list[Receipt] = []
    replies: list[Reply] = []
    for _ in range(1000):
        collected = await channel.collect(provider.clock.now())
        receipts += collected.receipts
        replies += collected.replies
        if collected.next_at is None:
            return receipts, replies
        provider.clock.at = max(provider.clock.at, collected.next_at)
    raise AssertionError("there is no end to what comes back")


async def check_a_message_that_is_taken_has_the_providers_id(provider: Provider) -> None:
    outcomes = await send(provider, provider.make(), 1, 2)
    assert [(one.accepted, one.failure) for one in outcomes] == [(True, None)] * 2
    assert len({one.provider_id for one in outcomes} - {None}) == 2


async def check_a_provider_that_fails_is_an_outcome_and_no_error(provider: Provider) -> None:
    channel = provider.make()
    for failure in provider.failures:
        provider.fail_with(failure)
        [outcome] = await send(provider, channel, 1)
        assert (outcome.accepted, outcome.failure, outcome.provider_id) == (False, failure, None)
        assert outcome.reason
        assert outcome.detail


async def check_messages_are_sent_at_the_same_time(provider: Provider) -> None:
    channel = provider.make()
    sends = (channel.send(outgoing(number), NOW) for number in range(20))
    outcomes = await asyncio.gather(*sends)
    assert len({one.provider_id for one in outcomes if one.accepted}) == 20


async def check_a_look_up_finds_the_attempt_that_was_taken(provider: Provider) -> None:
    channel = provider.make()
    if not isinstance(channel, LooksUp):
        return
    [outcome] = await send(provider, channel, 1)
    later = NOW + channel.knows_after
    receipt = await channel.look_up(outgoing(1).id, NOW, later)
    assert receipt is not None
    assert (receipt.kind, receipt.message_id) == (ReceiptKind.ACCEPTED, str(outgoing(1).id))
    assert receipt.provider_id == outcome.provider_id
    assert await channel.look_up(outgoing(2).id, NOW, later) is None


async def check_a_look_up_knows_nothing_of_an_attempt_by_an_earlier_one(provider: Provider) -> None:
    channel = provider.make()
    if not isinstance(channel, LooksUp):
        return
    await send(provider, channel, 1)
    second_attempt = NOW + 300 * SECOND
    assert await channel.look_up(outgoing(1).id, second_attempt, second_attempt + channel.knows_after) is None
    provider.clock.at = second_attempt
    [outcome] = await send(provider, channel, 1)
    receipt = await channel.look_up(outgoing(1).id, second_attempt, second_attempt + channel.knows_after)
    assert receipt is not None
    assert receipt.provider_id == outcome.provider_id


async def check_a_look_up_finds_what_another_process_sent(provider: Provider) -> None:
    await send(provider, provider.make(), 1)
    again = provider.make()
    if isinstance(again, LooksUp):
        assert await again.look_up(outgoing(1).id, NOW, NOW + again.knows_after) is not None


async def check_a_message_that_was_refused_is_not_found(provider: Provider) -> None:
    channel = provider.make()
    if not isinstance(channel, LooksUp):
        return
    provider.fail_with(FailureClass.TRANSIENT)
    await send(provider, channel, 1)
    assert await channel.look_up(outgoing(1).id, NOW, NOW + channel.knows_after) is None


async def check_receipts_speak_of_our_messages_and_come_in_their_time(provider: Provider) -> None:
    channel = provider.make()
    if not isinstance(channel, Collects):
        return
    outcomes = await send(provider, channel, *range(10))
    receipts, _ = await everything(provider, channel)
    assert {receipt.message_id for receipt in receipts} == {str(outgoing(number).id) for number in range(10)}
    assert {receipt.provider_id for receipt in receipts} <= {one.provider_id for one in outcomes}
    assert all(NOW <= receipt.at <= provider.clock.now() for receipt in receipts)
    assert len({receipt.event_id for receipt in receipts}) == len(receipts)


async def check_nothing_comes_back_before_it_has_happened(provider: Provider) -> None:
    channel = provider.make()
    if not isinstance(channel, Collects):
        return
    await send(provider, channel, *range(10))
    while True:
        collected = await channel.collect(provider.clock.now())
        happened_at = [one.at for one in collected.receipts] + [one.at for one in collected.replies]
        assert all(at <= provider.clock.now() for at in happened_at)
        if collected.next_at is None:
            return
        provider.clock.at = max(provider.clock.at, collected.next_at)


async def check_without_traffic_nothing_is_expected(provider: Provider) -> None:
    channel = provider.make()
    if isinstance(channel, Collects):
        assert await everything(provider, channel) == ([], [])


async def check_after_a_restart_the_same_comes_back_under_the_same_names(provider: Provider) -> None:
    channel = provider.make()
    if not isinstance(channel, Collects):
        return
    await send(provider, channel, *range(10))
    receipts, replies = await everything(provider, channel)
    again = provider.make()
    assert isinstance(again, Collects)
    same_receipts, same_replies = await everything(provider, again)
    assert {one.event_id: one for one in same_receipts} == {one.event_id: one for one in receipts}
    assert {one.event_id: one for one in same_replies} == {one.event_id: one for one in replies}


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
