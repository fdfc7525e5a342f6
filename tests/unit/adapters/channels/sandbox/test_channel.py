"""The sandbox as a provider: what it logs, what it forgets, and what comes back of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.channels.sandbox.channel import AT_ONCE, SandboxChannel
from disparo.adapters.channels.sandbox.outbox import MemoryOutbox
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind
from disparo.domain.template import Content
from disparo.ports.channel import Collects, LooksUp, Outgoing
from disparo.simulation.virtual_time import VirtualClock, run_virtually

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
QUICK = (0.0, 0.0)
DAY = timedelta(days=1)


def outgoing(number: int = 1) -> Outgoing:
    return Outgoing(MessageId("1", 1, str(number)), f"+55{number}", Content("Oi", "assunto", "<p>Oi</p>"))


def sandbox(outbox: MemoryOutbox, script: Script, channel: Channel = Channel.WHATSAPP) -> SandboxChannel:
    return SandboxChannel(channel, outbox, script, lambda: NOW)


def test_it_can_be_asked_and_collected() -> None:
    channel = sandbox(MemoryOutbox(), Script())
    assert isinstance(channel, LooksUp)
    assert isinstance(channel, Collects)


def test_the_log_has_the_whole_message() -> None:
    outbox = MemoryOutbox()
    outcome = asyncio.run(sandbox(outbox, Script(latency_s=QUICK)).send(outgoing(), NOW))
    [entry] = outbox.entries
    assert (entry.id, entry.address, entry.text, entry.subject, entry.html) == (
        "1.1.1",
        "+551",
        "Oi",
        "assunto",
        "<p>Oi</p>",
    )
    assert (entry.channel, entry.at_ms) == ("whatsapp", int(NOW.timestamp() * 1000))
    assert outcome.provider_id == entry.provider_id


def test_a_lost_answer_is_in_the_log_and_a_lost_request_is_not() -> None:
    for rates, logged in ((Rates(lost_answer=1.0), 1), (Rates(lost_request=1.0), 0)):
        outbox = MemoryOutbox()
        channel = sandbox(outbox, Script(rates=rates, timeout_s=0.0))
        outcome = asyncio.run(channel.send(outgoing(), NOW))
        assert (outcome.failure, outcome.provider_id) == (FailureClass.UNKNOWN, None)
        assert len(outbox.entries) == logged
        found = asyncio.run(channel.look_up(outgoing().id, NOW, NOW + channel.knows_after))
        assert (found is not None) == bool(logged)


def test_throttling_says_how_long_to_wait() -> None:
    channel = sandbox(MemoryOutbox(), Script(rates=Rates(throttled=1.0), latency_s=QUICK))
    assert asyncio.run(channel.send(outgoing(), NOW)).retry_after_s == 5.0


def test_a_message_is_in_the_log_before_its_answer_comes() -> None:
    async def story() -> None:
        outbox, clock = MemoryOutbox(), VirtualClock(NOW)
        channel = SandboxChannel(Channel.SMS, outbox, Script(latency_s=(2.0, 2.0)), clock.now)
        sending = asyncio.create_task(channel.send(outgoing(), NOW))
        await asyncio.sleep(1.5)
        assert (len(outbox.entries), sending.done()) == (1, False)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await channel.look_up(outgoing().id, NOW, clock.now()) is not None

    run_virtually(story())


def test_it_knows_of_every_message_once_its_timeout_is_over() -> None:
    assert sandbox(MemoryOutbox(), Script(timeout_s=12.0)).knows_after > timedelta(seconds=12)


def test_each_channel_collects_its_own_only() -> None:
    async def story() -> None:
        outbox, script = MemoryOutbox(), Script(latency_s=QUICK)
        mine, other = sandbox(outbox, script), sandbox(outbox, script, Channel.EMAIL)
        await mine.send(outgoing(1), NOW)
        await other.send(outgoing(2), NOW)
        collected = await mine.collect(NOW + DAY)
        assert {receipt.message_id for receipt in collected.receipts} == {"1.1.1"}

    asyncio.run(story())


def test_receipts_come_a_portion_at_a_time_and_are_all_there_in_the_end() -> None:
    async def story() -> None:
        outbox = MemoryOutbox()
        channel = sandbox(outbox, Script(latency_s=QUICK, rates=Rates(read=1.0, reply=1.0)))
        people = AT_ONCE + 100
        for number in range(people):
            await channel.send(outgoing(number), NOW)
        kinds: dict[str, int] = {}
        for _ in range(20):
            collected = await channel.collect(NOW + DAY)
            assert len(collected.receipts) + len(collected.replies) <= AT_ONCE
            for receipt in collected.receipts:
                kinds[receipt.kind] = kinds.get(receipt.kind, 0) + 1
            kinds["reply"] = kinds.get("reply", 0) + len(collected.replies)
            if collected.next_at is None:
                break
            assert collected.next_at == NOW + DAY, "there is more at once"
        assert kinds == {ReceiptKind.DELIVERED: people, ReceiptKind.READ: people, "reply": people}

    asyncio.run(story())


def test_what_is_undelivered_comes_back_as_failed() -> None:
    async def story() -> None:
        channel = sandbox(MemoryOutbox(), Script(latency_s=QUICK, rates=Rates(undelivered=1.0)))
        await channel.send(outgoing(), NOW)
        collected = await channel.collect(NOW + DAY)
        assert [(one.kind, one.detail) for one in collected.receipts] == [(ReceiptKind.FAILED, "sandbox: undelivered")]

    asyncio.run(story())


def test_nothing_is_told_before_its_time() -> None:
    async def story() -> None:
        channel = sandbox(MemoryOutbox(), Script(latency_s=QUICK))
        await channel.send(outgoing(), NOW)
        collected = await channel.collect(NOW)
        assert (collected.receipts, collected.replies) == ([], [])
        assert collected.next_at is not None
        assert collected.next_at > NOW
        assert (await channel.collect(collected.next_at - timedelta(milliseconds=1))).receipts == []
        assert len((await channel.collect(collected.next_at)).receipts) == 1

    asyncio.run(story())
