"""Drafts for tests of lists in DynamoDB, and what must be true of a list whoever was killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from disparo.adapters.aws.contact_items import address_key, contact_of, is_active
from disparo.adapters.aws.contacts import DynamoContacts
from disparo.adapters.aws.tables import CONTACTS, CONTROL, Item
from disparo.domain.contact import ContactDraft
from disparo.simulation.memory_tables import MemoryTables

LIST = "clientes"


def draft(row: int, phone: str | None = None, email: str | None = None, name: str = "") -> ContactDraft:
    """A draft from a row of `a.csv` whose keys are its addresses."""
    return ContactDraft(f"a.csv:{row}", None, name, phone, phone, email, email)


def numbered(number: int) -> ContactDraft:
    """Somebody with a number and an e-mail of their own."""
    return draft(number + 2, f"+55419{88880000 + number}", f"p{number}@x.com", f"Pessoa {number}")


async def active(tables: MemoryTables) -> list[Item]:
    """Everybody whom the table holds."""
    return [item for item in await tables.scan(CONTACTS) if is_active(item)]


async def assert_sound(tables: MemoryTables, drafts: Sequence[ContactDraft]) -> None:
    """Everybody is there once, owns the keys of their addresses, and is met by whoever reads the list."""
    people = [contact_of(item) for item in await active(tables)]
    owners = Counter(key for one in people for key in one.keys)
    assert not [key for key, times in owners.items() if times > 1], "one contact per address"
    owned = {}
    for key in owners:
        [item] = await tables.get_many([(CONTROL, address_key(key, LIST))])
        owned[key] = item and item["contact_id"]
    assert owned == {key: one.id for one in people for key in one.keys}
    wanted = {one.phone_key or one.email_key for one in drafts}
    assert not wanted - owners.keys(), "nobody is lost"
    store = DynamoContacts(tables)
    page = await store.page(LIST, None, 1000)
    assert sorted(one.id for one in page) == sorted(one.id for one in people)
    assert [one.contacts for one in await store.lists()] == ([len(people)] if people else [])
