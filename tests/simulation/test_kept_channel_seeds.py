"""What worlds with several senders, batches and late receipts have taught, each as the smallest scene that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.adapters.aws.store import open_store as open_cloud
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.message import MessageId, MessageState, Outcome
from disparo.domain.policies.sender_shares import SenderShares
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.domain.sender import Sender
from disparo.domain.ticket import Ticket
from disparo.domain.whatsapp_content import Approved
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.process import PlainRenderer
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker.tick import Tick
from tests.simulation.test_kept_seeds import MONDAY, Answering, begun, step, taken

AT = MONDAY + timedelta(minutes=5)
HOUR = timedelta(hours=1)
FIRST = MessageId("1", 1, "1")
CLOSED = Receipt("sim", "closed", str(FIRST), ReceiptKind.FAILED, AT, "p1", reason="window_closed")


def engine_of(store: Store, *senders: Sender) -> Engine:
    routes = {one.name: Route(one, Answering(taken)) for one in senders}
    return Engine.build(store, PlainRenderer(), routes, lambda: 0.5)


async def under_way(store: Store) -> tuple[Engine, Campaign]:
    """A free text by WhatsApp, whose step has an approved template, is at its provider."""
    template = replace(step(1).template, approved=Approved("hello", "pt_BR"))
    campaign = await begun(store, replace(step(1), channel=Channel.WHATSAPP, template=template))
    engine = engine_of(store, Sender("wa", Channel.WHATSAPP))
    await engine.launch.run(MONDAY)
    return engine, campaign


async def send(engine: Engine, sender: str, minutes: int) -> None:
    at = AT + timedelta(minutes=minutes)
    [message] = (await engine.dispatch.claim(sender, 1, at)).messages
    await engine.dispatch.record([await engine.dispatch.conclude(message, Outcome(True, "p1"), at)], at)


def test_a_repeated_receipt_does_not_shut_the_window_for_who_has_written_since() -> None:
    """Each repeat shut it again: whoever had answered got a template that costs money, and no buttons (I11)."""

    async def scene() -> None:
        store = open_store(Database(None))
        engine, _ = await under_way(store)
        await send(engine, "wa", 0)
        await engine.inbound.take_receipts([CLOSED], AT)
        await engine.inbound.take_reply(Reply("sim", "r1", str(FIRST), "Quem é?", AT + HOUR), AT + HOUR)
        await engine.inbound.take_receipts([CLOSED], AT + 2 * HOUR)
        keys = (await store.contacts.get("1")).keys
        assert await store.inbox.last_heard(Channel.WHATSAPP, "wa", keys) == AT + HOUR

    asyncio.run(scene())


@pytest.mark.parametrize("family", ["embedded", "aws"])
def test_a_repeated_receipt_does_not_open_its_campaign_again(family: str) -> None:
    """The message had gone by template and all was over; each repeat set the campaign going once more (I11)."""

    async def scene() -> None:
        store = open_store(Database(None)) if family == "embedded" else open_cloud(MemoryTables())
        engine, campaign = await under_way(store)
        await send(engine, "wa", 0)
        await engine.inbound.take_receipts([CLOSED], AT)
        await send(engine, "wa", 1)
        assert await store.campaigns.conclude(campaign.id, AT + HOUR)
        await engine.inbound.take_receipts([CLOSED], AT + 2 * HOUR)
        assert (await store.campaigns.get(campaign.id)).state is CampaignState.COMPLETED
        assert (await store.ledger.get(FIRST)).state is MessageState.ACCEPTED

    asyncio.run(scene())


@pytest.mark.parametrize("family", ["embedded", "aws"])
def test_a_late_accepted_does_not_keep_the_template_from_going(family: str) -> None:
    """A sender that had stood still said that the first copy was taken; then the message counted as sent."""

    async def scene() -> None:
        store = open_store(Database(None)) if family == "embedded" else open_cloud(MemoryTables())
        engine, _ = await under_way(store)
        [message] = (await engine.dispatch.claim("wa", 1, AT)).messages
        await store.ledger.lapse(AT + HOUR, 10)
        await engine.inbound.take_receipts([CLOSED], AT + HOUR)
        await engine.dispatch.record([await engine.dispatch.conclude(message, Outcome(True, "p1"), AT)], AT + HOUR)
        row = await store.ledger.get(FIRST)
        assert (row.state, row.reason) == (MessageState.DUE, "by_template")
        await send(engine, "wa", 90)
        assert (await store.ledger.get(FIRST)).state is MessageState.ACCEPTED

    asyncio.run(scene())


def test_a_clock_that_is_set_back_makes_no_sender_wait_for_one_that_does_not_ask() -> None:
    """One that had asked "in the future" was waited for until that time came again: two hours of nothing."""
    shares = SenderShares({"a": 1, "b": 1}, timedelta(0))
    assert shares.allowance("b", 10, AT)
    shares.took("b", 1_000, AT)
    assert shares.allowance("a", 10, AT)
    earlier = AT - 2 * HOUR
    assert any(shares.allowance("b", 10, earlier + timedelta(seconds=second)) for second in range(5))


class Kept:
    """A queue that keeps what it is given."""

    def __init__(self) -> None:
        self.tickets: list[Ticket] = []

    async def put(self, tickets: Sequence[tuple[Ticket, timedelta]]) -> None:
        self.tickets += [ticket for ticket, _ in tickets]

    async def depth(self) -> int:
        return 0


def test_a_sender_that_is_far_ahead_still_gets_what_only_it_may_carry() -> None:
    """In each tick it was told that it was the other's turn, and the other had nothing to do: so for ever."""

    async def scene() -> None:
        store, clock, queue = open_store(Database(None)), VirtualClock(AT), Kept()
        await begun(store, step(1), people=3, senders=("ahead",))
        engine = engine_of(store, Sender("ahead", Channel.SMS), Sender("idle", Channel.SMS))
        await engine.launch.run(MONDAY)
        engine.dispatch._shares["ahead"].took("ahead", 10_000, AT)
        await Tick(engine, queue, clock, holder="t").run(clock.now() + timedelta(seconds=45))
        assert [ticket.sender for ticket in queue.tickets] == ["ahead"] * 3

    run_virtually(scene())
