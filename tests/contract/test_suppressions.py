from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.ledger import SqliteLedger
from disparo.adapters.embedded.suppressions import SqliteSuppressions
from disparo.domain.suppression import Suppression
from tests.contract import suppressions_suite

FAMILIES = ("embedded-memory", "embedded-file")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", suppressions_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: suppressions_suite.Check, family: str, tmp_path: Path) -> None:
    database = Database(None if family == "embedded-memory" else tmp_path / "disparo.db")
    stores = suppressions_suite.Stores(
        contacts=SqliteContacts(database),
        campaigns=SqliteCampaigns(database),
        ledger=SqliteLedger(database),
        suppressions=SqliteSuppressions(database),
    )
    asyncio.run(check(stores))  # type: ignore[arg-type]
    database.close()


def test_a_suppression_that_is_rolled_back_has_cancelled_nothing() -> None:
    async def story() -> None:
        database = Database(None)
        store = SqliteSuppressions(database)
        good = Suppression("a@x.com", None, "opted_out", "reply", suppressions_suite.NOW)
        with pytest.raises(TypeError):
            await store.add([good, Suppression("b@x.com", None, object(), "reply", good.at)])  # type: ignore[arg-type]
        assert await store.page("", 5) == []

    asyncio.run(story())
