from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns, dead_letters, people
from disparo.usecases.dead_letters import RedriveReport, Refusal
from disparo.usecases.erasures import Archive, erase

House = Any

FALLBACK = [
    {"channel": "whatsapp", "text": "Oi {{ nome }}", "on_failure": "next"},
    {"channel": "email", "subject": "Oi", "text": "Oi {{ nome }}", "when": "previous_failed"},
]


async def fail(house: House, *failures: FailureClass, **keys: object) -> None:
    """A campaign whose messages fail in this way, one each."""
    await house.begin(len(failures), **keys)
    house.provider.failures.extend(failures)
    await house.send()


async def hold(house: House) -> None:
    """A message whose outcome nobody knows, given to a person."""
    await fail(house, FailureClass.UNKNOWN)
    held = Settlement(MessageId.parse("1.1.1"), MessageEvent.HOLD, reason="held_in_doubt")
    await house.store.ledger.settle([held], house.now)


async def redrive(house: House, *ids: str, force: bool = False) -> RedriveReport:
    return await dead_letters.redrive(house.store, ids, house.now, force=force)


async def state(house: House, message_id: str) -> MessageState:
    found: MessageState = (await house.store.ledger.get(MessageId.parse(message_id))).state
    return found


@pytest.mark.parametrize(
    ("ended", "reason", "dead"),
    [
        ("dead", "retries_used_up", True),
        ("dead", "held_in_doubt", True),
        ("failed", "missing_variable:nome", True),
        ("failed", "permanent", True),
        ("failed", "message_refused", True),
        ("failed", "text_too_long", True),
        ("failed", "recipient", False),
        ("failed", "refused_later", False),
        ("cancelled", "replied", False),
        ("accepted", "", False),
    ],
)
def test_what_a_person_can_mend_is_a_dead_letter(ended: str, reason: str, dead: bool) -> None:
    assert dead_letters.is_dead_letter(MessageState(ended), reason) is dead


def test_dead_letters_are_counted_listed_and_shown(house: House) -> None:
    async def check() -> None:
        kinds = (FailureClass.PERMANENT, FailureClass.RECIPIENT, FailureClass.PERMANENT, FailureClass.PERMANENT)
        await fail(house, *kinds)
        [count] = await dead_letters.summary(house.store, None)
        assert (count.campaign, count.step, count.state, count.reason, count.count) == (
            "camp", 1, "failed", "permanent", 3,
        )  # fmt: skip
        assert list(await dead_letters.summary(house.store, "camp")) == [count]
        first = await dead_letters.page(house.store, MessageFilter(), None, 2)
        rest = await dead_letters.page(house.store, MessageFilter(), str(first[-1].id), 2)
        assert [str(row.id) for row in (*first, *rest)] == ["1.1.1", "1.1.3", "1.1.4"]
        shown = await dead_letters.show(house.store, "1.1.1")
        assert shown.journal[-1].detail == "told to fail"
        with pytest.raises(NotFoundError, match=r"disparo why 1\.1\.2"):
            await dead_letters.show(house.store, "1.1.2")

    asyncio.run(check())


def test_a_page_is_full_although_others_failed_in_between(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 2)

    async def check() -> None:
        kinds = [FailureClass.RECIPIENT, FailureClass.RECIPIENT, FailureClass.RECIPIENT, FailureClass.PERMANENT]
        await fail(house, *kinds, *kinds)
        found = await dead_letters.page(house.store, MessageFilter(), None, 5)
        assert [str(row.id) for row in found] == ["1.1.4", "1.1.8"]

    asyncio.run(check())


def test_a_redriven_message_goes_out_once_and_reopens_its_campaign(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT)
        await house.tidy()
        assert (await house.store.campaigns.get("camp")).state is CampaignState.COMPLETED
        assert await redrive(house, "1.1.1", "1.1.1") == RedriveReport(1, [])
        assert (await house.store.campaigns.get("camp")).state is CampaignState.RUNNING
        again = await redrive(house, "1.1.1")
        assert again == RedriveReport(0, [("1.1.1", Refusal.NOT_A_DEAD_LETTER)])
        assert len(await house.send()) == 1
        await house.tidy()
        campaign = await house.store.campaigns.get("camp")
        assert campaign.state is CampaignState.COMPLETED
        assert len(house.provider.taken) == 1

    asyncio.run(check())


def test_retries_start_anew(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.TRANSIENT)
        for _ in range(3):
            house.now += timedelta(seconds=10)
            house.provider.failures.append(FailureClass.TRANSIENT)
            await house.send()
        assert await state(house, "1.1.1") is MessageState.DEAD
        await redrive(house, "1.1.1")
        house.provider.failures.append(FailureClass.TRANSIENT)
        await house.send()
        record = await house.store.ledger.get(MessageId.parse("1.1.1"))
        assert (record.state, record.retries_used) == (MessageState.DUE, 1)
        house.now += timedelta(seconds=2)
        assert len(await house.send()) == 1

    asyncio.run(check())


def test_a_template_is_mended_and_all_that_failed_by_it_goes_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "BATCH", 2)

    async def check() -> None:
        await house.begin(5, steps=[{"channel": "whatsapp", "text": "Oi {{ apelido }}"}])
        assert not await house.send()
        await house.tidy()
        [count] = await dead_letters.summary(house.store, None)
        assert (count.reason, count.count) == ("missing_variable:apelido", 5)
        document = house.document()
        await campaigns.update(house.store, "camp", document, house.renderer, house.now)
        wanted = MessageFilter(reason="missing_variable:apelido")
        assert await dead_letters.redrive(house.store, wanted, house.now) == RedriveReport(5, [])
        assert len(await house.send()) == 5

    asyncio.run(check())


def test_what_may_have_arrived_is_sent_again_only_by_force(house: House) -> None:
    async def check() -> None:
        await hold(house)
        assert await redrive(house, "1.1.1") == RedriveReport(0, [("1.1.1", Refusal.HELD_IN_DOUBT)])
        assert not await house.send()
        assert (await redrive(house, "1.1.1", force=True)).redriven == 1
        assert len(await house.send()) == 1

    asyncio.run(check())


def test_who_is_suppressed_is_refused_even_by_force(house: House) -> None:
    async def check() -> None:
        await hold(house)
        await people.suppress(house.store, "p0@example.com", None, source="teste", now=house.now)
        assert (await redrive(house, "1.1.1", force=True)).refused == [("1.1.1", Refusal.SUPPRESSED)]

    asyncio.run(check())


def test_who_was_erased_has_no_address(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT)
        await erase(Archive(house.store), "1", house.now)
        assert (await redrive(house, "1.1.1", force=True)).refused == [("1.1.1", Refusal.NO_ADDRESS)]

    asyncio.run(check())


def test_after_the_deadline_nothing_is_redriven_until_it_is_raised(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT, deadline="2d")
        house.now += timedelta(days=2)
        assert (await redrive(house, "1.1.1")).refused == [("1.1.1", Refusal.DEADLINE)]
        await campaigns.update(house.store, "camp", house.document(deadline="5d"), house.renderer, house.now)
        assert (await redrive(house, "1.1.1")).redriven == 1

    asyncio.run(check())


def test_a_cancelled_campaign_stays_ended(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT)
        await campaigns.cancel(house.store, "camp", house.now)
        assert (await redrive(house, "1.1.1", force=True)).refused == [("1.1.1", Refusal.CAMPAIGN_CANCELLED)]

    asyncio.run(check())


def test_a_message_whose_fallback_has_gone_would_be_a_second_one(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT, steps=FALLBACK)
        assert (await redrive(house, "1.1.1")).refused == [("1.1.1", Refusal.FALLBACK_SENT)]
        assert (await redrive(house, "1.1.1", force=True)).redriven == 1

    asyncio.run(check())


def test_of_a_message_and_its_fallback_that_both_failed_one_is_redriven(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT, steps=FALLBACK)
        house.provider.failures.append(FailureClass.PERMANENT)
        await house.send(Channel.EMAIL)
        report = await dead_letters.redrive(house.store, MessageFilter(), house.now)
        assert report == RedriveReport(1, [("1.2.1", Refusal.FALLBACK_SENT)])

    asyncio.run(check())


def test_who_has_answered_meanwhile_gets_no_more_unless_forced(house: House) -> None:
    async def check() -> None:
        steps = [{"channel": "whatsapp", "text": "Oi"}, {"channel": "whatsapp", "text": "E aí?", "wait": "1h"}]
        await house.begin(1, steps=steps)
        await house.send()
        house.now += timedelta(hours=1)
        house.provider.failures.append(FailureClass.PERMANENT)
        await house.send()
        await house.reply("1.1.1", "quero saber mais")
        assert (await redrive(house, "1.2.1")).refused == [("1.2.1", Refusal.REPLIED)]
        assert (await redrive(house, "1.2.1", force=True)).redriven == 1

    asyncio.run(check())


def test_an_unknown_id_leaves_everything_as_it_was(house: House) -> None:
    async def check() -> None:
        await fail(house, FailureClass.PERMANENT)
        with pytest.raises(NotFoundError):
            await redrive(house, "1.1.1", "1.1.99")
        assert await state(house, "1.1.1") is MessageState.FAILED

    asyncio.run(check())
