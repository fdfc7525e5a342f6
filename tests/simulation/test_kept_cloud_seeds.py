"""What the simulation of DynamoDB and of the functions has taught, each as the smallest scene that shows it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from disparo.adapters.aws.recounting import recount
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTROL, Update
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageState
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Pace
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.ports.store import Store
from disparo.simulation.facts import Facts, Heard
from disparo.simulation.memory_tables import MemoryTables
from tests.simulation.test_kept_seeds import MONDAY, begun, engine_on, step, taken

AT = MONDAY + timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """Nothing in a process that is killed can catch this."""


def at_write(words: str, happens: Callable[[], Awaitable[None]]) -> Callable[[str, str], Awaitable[None]]:
    """A gate in which something happens once, before the first write of this kind."""
    left = [happens]

    async def gate(side: str, what: str) -> None:
        if side == "before" and what.startswith(words) and left:
            await left.pop()()

    return gate


async def due(store: Store, people: int = 1) -> Campaign:
    campaign = await begun(store, step(1), people=people)
    await engine_on(store, taken).launch.run(MONDAY)
    return campaign


async def claim(store: Store, at: datetime, count: int = 1) -> list[Claimed]:
    return [*(await engine_on(store, taken).dispatch.claim("sms", count, at)).messages]


async def kill() -> None:
    raise Killed


def test_a_lease_is_kept_while_its_claim_has_not_begun_its_messages() -> None:
    """It was forgotten as one of which nothing is left; the message then stayed `sending` for ever (I1)."""

    async def scene() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        await due(store)

        async def look() -> None:
            assert await store.ledger.next_watch() is not None

        claiming = open_store(tables.sibling(at_write("Put ledger", look)))
        assert len(await claim(claiming, AT)) == 1
        assert await store.ledger.lapse(AT + timedelta(hours=1), 10) == 1

    asyncio.run(scene())


def test_a_claim_that_stood_still_beyond_its_lease_begins_nothing() -> None:
    """The lease had been forgotten by then: had the claimer died next, nobody would have put the message in doubt."""

    async def scene() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        await due(store)

        async def lapse() -> None:
            assert await store.ledger.lapse(AT + timedelta(hours=1), 10) == 0

        claiming = open_store(tables.sibling(at_write("Put ledger", lapse)))
        assert await claim(claiming, AT) == []
        [row] = await store.ledger.rows_of("1", "1")
        assert row.state is MessageState.DUE
        assert len(await claim(store, AT + timedelta(hours=2))) == 1

    asyncio.run(scene())


def test_housekeeping_comes_to_rest_when_counters_are_behind_at_the_deadline() -> None:
    """They said that something was due, the sweep found nothing, and both went round and round at full speed."""

    async def scene() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        campaign = await begun(store, step(1), step(2), deadline=timedelta(hours=1))
        engine = engine_on(store, taken)
        await engine.launch.run(MONDAY)
        await claim(store, AT)
        await tables.write(Update(CONTROL, {"pk": f"tally#{campaign.id}", "sk": "7"}, add={"1|due|": 1, "v": 1}))
        late = MONDAY + timedelta(hours=2)
        for _ in range(5):
            wish = await engine.housekeeping.run(late)
            if wish is None or wish > late:
                return
        raise AssertionError("it never comes to rest")

    asyncio.run(scene())


def test_what_was_claimed_before_the_breaker_opened_waits_when_it_is_half_open() -> None:
    """Tickets of a minute ago all went to the sick provider as soon as its time was over, beside the probe (I7)."""

    async def scene() -> None:
        store = open_store(MemoryTables())
        await due(store, people=3)
        sender = Sender("sms", Channel.SMS, breaker=BreakerPolicy(1, timedelta(seconds=5)))
        dispatch = engine_on(store, taken).dispatch
        pace = Pace(1, timedelta(seconds=20))
        first, second, third = (await dispatch.claim("sms", 3, AT, MINUTE, pace)).messages
        assert await store.ledger.begin(first, first.permit_at)
        fault = Settlement(
            first.id, MessageEvent.RETRY, first.fence, due_at=AT + timedelta(hours=1), sender=sender, heard=True,
            failure=FailureClass.TRANSIENT,
        )  # fmt: skip
        await store.ledger.settle([fault], first.permit_at)
        for message in (second, third):
            assert await store.ledger.begin(message, message.permit_at)
            assert await store.ledger.clear_to_send(message, sender, message.permit_at) == "breaker_open"

    asyncio.run(scene())


def test_a_campaign_that_ends_before_its_sender_writes_down_an_outcome_is_counted_once() -> None:
    """The receipt came first and ended it; then the sender's process counted the begin that was counted already."""

    async def scene() -> None:
        tables = MemoryTables()
        webhook, sending = open_store(tables), open_store(tables.sibling())
        campaign = await due(webhook)
        [claimed] = (await engine_on(webhook, taken).dispatch.claim("sms", 1, AT, MINUTE)).messages
        message = await sending.ledger.pick_up(Ticket.of(claimed), AT)
        assert message is not None and await sending.ledger.begin(message, AT)
        await webhook.ledger.settle([Settlement(message.id, MessageEvent.DELIVER, event_id="p:1")], AT)
        assert await webhook.campaigns.conclude(campaign.id, AT)
        await sending.ledger.settle([Settlement(message.id, MessageEvent.ACCEPT, message.fence)], AT)
        assert [(one.state, one.count) for one in await webhook.campaigns.tally(campaign.id)] == [("delivered", 1)]

    asyncio.run(scene())


def test_a_recount_leaves_counters_alone_that_moved_to_a_new_shard_meanwhile() -> None:
    """Only the shards that it had seen were looked at: what came to another one was counted twice."""

    async def scene() -> None:
        tables = MemoryTables()
        store = open_store(tables)
        campaign = await due(store)
        [message] = await claim(store, AT)
        shards = [str(item["sk"]) for item in await tables.query(CONTROL, f"tally#{campaign.id}")]
        free = next(str(number) for number in range(8) if str(number) not in shards)

        async def counted() -> None:  # by whoever wrote the row before it was recounted
            key = {"pk": f"tally#{campaign.id}", "sk": free}
            await tables.write(Update(CONTROL, key, add={"1|sending|": -1, "1|accepted|": 1, "v": 1}))

        settling = open_store(tables.sibling(at_write("Update control tally", kill)))
        with suppress(Killed):
            await settling.ledger.settle([Settlement(message.id, MessageEvent.ACCEPT, message.fence)], AT)
        await recount(tables.sibling(at_write("Transaction", counted)), campaign.id)
        tallies = await store.campaigns.tally(campaign.id)
        assert [(one.state, one.count) for one in tallies] == [("accepted", 1)]
        assert (await store.campaigns.get(campaign.id)).state is CampaignState.RUNNING

    asyncio.run(scene())


def test_two_answers_to_one_message_both_reach_the_breaker_that_is_checked_against() -> None:
    """A late one under an old fence pushed the new one out: the checker's breaker then opened a fault too late."""
    facts = Facts({}, {})
    message = MessageId("1", 1, "1")
    facts.unrecorded["w1", message] += [Heard(1, FailureClass.UNKNOWN), Heard(2, FailureClass.TRANSIENT)]
    assert facts.recorded("w1", message, 2) == Heard(2, FailureClass.TRANSIENT)
    assert facts.recorded("w1", message, 1) == Heard(1, FailureClass.UNKNOWN)
    assert facts.forgotten("w1") == []


def test_the_breaker_that_is_checked_against_keeps_whole_milliseconds_as_stores_do() -> None:
    sender = Sender("sms", Channel.SMS, breaker=BreakerPolicy(1, timedelta(seconds=5)))
    breaker = Facts({"sms": sender}, {}).breakers["sms"]
    opened_at = datetime(2026, 11, 23, 13, 0, 0, 267_900, tzinfo=UTC)
    breaker.hear(FailureClass.AUTH, opened_at)
    half_open_at = datetime(2026, 11, 23, 13, 0, 5, 267_000, tzinfo=UTC)
    assert breaker.shut(half_open_at - timedelta(microseconds=1))
    assert not breaker.shut(half_open_at)
