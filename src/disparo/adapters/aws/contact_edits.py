"""Changing one contact in DynamoDB: itself and the keys of its addresses in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from disparo.adapters.aws import erasing
from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.contact_items import (
    address_key,
    contact_item,
    draft_of,
    is_active,
    keys_of,
    load_people,
    tombstone,
)
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTACTS,
    CONTROL,
    Absent,
    Change,
    ConditionFailedError,
    Delete,
    Put,
    Tables,
)
from disparo.domain.contact import ContactDraft
from disparo.domain.errors import InputError, NotFoundError, StoreError

_MOST_TRIES = 20


async def edit(tables: Tables, contact_id: str, change: Callable[[ContactDraft], ContactDraft]) -> None:
    """Change a contact; see `Contacts.edit`."""
    for _ in range(_MOST_TRIES):
        item = await erasing.person(tables, contact_id)
        if not is_active(item):
            raise NotFoundError(f"o contato {contact_id} não existe, ou foi apagado")
        before, list_name, contact = draft_of(item), text(item, "list"), int(text(item, "contact_id"))
        after = change(before)
        if after == before:
            return
        old, new = set(keys_of(before)), set(keys_of(after))
        changes: list[Change] = [await _taken(tables, key, list_name, contact) for key in sorted(new - old)]
        changes += [Delete(CONTROL, address_key(key, list_name)) for key in sorted(old - new)]
        version = number(item, "v")
        changes.append(Put(CONTACTS, contact_item(contact, list_name, after, version + 1), when={"v": version}))
        try:
            await tables.transact(changes)
        except ConditionFailedError:  # another changed it, or took the address
            continue
        return
    raise StoreError(f"o contato {contact_id} está sendo mudado por outros sem parar; tente de novo")


async def _taken(tables: Tables, key: str, list_name: str, contact: int) -> Put:
    """Take a key that nobody owns; InputError when somebody does. A key of an id that never became one is free."""
    place = address_key(key, list_name)
    held = await tables.get(CONTROL, place)
    free: str | Absent = ABSENT
    if held is not None:
        free = owner = text(held, "contact_id")
        [somebody] = await load_people(tables, [int(owner)])
        if is_active(somebody):
            raise InputError(f"{key}: este endereço já é do contato {owner} da mesma lista")
        if somebody is None:
            await tables.write_many([tombstone(owner)])  # a fold that was killed must not come to life
    return Put(CONTROL, {**place, "contact_id": str(contact)}, when={"contact_id": free})
