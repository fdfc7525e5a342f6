"""Contacts in DynamoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from disparo.adapters.aws import erasing, folding, lists
from disparo.adapters.aws.attributes import text
from disparo.adapters.aws.contact_items import (
    LAST,
    NAME_INDEX,
    contact_of,
    is_active,
    list_shards,
    person_key,
    status_of,
)
from disparo.adapters.aws.list_ranges import ids_after
from disparo.adapters.aws.tables import CONTACTS, Item, Tables
from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.folding import FoldResult, name_key
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.ports.contacts import ListSummary


class DynamoContacts:
    """`Contacts` in the tables contacts and control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        """See `Contacts.fold`."""
        return await folding.fold(self._tables, list_name, drafts)

    async def page(self, list_name: str, after: str | None, limit: int) -> Sequence[Contact]:
        """See `Contacts.page`; by the list's ranges of ids, strongly consistent. Erased contacts are left out."""
        last = int(after) if after and person_key(after) else 0
        found: list[Contact] = []
        while len(found) < limit and (ids := await ids_after(self._tables, list_name, last, limit - len(found))):
            found += [contact_of(item) for item in await self._people(ids) if is_active(item)]
            last = ids[-1]
        return found

    async def _people(self, ids: Sequence[int | str]) -> list[Item]:
        found = await self._tables.get_many([(CONTACTS, {"contact_id": str(contact)}) for contact in ids])
        return [item for item in found if item is not None]

    async def get(self, contact_id: str) -> Contact:
        """See `Contacts.get`; of an erased contact only the empty shell is left."""
        return contact_of(await erasing.person(self._tables, contact_id))

    async def find(self, text: str, limit: int) -> Sequence[Contact]:
        """See `Contacts.find`; names by case and accents folded, through the index."""
        if (key := _address(text)) is not None:
            return [contact_of(item) for item in (await erasing.owners(self._tables, key))[:limit]]
        return await self._named(key, limit) if (key := name_key(text)) else []

    async def _named(self, key: str, limit: int) -> list[Contact]:
        lowest = status_of(key)
        shards = [
            self._tables.query(CONTACTS, shard, index=NAME_INDEX, lowest=lowest, highest=lowest + LAST, limit=limit)
            for name in await lists.list_names(self._tables)
            for shard in list_shards(name)
        ]
        ids = sorted({int(text(item, "contact_id")) for found in await asyncio.gather(*shards) for item in found})
        # The index may lag behind: it must not bring back who was erased, nor an old name.
        people = [contact_of(item) for item in await self._people(ids) if is_active(item)]
        return [one for one in people if name_key(one.name).startswith(key)][:limit]

    async def lists(self) -> Sequence[ListSummary]:
        """See `Contacts.lists`."""
        return await lists.summaries(self._tables)

    async def everything(self, contact_id: str) -> dict[str, Any]:
        """See `Contacts.everything`."""
        return await erasing.told(self._tables, contact_id)

    async def erase(self, contact_id: str, now: datetime) -> None:
        """See `Contacts.erase`.

        What was not sent is cancelled as `erased`; providers' words and ids leave the journal, as they may hold
        an address. Suppressions stay: who asked not to be messaged is not messaged after a later import either.
        """
        await erasing.erase(self._tables, contact_id, now)


def _address(text: str) -> str | None:
    """The key of a number or an e-mail, or None when the text is neither."""
    try:
        return parse_phone(text).key
    except PhoneError:
        pass
    try:
        return parse_email(text).key
    except EmailError:
        return None
