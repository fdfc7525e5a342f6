"""What the simulation has taught, each as the smallest scene that shows it: seeds shift when scenarios change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState, OnFailure, Step
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.lane import Lane
from disparo.domain.message import MessageEvent, MessageId, MessageState, Outcome
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, DailyHours
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.engine.follow_up import stop_sequence
from disparo.engine.lane_book import LaneBook
from disparo.ports.channel import Outgoing
from disparo.ports.store import Store
from disparo.simulation.process import PlainRenderer
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.worker import Worker

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ALWAYS_OPEN = BusinessHours(default=DailyHours(frozenset(range(1, 8)), 0, 1440, None), public_holidays=False)
SENDER = Sender("sms", Channel.SMS, breaker=BreakerPolicy(1, timedelta(seconds=5)), doubt_wait=timedelta(hours=1))


class Answering:
    """A channel that answers what it is told to."""

    def __init__(self, answer: Callable[[Outgoing], Awaitable[Outcome]]) -> None:
        self._answer = answer

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        return await self._answer(message)


async def taken(message: Outgoing) -> Outcome:
    return Outcome(True, "p1")


async def silent(message: Outgoing) -> Outcome:
    return Outcome(False, None, FailureClass.UNKNOWN, "no_answer")


def step(number: int) -> Step:
    return Step(Channel.SMS, Template(f"s{number}", "Hello"), parse_wait("1m"), OnFailure.STOP)


async def begun(store: Store, *steps: Step, people: int = 1, **more: object) -> Campaign:
    drafts = [
        ContactDraft(f"a.csv:{n}", None, phone=f"+551198888{n:04}", phone_key=f"551198888{n:04}") for n in range(people)
    ]
    await store.contacts.fold("a", drafts)
    place = Place("America/Sao_Paulo", "BR-SP")
    draft = Campaign("", "c", "a", steps, ALWAYS_OPEN, place, MONDAY, **more)  # type: ignore[arg-type]
    campaign = await store.campaigns.add(draft)
    return await store.campaigns.apply(campaign.id, CampaignEvent.START, MONDAY)


def engine_on(store: Store, answer: Callable[[Outgoing], Awaitable[Outcome]]) -> Engine:
    return Engine.build(store, PlainRenderer(), {"sms": Route(SENDER, Answering(answer))}, lambda: 0.5)


def test_a_deadline_that_passes_while_a_message_is_in_doubt_does_not_keep_housekeeping_busy() -> None:
    """It answered "call me again at the deadline", which was over: a loop at full speed for up to 72 hours."""

    async def scene() -> None:
        store = open_store(Database(None))
        await begun(store, step(1), deadline=timedelta(hours=1))
        engine = engine_on(store, silent)
        await engine.launch.run(MONDAY)
        at = MONDAY + timedelta(minutes=59)
        [message] = (await engine.dispatch.claim("sms", 1, at)).messages
        await engine.dispatch.record([await engine.dispatch.conclude(message, await silent_outcome(), at)], at)
        late = MONDAY + timedelta(hours=2)
        wish = await engine.housekeeping.run(late)
        assert wish is None or wish > late

    async def silent_outcome() -> Outcome:
        return Outcome(False, None, FailureClass.UNKNOWN, "no_answer")

    asyncio.run(scene())


def test_a_campaign_ends_with_its_last_receipt_without_anybody_looking() -> None:
    """A step that did something woke the senders only: housekeeping slept on, and the campaign ran for ever."""

    async def scene() -> None:
        store = open_store(Database(None))
        clock = VirtualClock(MONDAY)
        campaign = await begun(store, step(1))
        engine = engine_on(store, silent)
        worker = Worker(engine, clock, name="w", concurrency=1, poll=None)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(3 * 3_600)
        assert (await store.campaigns.get(campaign.id)).state is CampaignState.COMPLETED
        worker.stop()
        await running

    run_virtually(scene())


def test_hours_with_a_lunch_at_midnight_are_read_back_as_they_were() -> None:
    """Its beginning was written as 24:00, which nothing reads: the campaign could never be loaded again."""

    async def scene() -> None:
        store = open_store(Database(None))
        hours = BusinessHours(default=DailyHours(frozenset({1}), 1200, 1680, (1440, 1500)))
        draft = Campaign("", "c", "a", (step(1),), hours, Place("America/Sao_Paulo"), MONDAY)
        campaign = await store.campaigns.add(draft)
        assert (await store.campaigns.get(campaign.id)).hours == hours

    asyncio.run(scene())


async def two_steps_under_way(store: Store) -> Engine:
    """The first step taken, the second in a worker's hands."""
    await begun(store, step(1), step(2))
    engine = engine_on(store, taken)
    await engine.launch.run(MONDAY)
    at = MONDAY + timedelta(minutes=5)
    [first] = (await engine.dispatch.claim("sms", 1, at)).messages
    await engine.dispatch.record([await engine.dispatch.conclude(first, Outcome(True, "p1"), at)], at)
    later = at + timedelta(minutes=5)
    [second] = (await engine.dispatch.claim("sms", 1, later)).messages
    assert second.id == MessageId("1", 2, "1")
    return engine


def test_a_failure_told_later_leaves_the_next_step_alone_when_it_has_begun() -> None:
    """It cancelled a message that was at its provider: sent, and on record as cancelled."""

    async def scene() -> None:
        store = open_store(Database(None))
        engine = await two_steps_under_way(store)
        failed = Receipt("sim", "e1", "1.1.1", ReceiptKind.FAILED, MONDAY)
        await engine.inbound.take_receipts([failed], MONDAY + timedelta(minutes=11))
        first, second = await store.ledger.rows_of("1", "1")
        assert (first.state, second.state) == (MessageState.FAILED, MessageState.SENDING)

    asyncio.run(scene())


def test_a_reply_leaves_a_message_alone_that_is_claimed_while_it_is_read() -> None:
    """Between the look at the rows and the cancelling, a worker may claim: that message is on its way."""

    async def scene() -> None:
        store = open_store(Database(None))
        campaign = await begun(store, step(1))
        engine = engine_on(store, taken)
        await engine.launch.run(MONDAY)
        at = MONDAY + timedelta(minutes=5)
        rows = await store.ledger.rows_of("1", "1")
        [claimed] = (await engine.dispatch.claim("sms", 1, at)).messages

        class Before:
            """The ledger as it was looked at before the claim, and is written to after it."""

            settle = store.ledger.settle

            async def rows_of(self, *_: object) -> object:
                return rows

        await stop_sequence(Before(), campaign, "1", "replied", at)  # type: ignore[arg-type]
        assert (await store.ledger.get(claimed.id)).state is MessageState.SENDING

    asyncio.run(scene())


def test_a_probe_that_comes_back_late_does_not_let_a_third_one_through() -> None:
    """Its lease had run out and another was trying; giving it back said that nobody was."""

    async def scene() -> None:
        store = open_store(Database(None))
        await begun(store, step(1), people=4)
        engine = engine_on(store, taken)
        await engine.launch.run(MONDAY)
        at = MONDAY + timedelta(minutes=5)
        [first] = (await engine.dispatch.claim("sms", 1, at)).messages
        fault = Outcome(False, None, FailureClass.AUTH, "credentials_refused")
        await engine.dispatch.record([await engine.dispatch.conclude(first, fault, at)], at)
        half_open = at + timedelta(seconds=5)
        [late] = (await engine.dispatch.claim("sms", 2, half_open)).messages
        again = half_open + SENDER.lease
        assert len((await engine.dispatch.claim("sms", 2, again)).messages) == 1
        await engine.dispatch.record([engine.dispatch.give_back(late, "missed_its_moment", again)], again)
        assert (await engine.dispatch.claim("sms", 2, again + timedelta(seconds=1))).reason == "breaker_probing"

    asyncio.run(scene())


def test_regional_holidays_that_are_switched_on_later_hold_for_who_has_entered_already() -> None:
    """Lanes forgot the region of their contacts when the hours of the start did not ask for it."""

    async def scene() -> None:
        store = open_store(Database(None))
        await begun(store, step(1))
        engine = engine_on(store, taken)
        await engine.launch.run(MONDAY)
        assert [lane.place for lane in await store.ledger.lanes()] == [Place("America/Sao_Paulo", "BR-SP")]

    asyncio.run(scene())


def test_a_person_may_send_again_what_was_held() -> None:
    """Held in doubt and redriven: the one case in which a second copy is somebody's decision."""

    async def scene() -> None:
        store = open_store(Database(None))
        await begun(store, step(1))
        engine = engine_on(store, silent)
        await engine.launch.run(MONDAY)
        at = MONDAY + timedelta(minutes=5)
        [message] = (await engine.dispatch.claim("sms", 1, at)).messages
        await engine.dispatch.record([await engine.dispatch.conclude(message, await silent(None), at)], at)  # type: ignore[arg-type]
        later = at + timedelta(hours=2)
        await engine.reconcile.run(later)
        assert (await store.ledger.get(message.id)).state is MessageState.DEAD
        assert await store.ledger.settle([Settlement(message.id, MessageEvent.REDRIVE, due_at=later)], later) == [True]

    asyncio.run(scene())


def test_two_refreshes_at_the_same_time_do_not_mix_what_they_read() -> None:
    """A slow one put campaigns of before a pause beside the revision of after it: claims went on."""

    async def scene() -> None:
        store = open_store(Database(None))
        campaign = await begun(store, step(1))
        first_may_go = asyncio.Event()
        old = await store.campaigns.live()

        class Campaigns:
            calls = 0

            async def live(self) -> Sequence[Campaign]:
                self.calls += 1
                if self.calls > 1:
                    return await store.campaigns.live()
                await first_may_go.wait()
                return old

        class Lanes:
            calls = 0
            revision = store.ledger.revision

            async def lanes(self) -> Sequence[Lane]:
                self.calls += 1
                if self.calls == 1:  # the second refresh: the first one wakes up meanwhile
                    first_may_go.set()
                    await asyncio.sleep(0.01)
                return await store.ledger.lanes()

        book = LaneBook(Lanes(), Campaigns())  # type: ignore[arg-type]
        first = asyncio.create_task(book.refresh())
        await asyncio.sleep(0)
        await store.campaigns.apply(campaign.id, CampaignEvent.PAUSE, MONDAY)
        await book.refresh()
        await first
        [known] = book.campaigns()
        assert known.state is CampaignState.PAUSED or book.revision != await store.ledger.revision()

    asyncio.run(scene())
