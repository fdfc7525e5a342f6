"""Indexes are behind by some writes: what they hide comes later, and what they still show harms nobody."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random

import pytest

from disparo.adapters.aws.store import open_store
from disparo.domain.campaign import CampaignEvent
from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageState
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Limits
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import MessageFilter
from disparo.simulation.memory_tables import MemoryTables
from tests.contract import contacts_suite, suppressions_suite
from tests.contract.scene import MINUTE, NOW, SECOND, WHATSAPP, Scene, later_word, speaks_of

Story = Callable[["Stage"], Awaitable[None]]


class Stage(Scene):
    """A scene whose indexes can be made to lag."""

    def __init__(self, seed: int = 0) -> None:
        self.tables, self.chance = MemoryTables(), Random(seed)
        other = self.tables.sibling()
        super().__init__(open_store(self.tables), open_store(other))
        self._handles = (self.tables, other)

    def lag(self, most: int, least: int = 0) -> None:
        """From now on indexes are behind by so many writes."""
        for one in self._handles:
            one.lag = lambda: self.chance.randint(least, most)


def told(story: Story, seed: int = 0) -> None:
    asyncio.run(story(Stage(seed)))


def test_a_lagging_index_misses_what_is_new_and_shows_what_has_gone() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(8)
        stage.lag(1_000, 1_000)
        assert not (await stage.claim(8)).messages, "nothing is shown yet"
        stage.lag(0)
        assert len((await stage.claim(8)).messages) == 8
        stage.lag(1_000, 1_000)
        assert not (await stage.claim(8)).messages
        stage.lag(8, 8)
        assert not (await stage.claim(8)).messages, "what is still shown is looked at again"
        assert await stage.states(campaign) == ["sending"] * 8

    told(story)


def test_places_that_were_left_a_moment_ago_hide_nothing() -> None:
    async def story(stage: Stage) -> None:
        await stage.begin(60)
        taken: list[MessageId] = []
        for _ in range(30):
            stage.lag(len(taken), len(taken))  # every one that was claimed is still shown
            claim = await stage.claim(2)
            taken += [one.id for one in claim.messages]
        assert len(taken) == len(set(taken)) == 60

    told(story)


@pytest.mark.parametrize("lag", range(6))
def test_two_steps_in_one_queue_are_claimed_once_each_however_far_the_index_is_behind(lag: int) -> None:
    async def story(stage: Stage) -> None:
        await stage.begin(1, steps=3)
        first = await stage.one()
        third = first.id._replace(step=3)
        await stage.settle(speaks_of(first, MessageEvent.EXHAUST))
        await stage.settle(replace(later_word(third, MessageEvent.PROMOTE), due_at=NOW + SECOND))
        await stage.settle(replace(later_word(first.id, MessageEvent.REDRIVE), due_at=NOW))
        again = await stage.one()
        assert again.id == first.id
        stage.lag(lag, lag)
        claim = await stage.claim(9, NOW + SECOND)
        assert [one.id for one in claim.messages] in ([], [third]), "never twice in one claim"
        stage.lag(0)
        claimed = [*claim.messages, *(await stage.claim(9, NOW + SECOND)).messages]
        assert [one.id for one in claimed] == [third]

    told(story)


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_sent_twice_no_limit_passed_and_nothing_lost_behind_a_lagging_index(seed: int) -> None:
    async def story(stage: Stage) -> None:
        sender = replace(WHATSAPP, limits=Limits(burst=6))
        campaigns = [await stage.begin(15, name) for name in ("a", "b")]
        begun: Counter[tuple[MessageId, int]] = Counter()
        permits = []
        accepted: set[MessageId] = set()
        for turn in range(120):
            stage.lag(40 if turn < 100 else 0)  # an index catches up when nobody writes any more
            now = NOW + turn * 20 * SECOND
            horizon = stage.chance.choice((0 * SECOND, MINUTE))
            store = stage.chance.choice((stage.store, stage.other))
            await stage.store.ledger.lapse(now, 100)
            for doubt in await store.ledger.doubts(now, 100):
                back = MessageEvent.RELEASE
                await stage.settle(replace(later_word(doubt.record.id, back), fence=doubt.record.attempts, due_at=now))
            claim = await stage.claim(stage.chance.randint(1, 9), now, sender=sender, store=store, horizon=horizon)
            for message in claim.messages:
                permits.append(message.permit_at)
                if not await _starts(stage, message):
                    continue
                begun[message.id, message.fence] += 1
                assert message.id not in accepted, "it was sent already"
                if stage.chance.random() < 0.8:
                    accepted.add(message.id)
                    await stage.settle(speaks_of(message, MessageEvent.ACCEPT), at=now)
        assert max(begun.values()) == 1
        assert len(accepted) == 30, "later, not never"
        permits.sort()
        for first, later in zip(permits, permits[6:], strict=False):
            assert later - first >= MINUTE + MOMENT_TOLERANCE
        assert {state for one in campaigns for state in await stage.states(one)} == {"accepted"}

    told(story, seed)


async def _starts(stage: Stage, message: Claimed) -> bool:
    if message.begun:
        return True
    if stage.chance.random() < 0.2:
        return False  # the ticket is lost
    found = await stage.other.ledger.pick_up(Ticket.of(message), message.permit_at)
    return found is not None and await stage.other.ledger.begin(found, message.permit_at)


@pytest.mark.parametrize("seed", range(5))
def test_a_campaign_ends_when_all_is_settled_and_no_sooner(seed: int) -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(10)
        stage.lag(50)
        done = 0
        while done < 10:
            assert not await stage.store.campaigns.conclude(campaign.id, NOW)
            for message in (await stage.claim(3)).messages:
                await stage.settle(speaks_of(message, MessageEvent.ACCEPT))
                done += 1
        assert await stage.store.campaigns.conclude(campaign.id, NOW)

    told(story, seed)


@pytest.mark.parametrize("seed", range(3))
def test_a_sweep_sees_past_the_index(seed: int) -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(10, steps=2)
        stage.lag(1_000, 500)
        campaign = await stage.store.campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)
        while await stage.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 3):
            pass
        states = frozenset({MessageState.CANCELLED})
        assert len(await stage.store.ledger.page(MessageFilter(campaign.id, states), None, 99)) == 20

    told(story, seed)


ASK_THE_INDEX = (
    contacts_suite.check_a_name_is_found_by_its_beginning_without_case_or_accents,
    contacts_suite.check_a_name_that_came_later_is_found,
)
"""Checks of the search by name, which may be behind."""
SURE = tuple(check for check in contacts_suite.SUITE if check not in ASK_THE_INDEX)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "check", [one for one in contacts_suite.SUITE if one not in ASK_THE_INDEX], ids=lambda check: check.__name__
)
def test_contacts_under_lag(check: contacts_suite.Check, seed: int) -> None:
    chance = Random(seed)
    asyncio.run(check(open_store(MemoryTables(lag=lambda: chance.randint(0, 20))).contacts))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("check", suppressions_suite.SUITE, ids=lambda check: check.__name__)
def test_suppressions_under_lag(check: suppressions_suite.Check, seed: int) -> None:
    chance = Random(seed)
    asyncio.run(check(open_store(MemoryTables(lag=lambda: chance.randint(0, 20)))))
