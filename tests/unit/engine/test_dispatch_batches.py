"""Dispatch of many messages in one request: each one's own look, lateness and outcome, and one word to the breaker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.message import Claimed, MessageEvent, Outcome
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.channel import Outgoing
from tests.unit.usecases.conftest import House

F = FailureClass
IN_TIME = timedelta(0)
TAKEN, BUSY, GONE = Outcome(True), Outcome(False, None, F.TRANSIENT), Outcome(False, None, F.RECIPIENT)
STEP = {"channel": "whatsapp", "text": "Oi {{ nome }}"}


@dataclass
class Wholesale:
    """A provider that takes many, and remembers what it was given."""

    most_at_once: int = 1000
    outcome: Outcome = TAKEN
    too_few: bool = False
    requests: list[list[Outgoing]] = field(default_factory=list)
    single: list[Outgoing] = field(default_factory=list)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""
        self.single.append(message)
        return self.outcome

    async def send_many(self, messages: Sequence[Outgoing], now: datetime) -> Sequence[Outcome]:
        """See `SendsMany.send_many`."""
        self.requests.append(list(messages))
        return [self.outcome for _ in messages[self.too_few :]]


def wholesale(story: Callable[[House, Wholesale], Awaitable[None]]) -> None:
    """Tell a story of a house whose WhatsApp takes many at once."""

    async def main() -> None:
        house, provider = House(), Wholesale()
        routes = {"whatsapp": Route(Sender("whatsapp", Channel.WHATSAPP), provider)}
        house.engine = Engine.build(house.store, house.renderer, routes, lambda: 0.5)
        await story(house, provider)

    asyncio.run(main())


async def prepared(house: House, messages: Sequence[Claimed]) -> list[tuple[Claimed, Outgoing, timedelta]]:
    ready = await house.engine.dispatch.prepare_many(messages, house.now)
    return [(one, out, IN_TIME) for one, out in zip(messages, ready, strict=True) if isinstance(out, Outgoing)]


def test_a_channel_says_how_many_it_takes(house: House) -> None:
    assert house.engine.dispatch.most_at_once("whatsapp") == 1

    async def story(many: House, _: Wholesale) -> None:
        assert many.engine.dispatch.most_at_once("whatsapp") == 1000

    wholesale(story)


def test_many_are_prepared_as_each_alone_would_be() -> None:
    async def story(house: House, _: Wholesale) -> None:
        await house.begin(5)
        messages = await house.claim()
        hollow = replace(messages[0], variables={})
        homeless = replace(messages[1], phone=None)
        lost = replace(messages[2], fence=99)
        await house.reply(str(messages[3].id), "SAIR")
        some = [hollow, homeless, lost, messages[3], messages[4]]
        alone = [await house.engine.dispatch.prepare(one, house.now) for one in some]
        assert await house.engine.dispatch.prepare_many(some, house.now) == alone
        reasons = [one.reason if isinstance(one, Settlement) else "goes" for one in alone]
        assert reasons == ["missing_variable:nome", "no_address", "lost", "opted_out", "goes"]

    wholesale(story)


def test_when_none_can_be_written_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(house: House, _: Wholesale) -> None:
        await house.begin(2)
        messages = [replace(one, phone=None) for one in await house.claim()]
        monkeypatch.setattr(type(house.store.ledger), "clear_many", None)
        ready = await house.engine.dispatch.prepare_many(messages, house.now)
        assert [isinstance(one, Settlement) for one in ready] == [True, True]
        assert await house.engine.dispatch.prepare_many([], house.now) == []

    wholesale(story)


def test_whoever_replied_while_a_message_was_begun_gets_none() -> None:
    async def story(house: House, _: Wholesale) -> None:
        await house.begin(3, steps=[STEP, {**STEP, "wait": "1m"}])
        messages = await house.claim()
        await house.reply(str(messages[1].id), "Quanto custa?")
        later = [replace(one, ahead=True) for one in messages]
        ready = await house.engine.dispatch.prepare_many(later, house.now)
        assert [isinstance(one, Outgoing) for one in ready] == [True, False, True]

    wholesale(story)


def test_they_go_in_one_request_but_for_those_whose_moment_has_passed() -> None:
    async def story(house: House, provider: Wholesale) -> None:
        await house.begin(4)
        ready = await prepared(house, await house.claim())
        ready[1] = (*ready[1][:2], MOMENT_TOLERANCE)
        ready[2] = (replace(ready[2][0], closes_at=house.now), *ready[2][1:])
        became = await house.engine.dispatch.hand_over_many(ready, house.now)
        assert [one.contact_id for one in (out.id for out in provider.requests[0])] == [
            ready[0][0].id.contact_id,
            ready[3][0].id.contact_id,
        ]
        assert [type(one) for one in became] == [Outcome, Settlement, Settlement, Outcome]
        backs = [(one.event, one.reason, one.heard) for one in became if isinstance(one, Settlement)]
        assert backs == [(MessageEvent.RELEASE, "missed_its_moment", False)] * 2

    wholesale(story)


def test_when_every_moment_has_passed_there_is_no_request() -> None:
    async def story(house: House, provider: Wholesale) -> None:
        await house.begin(2)
        late = [(*one[:2], MOMENT_TOLERANCE) for one in await prepared(house, await house.claim())]
        await house.engine.dispatch.hand_over_many(late, house.now)
        assert await house.engine.dispatch.hand_over_many([], house.now) == []
        assert (provider.requests, provider.single) == ([], [])

    wholesale(story)


def test_one_alone_goes_as_a_single_message() -> None:
    async def story(house: House, provider: Wholesale) -> None:
        await house.begin(1)
        await house.engine.dispatch.hand_over_many(await prepared(house, await house.claim()), house.now)
        assert (len(provider.requests), len(provider.single)) == (0, 1)

    wholesale(story)


def test_a_channel_that_loses_count_is_not_believed() -> None:
    async def story(house: House, provider: Wholesale) -> None:
        provider.too_few = True
        await house.begin(3)
        with pytest.raises(ValueError, match="2 outcomes of 3 messages"):
            await house.engine.dispatch.hand_over_many(await prepared(house, await house.claim()), house.now)

    wholesale(story)


@pytest.mark.parametrize(
    ("outcomes", "heard", "failure"),
    [
        ([TAKEN, TAKEN, TAKEN], 0, None),
        ([BUSY, BUSY, BUSY], 0, F.TRANSIENT),
        ([BUSY, GONE, BUSY], 1, F.RECIPIENT),
        ([BUSY, BUSY, TAKEN], 2, None),
    ],
)
def test_the_breaker_hears_of_a_request_once(outcomes: list[Outcome], heard: int, failure: FailureClass | None) -> None:
    async def story(house: House, _: Wholesale) -> None:
        await house.begin(3)
        concluded = list(zip(await house.claim(), outcomes, strict=True))
        settlements = await house.engine.dispatch.conclude_many(concluded, house.now)
        assert [one.heard for one in settlements] == [at == heard for at in range(3)]
        assert settlements[heard].failure is failure
        alone = [await house.engine.dispatch.conclude(*one, house.now) for one in concluded]
        assert [replace(one, heard=True) for one in settlements] == alone
        assert await house.engine.dispatch.conclude_many([], house.now) == []

    wholesale(story)
