"""Sixteen threads at one sender, each a process of its own to DynamoDB: `DISPARO_RACE_ROUNDS` claims in all."""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from disparo.adapters.aws.dynamo import DynamoTables
from disparo.adapters.aws.store import open_store
from disparo.domain.message import Claimed
from disparo.domain.policies.rate_limit import Limits
from disparo.ports.ledger import ClaimRequest
from disparo.ports.store import Store
from tests.contract.emulated_tables import emulated_tables
from tests.contract.scene import MINUTE, NOW, SECOND, WHATSAPP, Scene

THREADS = 16
ROUNDS = int(os.environ.get("DISPARO_RACE_ROUNDS", "48"))
BURST = 3

Story = Callable[[int, Store], Coroutine[Any, Any, list[Claimed]]]


def test_sixteen_threads_never_pass_a_limit_together() -> None:
    """Each round asks for more than is left, a second later: every rolling minute holds at most the limit."""
    sender = replace(WHATSAPP, limits=Limits(burst=BURST))
    permits: list[datetime] = []

    async def story(thread: int, store: Store) -> list[Claimed]:
        taken: list[Claimed] = []
        for number in range(thread, ROUNDS, THREADS):
            at = NOW + number * 7 * SECOND
            taken += await _claims(store, ClaimRequest(sender, lanes, 2, at, await store.ledger.revision()))
        return taken

    with emulated_tables() as (tables, _):
        scene = Scene(open_store(tables), open_store(tables))
        asyncio.run(scene.begin(ROUNDS, due_at=NOW - MINUTE))
        lanes = asyncio.run(scene.lanes())
        claimed = _race(tables, story)
    permits = sorted(message.permit_at for message in claimed)
    assert len(permits) > BURST
    for first, later in zip(permits, permits[BURST:], strict=False):
        assert later - first >= timedelta(minutes=1), "more than the limit in one minute"
    assert max(Counter(message.id for message in claimed).values()) == 1


def test_sixteen_threads_never_claim_a_message_twice() -> None:
    async def story(thread: int, store: Store) -> list[Claimed]:
        taken: list[Claimed] = []
        for _ in range(thread, ROUNDS, THREADS):
            taken += await _claims(store, ClaimRequest(WHATSAPP, lanes, 2, NOW, await store.ledger.revision()))
        return taken

    with emulated_tables() as (tables, _):
        scene = Scene(open_store(tables), open_store(tables))
        asyncio.run(scene.begin(ROUNDS))
        lanes = asyncio.run(scene.lanes())
        claimed = _race(tables, story)
        ledger = open_store(tables).ledger
        rows = [asyncio.run(ledger.get(message.id)) for message in claimed]
    assert len(claimed) == ROUNDS, "everything was claimed by somebody"
    assert max(Counter(message.id for message in claimed).values()) == 1
    assert {(row.state, row.attempts) for row in rows} == {("sending", 1)}


async def _claims(store: Store, request: ClaimRequest) -> list[Claimed]:
    return [*(await store.ledger.claim(request)).messages]


def _race(tables: DynamoTables, story: Story) -> list[Claimed]:
    """What all threads claimed that ran the story at the same time."""
    start, claimed, errors = threading.Barrier(THREADS), list[Claimed](), list[BaseException]()

    def run(thread: int) -> None:
        store = open_store(tables)
        start.wait()
        try:
            claimed.extend(asyncio.run(story(thread, store)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if errors:
        raise errors[0]
    return claimed
