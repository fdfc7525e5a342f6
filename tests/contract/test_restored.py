"""After data of an earlier day came back, nobody gets in by what may have ended since."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.domain.session import Session
from disparo.domain.webhook import Endpoint, EndpointState
from disparo.ports.one_time_links import SETUP, OneTimeLink
from disparo.ports.store import Store
from disparo.usecases.accounts.restored import Shut, shut
from tests.contract.accounts_suite import ANA, DAY, FULL, KEY, NOW
from tests.contract.families import FAMILIES, opened_twice


async def furnish(store: Store) -> None:
    for account in (ANA, FULL):
        await store.accounts.add(account)
        await store.sessions.begin(Session(f"s-{account.id}", account.id, NOW, NOW, NOW + DAY, "Firefox", "10.0.0.1"))
    for subject in (SETUP, ANA.id):
        await store.one_time_links.put(OneTimeLink(subject, "e" * 64, NOW + DAY))
    await store.api_keys.add(KEY)
    await store.webhooks.add(Endpoint("we_1", "https://x.example/h", "sealed", NOW))


@pytest.mark.parametrize("keep_access", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_what_was_open_is_shut(family: str, keep_access: bool, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):
            await furnish(store)
            later = NOW + timedelta(minutes=1)
            done = await shut(store, later, keep_access=keep_access)
            assert done == (Shut(2) if keep_access else Shut(2, [KEY.name], ["https://x.example/h"]))
            for account in (ANA, FULL):
                assert await other.sessions.find(account.id, f"s-{account.id}") is None
            for subject in (SETUP, ANA.id):
                assert await other.one_time_links.find(subject) is None
            key, endpoint = await other.api_keys.find(KEY.id), await other.webhooks.endpoint("we_1")
            assert key is not None
            assert key.state(later) == ("active" if keep_access else "revoked")
            assert (endpoint.state is EndpointState.ENABLED) is keep_access
            again = await shut(store, later, keep_access=keep_access)
            assert (again.sessions, [*again.keys], [*again.endpoints]) == (0, [], [])

    asyncio.run(story())
