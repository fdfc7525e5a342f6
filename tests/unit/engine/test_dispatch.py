"""Dispatch: what is claimed, what reaches the provider, and what each answer means."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.message import Claimed, MessageEvent, MessageState, Outcome
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Reply
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.ports.channel import Outgoing
from disparo.usecases import campaigns
from tests.unit.usecases.conftest import MONDAY, House

E, F = MessageEvent, FailureClass
SECOND = timedelta(seconds=1)
AT_ONCE = timedelta(0)
FROM_NINE = {"startTime": "09:00", "endTime": "18:00"}
FALLBACK = [
    {"channel": "whatsapp", "text": "Oi {{ nome }}", "on_failure": "next"},
    {"channel": "email", "subject": "Oi", "text": "Oi", "when": "previous_failed", "wait": "1d"},
]


async def claimed(house: House, **keys: object) -> Claimed:
    await house.begin(1, **keys)
    [message] = await house.claim()
    return message


async def concluded(house: House, outcome: Outcome, retries_used: int = 0) -> Settlement:
    message = replace(await claimed(house), retries_used=retries_used)
    return await house.engine.dispatch.conclude(message, outcome, house.now)


def test_a_message_is_filled_in_and_handed_over(house: House) -> None:
    async def story() -> None:
        message = await claimed(house)
        ready = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(ready, Outgoing)
        assert (ready.id, ready.address, ready.content.text) == (message.id, "+5541988880000", "Oi Pessoa 0")
        outcome = await house.engine.dispatch.hand_over(message, ready, house.now, AT_ONCE)
        assert house.provider.taken == [ready]
        assert outcome == Outcome(True, provider_id="p1")

    asyncio.run(story())


def test_what_is_taken_is_accepted(house: House) -> None:
    one = asyncio.run(concluded(house, Outcome(True, provider_id="p1", detail="queued")))
    assert (one.event, one.provider_id, one.detail, one.fence, one.heard) == (E.ACCEPT, "p1", "queued", 1, True)
    assert (one.failure, one.due_at, one.uses_retry) == (None, None, False)


@pytest.mark.parametrize(
    ("failure", "event", "uses_retry", "wait_s"),
    [
        (F.RECIPIENT, E.REJECT, False, None),
        (F.PERMANENT, E.REJECT, False, None),
        (F.TRANSIENT, E.RETRY, True, 1),
        (F.THROTTLED, E.RETRY, False, 1),
        (F.AUTH, E.RETRY, False, 1),
        (F.UNKNOWN, E.DOUBT, False, 0),
    ],
)
def test_each_failure_has_its_own_consequence(
    house: House, failure: FailureClass, event: MessageEvent, uses_retry: bool, wait_s: int | None
) -> None:
    one = asyncio.run(concluded(house, Outcome(False, failure=failure, reason="why", detail="their words")))
    assert (one.event, one.uses_retry, one.failure, one.heard) == (event, uses_retry, failure, True)
    assert (one.reason, one.detail) == ("why", "their words")
    assert one.due_at == (None if wait_s is None else house.now + timedelta(seconds=wait_s))


def test_retries_that_are_used_up_give_the_message_up(house: House) -> None:
    one = asyncio.run(concluded(house, Outcome(False, failure=F.TRANSIENT, reason="busy"), retries_used=3))
    assert (one.event, one.reason, one.due_at, one.uses_retry) == (E.EXHAUST, "retries_used_up", None, False)


def test_throttling_never_gives_a_message_up(house: House) -> None:
    one = asyncio.run(concluded(house, Outcome(False, failure=F.THROTTLED), retries_used=3))
    assert (one.event, one.uses_retry, one.reason) == (E.RETRY, False, "throttled")


@pytest.mark.parametrize(("asked_s", "waits_s"), [(5.0, 5), (0.2, 1), (-7.0, 1), (1e12, 365 * 86_400)])
def test_a_providers_wish_to_wait_is_heeded_within_reason(house: House, asked_s: float, waits_s: int) -> None:
    one = asyncio.run(concluded(house, Outcome(False, failure=F.THROTTLED, retry_after_s=asked_s)))
    assert one.due_at == house.now + timedelta(seconds=waits_s)


def test_a_failed_step_calls_its_fallback_at_once_and_a_sent_one_cancels_it(house: House) -> None:
    async def story() -> None:
        message = await claimed(house, steps=FALLBACK)
        failed = await house.engine.dispatch.conclude(message, Outcome(False, failure=F.RECIPIENT), house.now)
        [follow] = failed.follow_ups
        assert (follow.step, follow.event, follow.due_at) == (2, E.PROMOTE, house.now)
        sent = await house.engine.dispatch.conclude(message, Outcome(True), house.now)
        assert [(one.step, one.event, one.reason) for one in sent.follow_ups] == [(2, E.CANCEL, "not_needed")]

    asyncio.run(story())


@pytest.mark.parametrize("failure", [F.TRANSIENT, F.THROTTLED, F.UNKNOWN])
def test_what_is_not_over_has_no_consequence_for_other_steps(house: House, failure: FailureClass) -> None:
    async def story() -> None:
        message = await claimed(house, steps=FALLBACK)
        one = await house.engine.dispatch.conclude(message, Outcome(False, failure=failure), house.now)
        assert one.follow_ups == ()

    asyncio.run(story())


@pytest.mark.parametrize(("late", "reaches"), [(MOMENT_TOLERANCE - timedelta(microseconds=1), True), (SECOND, False)])
def test_a_message_that_missed_its_moment_goes_back(house: House, late: timedelta, reaches: bool) -> None:
    async def story() -> None:
        message = await claimed(house)
        ready = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(ready, Outgoing)
        outcome = await house.engine.dispatch.hand_over(message, ready, house.now, late)
        assert (len(house.provider.taken) == 1) is reaches
        if not reaches:
            assert isinstance(outcome, Settlement)
            assert (outcome.event, outcome.reason, outcome.due_at) == (E.RELEASE, "missed_its_moment", house.now)
            assert not outcome.heard
            await house.engine.dispatch.record([outcome], house.now)
            [again] = await house.claim()
            assert (again.retries_used, again.fence) == (0, 2)

    asyncio.run(story())


def test_nothing_leaves_at_or_after_its_lanes_closing(house: House) -> None:
    async def story() -> None:
        message = await claimed(house)
        ready = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(ready, Outgoing)
        assert message.closes_at is not None
        outcome = await house.engine.dispatch.hand_over(message, ready, message.closes_at, AT_ONCE)
        assert isinstance(outcome, Settlement)
        assert outcome.event is E.RELEASE
        just_before = message.closes_at - timedelta(milliseconds=1)
        assert isinstance(await house.engine.dispatch.hand_over(message, ready, just_before, AT_ONCE), Outcome)

    asyncio.run(story())


def test_a_message_that_cannot_be_written_fails_with_the_variables_name(house: House) -> None:
    async def story() -> None:
        draft = ContactDraft("lista.csv:9", Place("America/Sao_Paulo"), phone="+5541988889999", phone_key="x")
        await house.store.contacts.fold("lista", [draft])
        await house.begin(1, steps=FALLBACK)
        [whole, hollow] = sorted(await house.claim(), key=lambda one: "nome" not in one.variables)
        assert isinstance(await house.engine.dispatch.prepare(whole, house.now), Outgoing)
        refused = await house.engine.dispatch.prepare(hollow, house.now)
        assert isinstance(refused, Settlement)
        assert (refused.event, refused.reason, refused.heard) == (E.REJECT, "missing_variable:nome", False)
        assert [(one.step, one.event) for one in refused.follow_ups] == [(2, E.PROMOTE)]

    asyncio.run(story())


def test_a_message_that_is_too_long_fails(house: House) -> None:
    async def story() -> None:
        message = await claimed(house, steps=[{"channel": "whatsapp", "text": "{{ nome }}" + "x" * 4090}])
        refused = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(refused, Settlement)
        assert (refused.event, refused.reason) == (E.REJECT, "text_too_long")

    asyncio.run(story())


def test_an_address_that_is_gone_fails_the_message(house: House) -> None:
    async def story() -> None:
        message = replace(await claimed(house), phone=None)
        refused = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(refused, Settlement)
        assert (refused.event, refused.reason) == (E.REJECT, "no_address")

    asyncio.run(story())


def test_an_opt_out_is_seen_at_the_last_look(house: House) -> None:
    async def story() -> None:
        message = await claimed(house, steps=FALLBACK)
        await house.store.suppressions.add([Suppression(message.keys[1], None, "opted_out", "test", house.now)])
        refused = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(refused, Settlement)
        assert (refused.event, refused.reason) == (E.CANCEL, "opted_out")
        await house.engine.dispatch.record([refused], house.now)
        states = [row.state for row in await house.store.ledger.rows_of(message.id.campaign_id, message.id.contact_id)]
        assert states == [MessageState.CANCELLED, MessageState.CANCELLED]
        assert house.provider.taken == []

    asyncio.run(story())


def test_a_breaker_that_opened_meanwhile_sends_the_message_back(house: House) -> None:
    async def story() -> None:
        house.configure(threshold=1)
        await house.begin(2)
        first, second = await house.claim()
        house.provider.failures = [FailureClass.AUTH]
        assert await house.deliver([first]) == {first.id}
        back = await house.engine.dispatch.prepare(second, house.now)
        assert isinstance(back, Settlement)
        assert (back.event, back.reason, back.due_at, back.uses_retry) == (E.RELEASE, "breaker_open", house.now, False)

    asyncio.run(story())


def test_a_claim_that_was_lost_is_not_sent(house: House) -> None:
    async def story() -> None:
        message = await claimed(house)
        await house.store.ledger.lapse(house.now + timedelta(minutes=1), 10)
        back = await house.engine.dispatch.prepare(message, house.now)
        assert isinstance(back, Settlement)
        assert back.reason == "lost"

    asyncio.run(story())


def test_a_paused_campaign_gives_nothing_from_the_next_claim_on(house: House) -> None:
    async def story() -> None:
        await house.begin(3)
        assert len(await house.claim(count=1)) == 1
        await campaigns.pause(house.store, "camp", house.now)
        claim = await house.engine.dispatch.claim("whatsapp", 9, house.now)
        assert ([*claim.messages], claim.next_at, claim.reason) == ([], None, "nothing_open")

    asyncio.run(story())


def test_outside_of_hours_a_claim_waits_for_the_opening(house: House) -> None:
    async def story() -> None:
        await house.begin(1, hours=FROM_NINE)
        night = MONDAY + timedelta(hours=12)
        claim = await house.engine.dispatch.claim("whatsapp", 9, night)
        assert [*claim.messages] == []
        assert claim.next_at == MONDAY + timedelta(hours=23)

    asyncio.run(story())


def test_the_next_claim_is_due_at_the_next_opening_when_that_comes_first(house: House) -> None:
    async def story() -> None:
        await house.people(1, first=50, zone="America/Rio_Branco")
        await house.begin(1, hours=FROM_NINE)
        claim = await house.engine.dispatch.claim("whatsapp", 9, house.now)
        assert (len(claim.messages), claim.next_at) == (1, MONDAY + timedelta(hours=1))

    asyncio.run(story())


def test_while_the_sender_is_blocked_no_opening_matters(house: House) -> None:
    async def story() -> None:
        house.configure(limits=Limits(daily=1))
        await house.people(1, first=50, zone="America/Rio_Branco")
        await house.begin(2, hours=FROM_NINE)
        claim = await house.engine.dispatch.claim("whatsapp", 9, house.now)
        assert (len(claim.messages), claim.blocked) == (1, True)
        assert claim.next_at == MONDAY + timedelta(days=1) + MOMENT_TOLERANCE

    asyncio.run(story())


def test_a_template_that_was_changed_is_used_from_the_next_claim_on(house: House) -> None:
    async def story() -> None:
        await house.begin(2)
        assert len(await house.send(count=1)) == 1
        new = house.document(steps=[{"channel": "whatsapp", "text": "Olá {{ nome }}"}])
        await campaigns.update(house.store, "camp", new, house.renderer, house.now)
        await house.send()
        assert [one.content.text.split()[0] for one in house.provider.taken] == ["Oi", "Olá"]

    asyncio.run(story())


def test_an_answer_that_comes_while_an_attempt_fails_stops_its_retry(house: House) -> None:
    async def story() -> None:
        message = await claimed(house)
        failing = Outcome(False, failure=F.THROTTLED, reason="provider_throttled")
        settlement = await house.engine.dispatch.conclude(message, failing, house.now)
        reply = Reply("sandbox", "r1", str(message.id), "Quanto custa?", house.now)
        assert await house.engine.inbound.take_reply(reply, house.now)
        await house.engine.dispatch.record([settlement], house.now)
        house.now += timedelta(minutes=5)
        [again] = await house.claim()
        refused = await house.engine.dispatch.prepare(again, house.now)
        assert isinstance(refused, Settlement)
        assert (refused.event, refused.reason) == (E.CANCEL, "replied")

    asyncio.run(story())


def test_a_person_may_send_to_someone_who_replied_all_the_same(house: House) -> None:
    async def story() -> None:
        message = await claimed(house)
        doubtful = await house.engine.dispatch.conclude(message, Outcome(False, failure=F.UNKNOWN), house.now)
        reply = Reply("sandbox", "r1", str(message.id), "Quanto custa?", house.now)
        await house.engine.dispatch.record([doubtful], house.now)
        assert await house.engine.inbound.take_reply(reply, house.now)
        held = Settlement(message.id, E.HOLD, reason="held_in_doubt")
        redriven = Settlement(message.id, E.REDRIVE, reason="redriven", due_at=house.now)
        assert await house.store.ledger.settle([held, redriven], house.now) == [True, True]
        [again] = await house.claim()
        assert isinstance(await house.engine.dispatch.prepare(again, house.now), Outgoing)

    asyncio.run(story())
