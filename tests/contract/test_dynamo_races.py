"""Sixteen threads at one sender.

On memory `DISPARO_RACE_ROUNDS` claims in all; on the emulator, whose every call takes milliseconds, a few dozen.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.adapters.aws.store import open_store
from disparo.domain.message import Claimed
from disparo.domain.policies.rate_limit import Limits
from disparo.ports.ledger import ClaimRequest
from disparo.ports.store import Store
from tests.contract.scene import MINUTE, NOW, SECOND, WHATSAPP, Scene
from tests.contract.sixteen_threads import THREADS, opened, race

ROUNDS = {"memory": int(os.environ.get("DISPARO_RACE_ROUNDS", "1000")), "emulator": 48}
BURST = 3


@pytest.mark.parametrize("kind", ROUNDS)
def test_sixteen_threads_never_pass_a_limit_together(kind: str) -> None:
    """Each round asks for more than is left, a second later: every rolling minute holds at most the limit."""
    sender = replace(WHATSAPP, limits=Limits(burst=BURST))
    rounds = ROUNDS[kind]

    async def story(thread: int, store: Store) -> list[Claimed]:
        taken: list[Claimed] = []
        for number in range(thread, rounds, THREADS):
            at = NOW + number * 7 * SECOND
            taken += await _claims(store, ClaimRequest(sender, lanes, 2, at, await store.ledger.revision()))
        return taken

    with opened(kind) as tables:
        scene = Scene(open_store(tables), open_store(tables))
        asyncio.run(scene.begin(rounds, due_at=NOW - MINUTE))
        lanes = asyncio.run(scene.lanes())
        claimed = race(tables, story)
    permits = sorted(message.permit_at for message in claimed)
    assert len(permits) > BURST
    for first, later in zip(permits, permits[BURST:], strict=False):
        assert later - first >= timedelta(minutes=1), "more than the limit in one minute"
    assert max(Counter(message.id for message in claimed).values()) == 1


@pytest.mark.parametrize("kind", ROUNDS)
def test_sixteen_threads_never_claim_a_message_twice(kind: str) -> None:
    rounds = ROUNDS[kind]

    async def story(thread: int, store: Store) -> list[Claimed]:
        taken: list[Claimed] = []
        for _ in range(thread, rounds, THREADS):
            taken += await _claims(store, ClaimRequest(WHATSAPP, lanes, 2, NOW, await store.ledger.revision()))
        return taken

    with opened(kind) as tables:
        scene = Scene(open_store(tables), open_store(tables))
        asyncio.run(scene.begin(rounds))
        lanes = asyncio.run(scene.lanes())
        claimed = race(tables, story)
        ledger = open_store(tables).ledger
        rows = [asyncio.run(ledger.get(message.id)) for message in claimed]
    assert len(claimed) == rounds, "everything was claimed by somebody"
    assert max(Counter(message.id for message in claimed).values()) == 1
    assert {(row.state, row.attempts) for row in rows} == {("sending", 1)}


async def _claims(store: Store, request: ClaimRequest) -> list[Claimed]:
    return [*(await store.ledger.claim(request)).messages]
