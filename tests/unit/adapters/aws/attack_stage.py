"""A stage for the ledger under attack: others act at the worst instant."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTROL
from disparo.domain.campaign import Campaign
from disparo.domain.message import Claimed
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import MINUTE, Scene

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

    async def check_open(self, campaign: Campaign, people: int) -> None:
        """Its counters know of so many messages under way."""
        counted = {one.state: one.count for one in await self.store.campaigns.tally(campaign.id)}
        assert counted.get("due", 0) + counted.get("sending", 0) == people

    async def leases(self) -> list[str]:
        """The leases that are kept."""
        return [str(item["sk"]) for part in ("lease", "lease-ahead") for item in await self.tables.query(CONTROL, part)]


def told(story: Told) -> None:
    asyncio.run(story(Stage()))


async def ahead(stage: Stage, people: int = 1) -> list[Claimed]:
    await stage.begin(people)
    return [*(await stage.claim(people, horizon=MINUTE)).messages]
