"""Contacts in DynamoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from disparo.adapters.aws import contact_edits, erasing, folding, forgotten, lists
from disparo.adapters.aws.attributes import text
from disparo.adapters.aws.contact_items import (
    LAST,
    NAME_INDEX,
    contact_of,
    is_active,
    list_shards,
    person_key,
    status_of,
    whose_number,
)
from disparo.adapters.aws.list_ranges import ABOVE_ALL, ids_after, ids_before
from disparo.adapters.aws.tables import CONTACTS, Item, Tables
from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.contact_search import read_search
from disparo.domain.folding import FoldResult, name_key
from disparo.ports.contacts import ListSummary


class DynamoContacts:
    """`Contacts` in the tables contacts and control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def fold(self, list_name: str, drafts: Sequence[ContactDraft]) -> Sequence[FoldResult]:
        """See `Contacts.fold`."""
        return await folding.fold(self._tables, list_name, drafts)

    async def page(
        self, list_name: str, after: str | None, limit: int, *, newest_first: bool = False
    ) -> Sequence[Contact]:
        """See `Contacts.page`; by the list's ranges of ids, strongly consistent. Erased contacts are left out."""
        next_ids = ids_before if newest_first else ids_after
        last = int(after) if after and person_key(after) else ABOVE_ALL if newest_first else 0
        found: list[Contact] = []
        while len(found) < limit and (ids := await next_ids(self._tables, list_name, last, limit - len(found))):
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
        wanted = read_search(text)
        found: Sequence[Item] = await erasing.owners(self._tables, wanted.key) if wanted.key else ()
        if not found and wanted.beginnings:
            found = await self._numbered(wanted.beginnings, limit)
        if found or not wanted.name:
            return [contact_of(item) for item in found[:limit]]
        return await self._named(wanted.name, limit)

    async def _numbered(self, beginnings: Sequence[str], limit: int) -> list[Item]:
        found = await asyncio.gather(*[whose_number(self._tables, one, limit) for one in beginnings])
        ids = dict.fromkeys(text(item, "contact_id") for some in found for item in some)
        people = [item for item in await self._people([*ids]) if is_active(item)]
        return sorted(people, key=lambda item: text(item, "phone_key"))

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
        named = [one for one in people if name_key(one.name).startswith(key)]
        return sorted(named, key=lambda one: (name_key(one.name), int(one.id)))[:limit]

    async def lists(self) -> Sequence[ListSummary]:
        """See `Contacts.lists`."""
        return await lists.summaries(self._tables)

    async def everything(self, contact_id: str) -> dict[str, Any]:
        """See `Contacts.everything`."""
        return await erasing.told(self._tables, contact_id)

    async def edit(self, contact_id: str, change: Callable[[ContactDraft], ContactDraft]) -> Contact:
        """See `Contacts.edit`."""
        await contact_edits.edit(self._tables, contact_id, change)
        return await self.get(contact_id)

    async def erase(self, contact_id: str, now: datetime) -> None:
        """See `Contacts.erase`.

        What was not sent is cancelled as `erased`; providers' words and ids leave the journal, as they may hold
        an address. Suppressions stay: who asked not to be messaged is not messaged after a later import either.
        """
        await erasing.erase(self._tables, contact_id, now)

    async def forgotten(self, since: datetime) -> Collection[str]:
        """See `Contacts.forgotten`."""
        return await forgotten.since(self._tables, since)
