from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.ledger import SqliteLedger
from disparo.adapters.embedded.suppressions import SqliteSuppressions
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from tests.contract import contacts_suite
from tests.contract.suppressions_suite import ANA, NOW, Stores, import_two, start

FAMILIES = ("embedded-memory", "embedded-file")


def opened(family: str, folder: Path) -> Database:
    return Database(None if family == "embedded-memory" else folder / "disparo.db")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check", contacts_suite.SUITE, ids=lambda check: check.__name__)
def test_contract(check: contacts_suite.Check, family: str, tmp_path: Path) -> None:
    database = opened(family, tmp_path)
    asyncio.run(check(SqliteContacts(database)))  # type: ignore[arg-type]
    database.close()


async def _sent_once(stores: Stores) -> tuple[str, MessageId]:
    """Ana has a message whose provider spoke of her number, in its words and in its id."""
    ana, _ = await import_two(stores)
    await import_two(stores, "leads")
    campaign = await start(stores, "promo")
    message = MessageId(campaign.id, 1, ana)
    accepted = Settlement(message, MessageEvent.ACCEPT, detail=f"sent to {ANA}", provider_id="wamid.NTUxMQ")
    assert await stores.ledger.settle([accepted], NOW) == [True]
    await stores.suppressions.add([Suppression(ANA, Channel.SMS, "opted_out", "reply", NOW)])
    return ana, message


def embedded(database: Database) -> Stores:
    return Stores(
        SqliteContacts(database), SqliteCampaigns(database), SqliteLedger(database), SqliteSuppressions(database)
    )


def test_everything_about_a_person_is_told() -> None:
    async def story() -> None:
        database = Database(None)
        ana, message = await _sent_once(embedded(database))
        told = await SqliteContacts(database).everything(ana)
        assert told["contact"]["phone"] == ANA
        assert told["contact"]["erased_at"] is None
        first, *waiting = told["messages"]
        assert (first["id"], first["state"], len(waiting)) == (str(message), "accepted", 2)
        assert [line["detail"] for line in first["journal"]] == [f"sent to {ANA}"]
        assert [(one["key"], one["channel"]) for one in told["suppressions"]] == [(ANA, "sms")]
        [other] = told["same_person"]
        assert (await SqliteContacts(database).get(other)).list_name == "leads"
        with pytest.raises(NotFoundError):
            await SqliteContacts(database).everything("999")

    asyncio.run(story())


def test_an_erasure_leaves_nothing_personal_in_the_journal_and_keeps_the_count() -> None:
    async def story() -> None:
        database = Database(None)
        stores = embedded(database)
        ana, message = await _sent_once(stores)
        await stores.contacts.erase(ana, NOW)
        told = await SqliteContacts(database).everything(ana)
        assert told["contact"]["erased_at"] == "2026-03-02T12:00:00.000+00:00"
        text = str({**told, "suppressions": []})
        assert not [personal for personal in (ANA, ANA[3:], "ana@x.com", "Ana", "wamid") if personal in text]
        assert (await stores.ledger.get(message)).state == "accepted"
        assert [(line.event, line.detail) for line in await stores.ledger.journal(message)] == [("accept", "")]

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
