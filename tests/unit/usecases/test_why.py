from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import ReceiptKind
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns, people
from disparo.usecases.erasures import Archive, erase
from disparo.usecases.why import Explanation, Remark, Verdict, why

House = Any
"""The fixture of conftest, which cannot be imported by name."""

PAGE = Path(__file__).parents[3] / "docs" / "why.md"

TWO_STEPS = [
    {"channel": "whatsapp", "text": "Oi {{ nome }}"},
    {"channel": "email", "subject": "Oi", "text": "Oi {{ nome }}", "wait": "2bd"},
]


async def sent(house: House) -> str:
    await house.begin()
    await house.send()
    return "1.1.1"


async def delivered(house: House) -> str:
    await sent(house)
    await house.receipt("1.1.1", ReceiptKind.DELIVERED)
    return "1.1.1"


async def read(house: House) -> str:
    await sent(house)
    await house.receipt("1.1.1", ReceiptKind.READ)
    return "1.1.1"


async def fails(house: House, failure: FailureClass) -> str:
    await house.begin()
    house.provider.failures.append(failure)
    await house.send()
    return "1.1.1"


async def dead(house: House) -> str:
    await house.begin()
    house.provider.failures.extend([FailureClass.TRANSIENT] * 4)
    for _ in range(4):
        await house.send()
        house.now += timedelta(seconds=10)
    return "1.1.1"


async def cancelled(house: House) -> str:
    await house.begin()
    await people.suppress(house.store, "p0@example.com", None, source="teste", now=house.now)
    return "1.1.1"


async def expired(house: House) -> str:
    await house.begin(deadline="3d")
    house.now += timedelta(days=3)
    await house.tidy()
    return "1.1.1"


async def with_a_worker(house: House) -> str:
    await house.begin()
    await house.claim()
    return "1.1.1"


async def waiting_for_step(house: House) -> str:
    await house.begin(steps=TWO_STEPS)
    return "1.2.1"


async def waiting_to_follow(house: House) -> str:
    await house.begin(steps=TWO_STEPS)
    # A worker that dies between stopping a step that a reply ends and going on with the next one.
    stopped = Settlement(MessageId.parse("1.1.1"), MessageEvent.CANCEL, reason="replied")
    await house.store.ledger.settle([stopped], house.now)
    return "1.2.1"


async def draft(house: House) -> str:
    await house.people(1)
    await house.create()
    return "1.1.1"


async def paused(house: House) -> str:
    await house.begin()
    await campaigns.pause(house.store, "camp", house.now)
    return "1.1.1"


async def campaign_cancelled(house: House) -> str:
    await house.begin()
    await campaigns.cancel(house.store, "camp", house.now)
    return "1.1.1"


async def completed(house: House) -> str:
    await fails(house, FailureClass.PERMANENT)
    await house.tidy()
    again = Settlement(MessageId.parse("1.1.1"), MessageEvent.REDRIVE, due_at=house.now)
    await house.store.ledger.settle([again], house.now)
    return "1.1.1"


async def not_entered_yet(house: House) -> str:
    await house.people(1)
    await house.create()
    await campaigns.start(house.store, "camp", house.now)
    return "1.1.1"


async def not_in_audience(house: House) -> str:
    await house.begin()
    await house.people(1, first=7)
    return "1.1.2"


async def not_due_yet(house: House) -> str:
    await house.begin(steps=[{"channel": "whatsapp", "text": "Oi", "wait": "2h"}])
    return "1.1.1"


async def before_start(house: House) -> str:
    await house.begin(start_at="2026-11-23T15:00:00-03:00")
    return "1.1.1"


async def lane_closed(house: House) -> str:
    await house.begin()
    house.now += timedelta(hours=2, minutes=30)
    return "1.1.1"


async def no_sender(house: House) -> str:
    await house.begin(steps=[{"channel": "sms", "text": "Oi"}])
    return "1.1.1"


async def breaker_open(house: House) -> str:
    house.configure(threshold=1)
    await house.begin(2)
    house.provider.failures.append(FailureClass.TRANSIENT)
    await house.send(count=1)
    return "1.1.2"


async def breaker_probing(house: House) -> str:
    await breaker_open(house)
    house.now += timedelta(seconds=61)
    await house.claim(count=1)
    left = await house.store.ledger.page(MessageFilter("1", frozenset({MessageState.DUE})), None, 10)
    return str(left[0].id)


async def sender_limit(house: House) -> str:
    house.configure(limits=Limits(hourly=1))
    await house.begin(2)
    await house.send()
    return "1.1.2"


async def campaign_limit(house: House) -> str:
    house.configure(limits=Limits(burst=50))
    await house.begin(2, limits={"whatsapp": {"daily": 1}})
    await house.send()
    return "1.1.2"


async def no_address(house: House) -> str:
    await house.begin()
    claimed = await house.claim()
    await erase(Archive(house.store), "1", house.now)
    await house.give_back(claimed)
    return "1.1.1"


async def suppressed(house: House) -> str:
    await house.begin()
    claimed = await house.claim()
    await people.suppress(house.store, "p0@example.com", None, source="teste", now=house.now)
    await house.give_back(claimed)
    return "1.1.1"


async def ready(house: House) -> str:
    await house.begin()
    return "1.1.1"


SITUATIONS: Mapping[Verdict, Callable[[House], Awaitable[str]]] = {
    Verdict.ACCEPTED: sent,
    Verdict.DELIVERED: delivered,
    Verdict.READ: read,
    Verdict.FAILED: lambda house: fails(house, FailureClass.RECIPIENT),
    Verdict.DEAD: dead,
    Verdict.CANCELLED: cancelled,
    Verdict.EXPIRED: expired,
    Verdict.WITH_A_WORKER: with_a_worker,
    Verdict.IN_DOUBT: lambda house: fails(house, FailureClass.UNKNOWN),
    Verdict.WAITING_FOR_STEP: waiting_for_step,
    Verdict.WAITING_TO_FOLLOW: waiting_to_follow,
    Verdict.CAMPAIGN_DRAFT: draft,
    Verdict.CAMPAIGN_PAUSED: paused,
    Verdict.CAMPAIGN_CANCELLED: campaign_cancelled,
    Verdict.CAMPAIGN_COMPLETED: completed,
    Verdict.NOT_ENTERED_YET: not_entered_yet,
    Verdict.NOT_IN_AUDIENCE: not_in_audience,
    Verdict.BACKING_OFF: lambda house: fails(house, FailureClass.TRANSIENT),
    Verdict.NOT_DUE_YET: not_due_yet,
    Verdict.BEFORE_START: before_start,
    Verdict.LANE_CLOSED: lane_closed,
    Verdict.NO_SENDER: no_sender,
    Verdict.BREAKER_OPEN: breaker_open,
    Verdict.BREAKER_PROBING: breaker_probing,
    Verdict.SENDER_LIMIT: sender_limit,
    Verdict.CAMPAIGN_LIMIT: campaign_limit,
    Verdict.NO_ADDRESS: no_address,
    Verdict.SUPPRESSED: suppressed,
    Verdict.MAY_GO_NOW: ready,
}

ENDS_BY_ITSELF = (
    Verdict.BACKING_OFF,
    Verdict.NOT_DUE_YET,
    Verdict.BEFORE_START,
    Verdict.LANE_CLOSED,
    Verdict.BREAKER_OPEN,
    Verdict.SENDER_LIMIT,
    Verdict.CAMPAIGN_LIMIT,
)


async def ask(house: House, message_id: str) -> Explanation:
    return await why(house.store, message_id, [*house.senders.values()], house.now)


async def sends(house: House) -> set[str]:
    """What every sender's next claim brings to its provider."""
    return {str(one) for channel in house.senders for one in await house.send(channel)}


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_given_in_its_situation_and_the_engine_agrees(verdict: Verdict, house: House) -> None:
    async def check() -> None:
        message_id = await SITUATIONS[verdict](house)
        found = await ask(house, message_id)
        assert found.verdict == verdict == found.facts[0].code
        assert (message_id in await sends(house)) == (verdict is Verdict.MAY_GO_NOW)

    asyncio.run(check())


@pytest.mark.parametrize("verdict", ENDS_BY_ITSELF)
def test_what_ends_by_itself_ends_at_the_instant_that_was_named(verdict: Verdict, house: House) -> None:
    async def check() -> None:
        message_id = await SITUATIONS[verdict](house)
        until = (await ask(house, message_id)).until
        assert until is not None
        house.now = until - timedelta(milliseconds=1)
        assert (await ask(house, message_id)).verdict == verdict
        house.now = until
        assert (await ask(house, message_id)).verdict != verdict

    asyncio.run(check())


def test_everything_in_the_way_is_told_in_the_order_in_which_the_engine_looks(house: House) -> None:
    async def check() -> None:
        await campaign_limit(house)
        house.now += timedelta(hours=9)
        await campaigns.pause(house.store, "camp", house.now)
        found = await ask(house, "1.1.2")
        codes = [fact.code for fact in found.facts]
        assert codes == [Verdict.CAMPAIGN_PAUSED, Verdict.LANE_CLOSED, Verdict.CAMPAIGN_LIMIT, Remark.DEADLINE]
        assert found.facts[1].detail == "after_hours:18:00"
        assert found.facts[2].detail == "daily"

    asyncio.run(check())


def test_a_holiday_is_called_by_its_name(house: House) -> None:
    async def check() -> None:
        await house.begin(hours={"holidays": ["2026-11-24"]})
        house.now += timedelta(days=1)
        [closed, _] = (await ask(house, "1.1.1")).facts
        assert closed.detail == "holiday:2026-11-24"
        assert closed.until is not None
        assert closed.until.isoformat() == "2026-11-25T11:00:00+00:00"

    asyncio.run(check())


def test_an_end_is_told_with_its_reason_and_the_last_word_on_it(house: House) -> None:
    async def check() -> None:
        await dead(house)
        [end, word] = (await ask(house, "1.1.1")).facts
        assert (end.detail, word.code, word.detail) == ("retries_used_up", Remark.LAST_WORD, "told to fail")

    asyncio.run(check())


def test_a_waiting_message_names_the_step_before_it_and_what_lets_it_follow(house: House) -> None:
    async def check() -> None:
        await waiting_for_step(house)
        found = (await ask(house, "1.2.1")).facts
        assert [(fact.code, fact.detail) for fact in found[:3]] == [
            (Verdict.WAITING_FOR_STEP, "1"),
            (Remark.EARLIER_STEP, "1.1.1:due"),
            (Remark.FOLLOWS, "always:2bd"),
        ]

    asyncio.run(check())


def test_a_doubt_tells_its_policy_and_until_when_a_receipt_is_awaited(house: House) -> None:
    async def check() -> None:
        await fails(house, FailureClass.UNKNOWN)
        [_, policy] = (await ask(house, "1.1.1")).facts
        assert (policy.detail, policy.until) == ("hold", house.now + timedelta(hours=72))

    asyncio.run(check())


def test_a_campaign_may_be_called_by_its_name(house: House) -> None:
    async def check() -> None:
        await ready(house)
        found = await ask(house, "camp.1.1")
        assert str(found.id) == "1.1.1"
        assert found.message is not None

    asyncio.run(check())


@pytest.mark.parametrize("message_id", ["9.1.1", "1.2.1", "1.1.9", "nonsense", "1.0.1"])
def test_an_id_that_stands_for_nothing_is_not_found(message_id: str, house: House) -> None:
    async def check() -> None:
        await ready(house)
        with pytest.raises(NotFoundError):
            await ask(house, message_id)

    asyncio.run(check())


def test_the_documentation_tells_every_code_and_no_other() -> None:
    told = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(told) == sorted([*Verdict, *Remark])
