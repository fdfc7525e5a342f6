"""Explanations against the engine's own claims, through some days in which anything may happen."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns, people
from disparo.usecases.why import Verdict, why

House = Any
"""The fixture of conftest, which cannot be imported by name."""

STEPS = [
    {"channel": "whatsapp", "text": "Oi {{ nome }}"},
    {"channel": "email", "subject": "Oi", "text": "Oi {{ nome }}", "wait": "2bd"},
]


async def ask(house: House, message_id: str) -> Verdict:
    return Verdict((await why(house.store, message_id, [*house.senders.values()], house.now)).verdict)


@pytest.mark.parametrize("seed", range(15))
def test_in_any_situation_explanation_and_claim_agree(seed: int, house: House) -> None:
    """Some days of random happenings: what may go does go, unless its permits went to those before it."""
    draw = random.Random(seed)

    async def check() -> None:
        house.configure(limits=Limits(draw.choice([None, 2, 5]), draw.choice([None, 7])), threshold=3)
        await house.people(8)
        await house.people(8, first=8, zone="America/Manaus")
        own = {"limits": {"whatsapp": {"burst": 3}}} if draw.random() < 0.5 else {}
        await house.begin(0, steps=STEPS, **own)
        for _ in range(40):
            house.now += timedelta(seconds=draw.choice([1, 20, 61, 700, 4000, 9000]))
            await happen(house, draw)
            await compare(house)

    asyncio.run(check())


async def happen(house: House, draw: random.Random) -> None:
    house.provider.failures[:] = draw.choices([*FailureClass], k=draw.choice([0, 0, 0, 1, 4]))
    campaign = await house.store.campaigns.get("camp")
    match draw.randrange(12):
        case 0 if campaign.state == "running":
            await campaigns.pause(house.store, "camp", house.now)
        case 1 | 2 | 3 if campaign.state == "paused":
            await campaigns.resume(house.store, "camp", house.now)
        case 4:
            number = f"+55419{88880000 + draw.randrange(16)}"
            await people.suppress(house.store, number, Channel.WHATSAPP, source="teste", now=house.now)
        case 5:
            await house.claim(count=1)  # a worker that dies with it
        case 6:
            await house.engine.reconcile.run(house.now)


async def compare(house: House) -> None:
    rows = await house.store.ledger.page(MessageFilter(), None, 100)
    asked = {str(row.id): (row.channel, await ask(house, str(row.id))) for row in rows}
    for channel in house.senders:
        verdicts = {one: verdict for one, (its, verdict) in asked.items() if its == channel}
        may_go = {one for one, verdict in verdicts.items() if verdict == Verdict.MAY_GO_NOW}
        refused = {one for one, verdict in verdicts.items() if verdict == Verdict.SUPPRESSED}
        taken = await house.claim(channel)
        claimed = {str(message.id) for message in taken}
        assert claimed <= may_go | refused
        assert bool(claimed) == bool(may_go | refused)
        for left in (may_go | refused) - claimed:
            assert await ask(house, left) in (Verdict.SENDER_LIMIT, Verdict.CAMPAIGN_LIMIT, Verdict.BREAKER_PROBING)
        assert {str(one) for one in await house.deliver(taken)} == claimed & may_go
