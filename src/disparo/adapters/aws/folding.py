"""Adding people to a list in DynamoDB: one contact per address and list, whoever else adds and whoever is killed.

A new contact costs four write units: its address keys, then itself, then (by itself) its entry in the index. There is
no transaction on this way, which would cost twice. Its steps, and what a kill after each leaves behind:

1. ids are reserved: a gap in the numbers;
2. the list's range of ids is written: a range that is counted by who lists (see `lists`);
3. its address keys are put, each on condition that nobody owns it: keys that point to nobody;
4. the contact is put, on condition that nothing is at its id: all is there;
5. the range gets its count: see 2.

A key that points to nobody belongs to a fold that was killed, or to one that is slow. Whoever needs such an address
looks again a little later, and then first puts a tombstone at that id and only then takes the key over, on condition
that it still points there. So either the slow one's step 4 fails, and it folds its draft anew, or the tombstone fails,
and the contact is there to be met. An id that has a tombstone never becomes a contact, so that nobody can mistake who
owns a key now. Whoever loses a race for a key takes back those it has put (if they are still its own) and folds the
draft anew: it meets the winner's contact then.

A contact that is completed is written on condition that it has not changed since it was read. If it gets an e-mail, key
and contact are written in one transaction: an active contact always owns the keys of its addresses, a key whose id is
in use always belongs to an active contact, and erasing takes both away in one transaction, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from disparo.adapters.aws import lists
from disparo.adapters.aws.attributes import as_json, number, text
from disparo.adapters.aws.contact_items import address_key, contact_item, draft_of, is_active, keys_of, tombstone
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTACTS,
    CONTROL,
    Absent,
    ConditionFailedError,
    Delete,
    Item,
    Put,
    Tables,
)
from disparo.domain.contact import ContactDraft
from disparo.domain.errors import StoreError
from disparo.domain.folding import Folding, FoldResult, Kept

AT_ONCE = 500
"""Drafts of one round: a range of ids, and the most that a kill leaves half done."""

PATIENCE_S = 1.0
"""How long a key that points to nobody may still be that of a fold which goes on."""

_MOST_ROUNDS = 20


async def fold(tables: Tables, list_name: str, drafts: Sequence[ContactDraft]) -> list[FoldResult]:
    """Add drafts to a list; see `Contacts.fold`."""
    for draft in drafts:
        as_json(dict(draft.variables))  # a TypeError comes before the first write
    results: list[FoldResult] = []
    for first in range(0, len(drafts), AT_ONCE):
        results += await _fold_some(tables, list_name, drafts[first : first + AT_ONCE])
    return results


async def _fold_some(tables: Tables, list_name: str, drafts: Sequence[ContactDraft]) -> list[FoldResult]:
    """Fold drafts, and those again whose contact another writer took away or changed meanwhile."""
    results: dict[int, FoldResult] = {}
    left: Sequence[int] = range(len(drafts))
    for _ in range(_MOST_ROUNDS):
        current = _Round(tables, list_name)
        folded = dict(zip(left, await current.fold([drafts[number] for number in left]), strict=True))
        for number_, result in folded.items():
            if result.contact_id not in current.lost:
                results[number_] = _together(results.get(number_), result)
        if not current.lost:
            return [results[number_] for number_ in range(len(drafts))]
        # An address that stayed with a contact which was lost after all may be free.
        left = [
            number_ for number_, result in folded.items() if result.contact_id in current.lost or result.lost_addresses
        ]
    raise StoreError(f'a lista "{list_name}" está sendo mudada por outros sem parar; importe outra vez')


def _together(first: FoldResult | None, again: FoldResult) -> FoldResult:
    """What became of a draft that was folded again only to look whether an address is free."""
    if first is None or first.contact_id != again.contact_id:
        return again
    return replace(first, lost_addresses=again.lost_addresses)


@dataclass(slots=True)
class _Round:
    tables: Tables
    list_name: str
    known: bool = False
    items: dict[int, Item] = field(default_factory=dict)
    """The contacts that the drafts may meet."""
    abandoned: dict[str, str] = field(default_factory=dict)
    """Keys that point to an id which will never be a contact."""
    lost: set[str] = field(default_factory=set)
    """Contacts of which nothing was written, as another writer was faster."""

    async def fold(self, drafts: Sequence[ContactDraft]) -> list[FoldResult]:
        await self._look(drafts)
        folding = Folding(Kept(number, draft_of(item)) for number, item in self.items.items())
        if most := folding.most_new(drafts):
            folding.last_id = await lists.reserve(self.tables, most) - 1
        results = [folding.take(draft) for draft in drafts]
        if folding.new:
            await self._add([*folding.new.values()])
        await asyncio.gather(*[self._complete(kept) for kept in folding.completed.values()])
        return results

    async def _look(self, drafts: Sequence[ContactDraft]) -> None:
        """Read whoever owns an address of the drafts; addresses of nobody are made free."""
        keys = [*dict.fromkeys(key for draft in drafts for key in keys_of(draft))]
        owners, people = await self._owners(keys)
        if None in people.values():
            await asyncio.sleep(PATIENCE_S)
            owners, people = await self._owners(keys)
        nobody = [contact for contact, item in people.items() if item is None]
        if nobody:
            await self.tables.write_many([tombstone(contact) for contact in nobody])
            people |= await self._people(nobody)
        self.items = {int(contact): item for contact, item in people.items() if item is not None and is_active(item)}
        self.abandoned = {key: contact for key, contact in owners.items() if int(contact) not in self.items}

    async def _owners(self, keys: Sequence[str]) -> tuple[dict[str, str], dict[str, Item | None]]:
        """The ids that keys point to, and what is at these."""
        wanted = [lists.list_key(self.list_name), *(address_key(key, self.list_name) for key in keys)]
        known, *found = await self.tables.get_many([(CONTROL, key) for key in wanted])
        self.known = known is not None
        owners = {key: text(item, "contact_id") for key, item in zip(keys, found, strict=True) if item}
        return owners, await self._people(dict.fromkeys(owners.values()))

    async def _people(self, ids: Iterable[str]) -> dict[str, Item | None]:
        asked = [*ids]
        found = await self.tables.get_many([(CONTACTS, {"contact_id": contact}) for contact in asked])
        return dict(zip(asked, found, strict=True))

    def _taken(self, key: str, contact: int) -> Put:
        """Take a key that nobody owns."""
        owner: str | Absent = self.abandoned.get(key, ABSENT)
        item = {**address_key(key, self.list_name), "contact_id": str(contact)}
        return Put(CONTROL, item, when={"contact_id": owner})

    async def _add(self, new: Sequence[Kept]) -> None:
        first = new[0].id
        if not self.known:
            await self.tables.write(lists.named(self.list_name))
        await self.tables.write(lists.opened(self.list_name, first, len(new)))
        wanted = [(kept.id, key) for kept in new for key in keys_of(kept.draft)]
        won = await self.tables.write_many([self._taken(key, contact) for contact, key in wanted])
        lost = {contact for (contact, _), done in zip(wanted, won, strict=True) if not done}
        owning = [kept for kept in new if kept.id not in lost]
        puts = [contact_item(kept.id, self.list_name, kept.draft, 1) for kept in owning]
        there = await self.tables.write_many([Put(CONTACTS, item, when={"contact_id": ABSENT}) for item in puts])
        lost |= {kept.id for kept, done in zip(owning, there, strict=True) if not done}
        mine = [(contact, key) for (contact, key), done in zip(wanted, won, strict=True) if done and contact in lost]
        if mine:
            await self.tables.write_many([self._given_back(key, contact) for contact, key in mine])
        await self.tables.write(lists.closed(self.list_name, first, len(new) - len(lost)))
        self.lost |= {str(contact) for contact in lost}

    def _given_back(self, key: str, contact: int) -> Delete:
        return Delete(CONTROL, address_key(key, self.list_name), when={"contact_id": str(contact)})

    async def _complete(self, kept: Kept) -> None:
        """Write a contact as it is now, with the keys that it did not have."""
        before = self.items[kept.id]
        version = number(before, "v")
        after = Put(CONTACTS, contact_item(kept.id, self.list_name, kept.draft, version + 1), when={"v": version})
        keys = [key for key in keys_of(kept.draft) if key not in keys_of(draft_of(before))]
        try:
            if keys:
                await self.tables.transact([*(self._taken(key, kept.id) for key in keys), after])
            else:
                await self.tables.write(after)
        except ConditionFailedError:
            self.lost.add(str(kept.id))
