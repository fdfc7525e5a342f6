from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.domain.contact import ContactDraft
from tests.contract import contact_search_suite, contacts_suite, person_suite
from tests.contract.families import FAMILIES, opened_twice


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", contacts_suite.SUITE + contact_search_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: contacts_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, _):
            await check(store.contacts)

    asyncio.run(story())


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", person_suite.SUITE, ids=lambda check: check.__name__)
def test_contract_of_a_person(check: person_suite.Check, family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, _):
            await check(store)

    asyncio.run(story())


def test_the_cost_of_a_page_does_not_grow_with_the_list() -> None:
    async def steps_for(contacts: int) -> int:
        database = Database(None)
        store = SqliteContacts(database)
        drafts = [
            ContactDraft(f"a.csv:{row}", None, email=f"p{row}@x.com", email_key=f"p{row}@x.com")
            for row in range(contacts)
        ]
        await store.fold("clientes", drafts)
        steps = 0

        def count() -> bool:
            nonlocal steps
            steps += 1
            return False

        database.reader.set_progress_handler(count, 1)
        assert len(await store.page("clientes", str(contacts - 15), 10)) == 10
        return steps

    assert asyncio.run(steps_for(4000)) == asyncio.run(steps_for(100))
