"""Both families do the same with the same meetings, whatever is asked of them in whatever order."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest

from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.slot import Occupation
from disparo.ports.agenda import MeetingFilter
from disparo.ports.store import Store
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.booking_race import BOUNDS, FIRST, Racer, faults, latest
from tests.contract.meetings_scene import DAY

ROUNDS = 150


@pytest.mark.parametrize("seed", range(12))
def test_families_keep_and_refuse_alike(seed: int) -> None:
    database = Database(None)
    embedded = asyncio.run(story(open_store(database), seed))
    database.close()
    assert asyncio.run(story(open_dynamo_store(MemoryTables()), seed)) == embedded


async def story(store: Store, seed: int) -> tuple[Counter[str], list[Meeting], list[Occupation], list[str]]:
    """What was kept and refused, and what is there in the end; ids, of which refusals may use some up, left out."""
    one = Racer("one", store, random.Random(seed))
    await one.run(ROUNDS)
    at = latest(ROUNDS)
    assert await faults(store, at) == []
    meetings = await store.meetings.page(MeetingFilter(), None, 10 * ROUNDS)
    kept = await store.meetings.occupations(list(BOUNDS), FIRST - DAY, FIRST + 3 * DAY, at)
    uids = {each.id: each.uid for each in meetings}
    due = [each.uid for each in await store.meetings.due(at, 10)]
    named = [replace(each, meeting_id=uids[each.meeting_id]) for each in kept]
    return one.tally, [replace(each, id="") for each in meetings], sorted(named, key=repr), due
