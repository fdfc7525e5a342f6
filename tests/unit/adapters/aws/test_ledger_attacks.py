"""Others who act at the worst instant, claims that meet, and clocks that are wrong: each promise of the ledger holds."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from disparo.adapters.aws.leases import Held, lease_put
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTROL, LEDGER, Update
from disparo.domain.campaign import CampaignEvent, CampaignState
from disparo.domain.errors import StoreError
from disparo.domain.message import Claimed, MessageEvent, MessageState
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.suppression import Suppression
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import MessageFilter
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import HOUR, MINUTE, NOW, SECOND, WHATSAPP, Scene, later_word, phone_of, speaks_of

Told = Callable[["Stage"], Awaitable[None]]


class Stage(Scene):
    """A scene whose first process can be held up before a write."""

    def __init__(self) -> None:
        tables = MemoryTables()
        self.tables, self.mine = tables, tables.sibling()
        super().__init__(open_store(self.mine), open_store(tables.sibling()))

    def before(self, words: str, act: Callable[[], Awaitable[object]], *, side: str = "before") -> None:
        """Let others act once, before (or after) the first process's next write that these words are in."""

        async def gate(here: str, what: str) -> None:
            if here == side and words in what:
                self.mine.gate = None
                await act()

        self.mine.gate = gate

    async def leases(self) -> list[str]:
        """The leases that are kept."""
        return [str(item["sk"]) for part in ("lease", "lease-ahead") for item in await self.tables.query(CONTROL, part)]


def told(story: Told) -> None:
    asyncio.run(story(Stage()))


async def ahead(stage: Stage, people: int = 1) -> list[Claimed]:
    await stage.begin(people)
    return [*(await stage.claim(people, horizon=MINUTE)).messages]


# Sweeps and leases


def test_a_sweep_leaves_alone_what_begins_meanwhile() -> None:
    async def story(stage: Stage) -> None:
        [message] = await ahead(stage)
        campaign = await stage.store.campaigns.apply(message.id.campaign_id, CampaignEvent.CANCEL, NOW)
        stage.before("Put ledger", lambda: stage.other.ledger.begin(message, NOW))
        await stage.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 10)
        assert await stage.states(campaign) == ["sending"], "its outcome is what happened"
        assert await stage.settle(speaks_of(message, MessageEvent.ACCEPT)) == [True]

    told(story)


@pytest.mark.parametrize("horizon", [0 * SECOND, MINUTE])
def test_a_lease_that_runs_out_puts_nothing_in_doubt_that_a_newer_claim_has_begun(horizon: object) -> None:
    """A ticket was lost: its message is claimed again before its lease is over, and has the same fence."""

    async def story(stage: Stage) -> None:
        [lost] = await ahead(stage)
        later = lost.lease_until - 2 * SECOND
        [message] = (await stage.claim(1, later, horizon=horizon, store=stage.other)).messages  # type: ignore[arg-type]
        assert (message.id, message.fence) == (lost.id, lost.fence)
        assert message.begun or await stage.other.ledger.begin(message, later)
        assert await stage.store.ledger.lapse(lost.lease_until, 10) == 0
        assert (await stage.store.ledger.get(message.id)).state is MessageState.SENDING
        assert not await stage.store.ledger.begin(lost, later)
        assert await stage.store.ledger.lapse(message.lease_until, 10) == 1
        assert await stage.leases() == []

    told(story)


def test_a_claim_that_goes_on_while_its_lease_is_forgotten_is_a_doubt_in_the_end() -> None:
    """It begins its message between the look at its lease, which ran out long ago, and the end of that."""

    async def story(stage: Stage) -> None:
        await stage.begin(1)
        lapsing, goes_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def stall() -> None:
            lapsing.set()
            await goes_on.wait()

        async def let_go(side: str, what: str) -> None:
            if side == "before" and "ledger" in what and not done.is_set():
                goes_on.set()
                await done.wait()

        async def claim() -> None:
            stage.before("Put ledger", stall)
            [message] = (await stage.claim(1)).messages
            assert message.begun
            done.set()

        claiming = asyncio.create_task(claim())
        await lapsing.wait()
        over = NOW + WHATSAPP.lease
        await open_store(stage.tables.sibling(let_go)).ledger.lapse(over, 10)
        await claiming
        assert await stage.other.ledger.lapse(over, 10) == 1
        assert [one.record.state for one in await stage.other.ledger.doubts(over, 10)] == ["in_doubt"]

    told(story)


# Histories


def test_two_who_turn_a_page_at_once_lose_and_repeat_no_line() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(1)
        [row] = await stage.rows(campaign)
        written: list[str] = []

        async def write(*lengths: int) -> None:
            for length in lengths:
                written.append(f"{len(written)} " + "x" * length)
                assert await stage.other.ledger.note(row.id, "replied", written[-1], f"p:{len(written)}", NOW)

        for number in range(12):
            mine = f"eu {number} " + "y" * 900
            stage.before("ledger", lambda number=number: write(*(20, 200, 20, 900, 20)[: number % 6]))  # type: ignore[misc]
            assert await stage.store.ledger.note(row.id, "replied", mine, f"eu:{number}", NOW)
            written.append(mine)
        told_lines = [line.detail for line in await stage.other.ledger.journal(row.id)]
        assert told_lines == written

    told(story)


def test_a_page_turned_while_a_person_is_erased_holds_no_word_of_theirs() -> None:
    async def story(stage: Stage) -> None:
        campaign = await stage.begin(1)
        message = await stage.one()
        for number in range(3):
            assert await stage.store.ledger.note(message.id, "replied", "meu e-mail é p0@example.com " * 20, f"p:{number}", NOW)

        async def turn() -> None:
            await stage.other.ledger.note(message.id, "replied", "p0@example.com " * 20, "p:9", NOW)
            for number in range(8):
                await stage.other.ledger.settle([speaks_of(message, MessageEvent.BEGIN, detail="x" * 400)], NOW)
                assert number >= 0

        stage.before("ledger", turn)
        await stage.store.contacts.erase(message.id.contact_id, NOW)
        assert [item for item in await stage.tables.scan(LEDGER) if "p0@example.com" in str(item)] == []
        assert await stage.states(campaign) == ["sending"]

    told(story)


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
