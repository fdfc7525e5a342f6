"""Many campaigns at once and launches that are disturbed: nobody starves, nobody is lost."""

from __future__ import annotations

import json
from collections import Counter

from disparo.adapters.aws.tables import CONTROL, Update
from disparo.domain.campaign import CampaignEvent
from disparo.domain.message import MessageEvent
from disparo.domain.policies.rate_limit import Limits
from tests.contract.scene import HOUR, NOW, Scene
from tests.unit.adapters.aws.attack_stage import Stage, told

# Many campaigns


async def many(stage: Stage, campaigns: int, people: int) -> None:
    for number in range(campaigns):
        await stage.begin(people, f"c{number}")


def test_more_campaigns_than_fit_into_one_claim_are_served_by_the_next() -> None:
    async def story(stage: Stage) -> None:
        await many(stage, 60, 2)
        served: Counter[str] = Counter()
        for _ in range(2):
            claim = await stage.claim(46)
            served.update(one.id.campaign_id for one in claim.messages)
        assert len(served) == 60, "whoever waited longest comes first"
        claim = await stage.claim(500, at=NOW + HOUR)
        assert (len(claim.messages), claim.next_at) == (28, None)

    told(story)


def test_a_claim_with_more_campaigns_than_it_can_serve_says_that_there_is_more_at_once() -> None:
    async def story(stage: Stage) -> None:
        await many(stage, 50, 1)
        claims = [await stage.claim(500) for _ in range(2)]
        assert [len(claim.messages) for claim in claims] == [47, 3]
        assert [claim.next_at for claim in claims] == [NOW, None]

    told(story)


def test_campaigns_at_their_own_limit_do_not_keep_the_others_waiting() -> None:
    async def story(stage: Stage) -> None:
        await many(stage, 50, 2)
        lanes = await stage.lanes()
        free = {lanes[-1].campaign_id, lanes[-2].campaign_id}
        slow = {lane.campaign_id: Limits(hourly=1) for lane in lanes if lane.campaign_id not in free}
        limited = await stage.lanes(slow)
        for _ in range(3):
            await stage.claim(48, lanes=[lane for lane in limited if lane.campaign_id not in free])
        claim = await stage.claim(500, lanes=limited)
        assert {one.id.campaign_id for one in claim.messages} == free
        assert len(claim.messages) == 4

    told(story)


def test_a_senders_book_remembers_no_more_turns_than_it_needs() -> None:
    async def story(stage: Stage) -> None:
        turns = {str(number): number for number in range(1, 2_000)}
        await stage.begin(2)
        await stage.claim(1)
        await stage.tables.write(Update(CONTROL, {"pk": "book", "sk": "whatsapp"}, set={"turns": json.dumps(turns)}))
        await stage.claim(1)
        item = await stage.tables.get(CONTROL, {"pk": "book", "sk": "whatsapp"})
        assert len(str((item or {})["turns"])) < 8_000, "every claim pays for them twice"

    told(story)


# Launches


def test_rows_of_a_page_that_another_has_entered_stay_when_the_campaign_is_cancelled() -> None:
    async def story(stage: Stage) -> None:
        await stage.people(3, "promo")
        campaign = await stage.start()
        theirs = Scene(stage.other, stage.store)

        async def enter_and_cancel() -> None:
            assert await theirs.enter(campaign)
            await stage.other.campaigns.apply(campaign.id, CampaignEvent.CANCEL, NOW)

        stage.before("Transaction: Update campaigns", enter_and_cancel)
        assert not await stage.enter(campaign)
        assert await stage.states(campaign) == ["due"] * 3, "the sweep ends them"
        cancelled = await stage.store.campaigns.get(campaign.id)
        assert await stage.store.ledger.sweep(cancelled, MessageEvent.CANCEL, "campaign_cancelled", NOW, 9) == 3
        assert await stage.store.campaigns.conclude(campaign.id, NOW + HOUR)

    told(story)


def test_a_pause_while_a_page_is_entered_loses_nobody() -> None:
    async def story(stage: Stage) -> None:
        await stage.people(3, "promo")
        campaign = await stage.start()

        async def pause() -> None:
            await stage.other.campaigns.apply(campaign.id, CampaignEvent.PAUSE, NOW)

        stage.before("Transaction: Update campaigns", pause)
        assert not await stage.enter(campaign)
        campaign = await stage.store.campaigns.apply(campaign.id, CampaignEvent.RESUME, NOW)
        assert await stage.enter(campaign)
        assert await stage.states(campaign) == ["due"] * 3
        assert len((await stage.claim(9)).messages) == 3
        await stage.check_open(campaign, 3)

    told(story)


def test_a_list_of_nobody_and_one_of_gaps_are_launched_to_their_end() -> None:
    async def story(stage: Stage) -> None:
        empty = await stage.start("vazia")
        assert await stage.enter(empty)
        assert await stage.store.campaigns.conclude(empty.id, NOW)
        key = {"pk": "list#furos", "sk": f"{1:018d}"}
        await stage.tables.write(Update(CONTROL, key, set={"first": 1, "count": 25}))
        gaps = await stage.start("furos")
        pages = 0
        while not (await stage.store.campaigns.get(gaps.id)).launched:
            assert await stage.enter(gaps, limit=10)
            pages += 1
        assert pages == 3
        assert await stage.store.campaigns.conclude(gaps.id, NOW)

    told(story)
