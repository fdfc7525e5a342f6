"""Messages of unknown outcome: the provider's word decides, else the sender's policy, and never a blind repeat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from disparo.domain.message import MessageId, MessageRecord, MessageState, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind
from disparo.domain.sender import DoubtPolicy
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.engine.reconcile import ASK_AGAIN
from disparo.ports.channel import LooksUp, Outgoing, SendChannel
from tests.unit.usecases.conftest import House

S = MessageState
LEASE = timedelta(seconds=60)
KNOWS_AFTER = timedelta(seconds=90)
STEPS = [
    {"channel": "whatsapp", "text": "Oi", "on_failure": "next"},
    {"channel": "email", "subject": "Oi", "text": "Oi", "when": "previous_failed"},
    {"channel": "whatsapp", "text": "Oi de novo", "wait": "1d"},
]


@dataclass
class Askable:
    """A provider that can be asked; `answers` are its words, None for what it knows nothing of."""

    answers: list[Receipt | ConnectionError | None] = field(default_factory=list)
    asked: list[tuple[MessageId, datetime, datetime]] = field(default_factory=list)
    knows_after: timedelta = KNOWS_AFTER

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        return Outcome(True)

    async def look_up(self, message_id: MessageId, attempt_at: datetime, now: datetime) -> Receipt | None:
        """See `LooksUp.look_up`."""
        self.asked.append((message_id, attempt_at, now))
        answer = self.answers.pop(0)
        if isinstance(answer, ConnectionError):
            raise answer
        return answer


async def lost(
    house: House, channel: SendChannel | None = None, policy: DoubtPolicy = DoubtPolicy.HOLD
) -> tuple[Engine, MessageId]:
    """A message whose worker died with it, and the engine that has to see to it; its lease has just run out."""
    await house.begin(1, steps=STEPS)
    [message] = await house.claim()
    routes = {
        name: Route(replace(route.sender, doubt_policy=policy), channel or route.channel)
        for name, route in house.engine.routes.items()
    }
    house.now += LEASE
    return Engine.build(house.store, house.renderer, routes, lambda: 0.5), message.id


async def row(house: House, message_id: MessageId) -> MessageRecord:
    return await house.store.ledger.get(message_id)


async def states(house: House, message_id: MessageId) -> list[str]:
    return [str(one.state) for one in await house.store.ledger.rows_of(message_id.campaign_id, message_id.contact_id)]


def test_the_channel_of_these_tests_can_be_asked() -> None:
    assert isinstance(Askable(), LooksUp)


def test_nothing_lost_nothing_to_do(house: House) -> None:
    async def story() -> None:
        assert await house.engine.reconcile.run(house.now) is None
        await house.begin(1)
        await house.claim()
        assert await house.engine.reconcile.run(house.now) == house.now + LEASE
        assert await house.engine.reconcile.run(house.now + LEASE - timedelta(milliseconds=1)) == house.now + LEASE

    asyncio.run(story())


def test_a_provider_is_asked_only_once_it_surely_knows(house: House) -> None:
    async def story() -> None:
        provider = Askable([None])
        began_at = house.now
        engine, message_id = await lost(house, provider)
        assert await engine.reconcile.run(house.now) == house.now
        assert await engine.reconcile.run(house.now) == began_at + KNOWS_AFTER
        assert provider.asked == []
        await engine.reconcile.run(began_at + KNOWS_AFTER)
        assert provider.asked == [(message_id, began_at, began_at + KNOWS_AFTER)]

    asyncio.run(story())


def test_what_the_provider_has_is_not_sent_again(house: House) -> None:
    async def story() -> None:
        provider = Askable()
        engine, message_id = await lost(house, provider)
        provider.answers = [Receipt("test", "e1", str(message_id), ReceiptKind.ACCEPTED, house.now, "p9")]
        await engine.reconcile.run(house.now + KNOWS_AFTER)
        found = await row(house, message_id)
        assert (found.state, found.provider_id, found.attempts) == (S.ACCEPTED, "p9", 1)
        assert await states(house, message_id) == ["accepted", "cancelled", "due"]
        assert await engine.reconcile.run(house.now + KNOWS_AFTER) is None

    asyncio.run(story())


def test_what_the_provider_refused_has_failed(house: House) -> None:
    async def story() -> None:
        provider = Askable()
        engine, message_id = await lost(house, provider)
        provider.answers = [Receipt("test", "e1", str(message_id), ReceiptKind.FAILED, house.now)]
        await engine.reconcile.run(house.now + KNOWS_AFTER)
        assert await states(house, message_id) == ["failed", "due", "waiting"]

    asyncio.run(story())


def test_what_never_arrived_goes_back_without_using_a_retry(house: House) -> None:
    async def story() -> None:
        engine, message_id = await lost(house, Askable([None]))
        at = house.now + KNOWS_AFTER
        await engine.reconcile.run(at)
        found = await row(house, message_id)
        assert (found.state, found.reason, found.due_at, found.retries_used) == (S.DUE, "never_arrived", at, 0)

    asyncio.run(story())


def test_a_provider_that_cannot_be_asked_now_is_asked_again_later(house: House) -> None:
    async def story() -> None:
        provider = Askable([ConnectionError(), ConnectionError(), None])
        engine, message_id = await lost(house, provider)
        at = house.now + KNOWS_AFTER
        for _ in range(2):
            await engine.reconcile.run(at)
            assert (await row(house, message_id)).state is S.IN_DOUBT
            assert await engine.reconcile.run(at) == at + ASK_AGAIN
            at += ASK_AGAIN
        await engine.reconcile.run(at)
        assert (await row(house, message_id)).state is S.DUE

    asyncio.run(story())


def test_of_a_provider_that_cannot_be_asked_a_receipt_is_awaited_and_then_a_person_decides(house: House) -> None:
    async def story() -> None:
        engine, message_id = await lost(house)
        until = house.now + timedelta(hours=72)
        assert await engine.reconcile.run(house.now) == house.now
        assert await engine.reconcile.run(house.now) == until
        await engine.reconcile.run(until - timedelta(milliseconds=1))
        assert (await row(house, message_id)).state is S.IN_DOUBT
        await engine.reconcile.run(until)
        found = await row(house, message_id)
        assert (found.state, found.reason) == (S.DEAD, "held_in_doubt")
        # It may have arrived: no fallback is sent, and the sequence goes on as if it had.
        assert await states(house, message_id) == ["dead", "cancelled", "due"]

    asyncio.run(story())


def test_a_sender_that_may_repeat_does_so_after_the_same_wait(house: House) -> None:
    async def story() -> None:
        engine, message_id = await lost(house, policy=DoubtPolicy.RESEND)
        await engine.reconcile.run(house.now)
        until = house.now + timedelta(hours=72)
        await engine.reconcile.run(until)
        found = await row(house, message_id)
        assert (found.state, found.reason, found.due_at) == (S.DUE, "resent_in_doubt", until)
        assert await states(house, message_id) == ["due", "waiting", "waiting"]

    asyncio.run(story())


def test_a_receipt_in_the_meantime_ends_the_doubt(house: House) -> None:
    async def story() -> None:
        engine, message_id = await lost(house, policy=DoubtPolicy.RESEND)
        await engine.reconcile.run(house.now)
        await house.receipt(str(message_id), ReceiptKind.DELIVERED)
        await engine.reconcile.run(house.now + timedelta(hours=72))
        assert (await row(house, message_id)).state is S.DELIVERED

    asyncio.run(story())


def test_a_doubt_of_a_sender_that_is_gone_waits_for_it(house: House) -> None:
    async def story() -> None:
        _, message_id = await lost(house)
        without = Engine.build(house.store, house.renderer, {}, lambda: 0.5)
        assert await without.reconcile.run(house.now) == house.now
        assert await without.reconcile.run(house.now) == house.now + ASK_AGAIN
        assert (await row(house, message_id)).state is S.IN_DOUBT

    asyncio.run(story())


def test_an_outcome_that_its_worker_did_not_know_is_looked_into_the_same_way(house: House) -> None:
    async def story() -> None:
        provider = Askable([None])
        await house.begin(1, steps=STEPS)
        [message] = await house.claim()
        routes = {name: Route(route.sender, provider) for name, route in house.engine.routes.items()}
        engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5)
        unknown = await engine.dispatch.conclude(message, Outcome(False, failure=FailureClass.UNKNOWN), house.now)
        await engine.dispatch.record([unknown], house.now)
        await engine.reconcile.run(house.now + KNOWS_AFTER)
        assert (await row(house, message.id)).reason == "never_arrived"

    asyncio.run(story())


def test_a_doubt_whose_sender_was_taken_out_of_the_settings_ends_with_a_person(house: House) -> None:
    async def story() -> None:
        await house.begin(1, steps=STEPS)
        [message] = await house.claim()
        house.now += LEASE
        engine = Engine.build(house.store, house.renderer, {}, lambda: 0.5)
        await engine.reconcile.run(house.now)
        assert (await row(house, message.id)).state is S.IN_DOUBT
        house.now += timedelta(hours=72)
        await engine.reconcile.run(house.now)
        assert await states(house, message.id) == ["dead", "cancelled", "due"]

    asyncio.run(story())
