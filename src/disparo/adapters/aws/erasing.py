"""What is known of one person in DynamoDB: told entirely, or forgotten (LGPD, Lei 13.709/2018, art. 18, II and VI)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from disparo.adapters.aws import contact_rows, lists
from disparo.adapters.aws.attributes import instant, number, text
from disparo.adapters.aws.contact_items import (
    address_key,
    contact_of,
    draft_of,
    erased_item,
    is_active,
    is_person,
    keys_of,
    load_people,
    person_key,
    whose,
)
from disparo.adapters.aws.forgotten import remembering
from disparo.adapters.aws.inbox import DynamoInbox
from disparo.adapters.aws.suppressions import suppression_items
from disparo.adapters.aws.tables import (
    CONTACTS,
    CONTROL,
    Change,
    ConditionFailedError,
    Delete,
    Item,
    Put,
    Tables,
    Update,
)
from disparo.domain.errors import NotFoundError
from disparo.domain.forgotten import nobody_elses
from disparo.domain.instants import to_ms
from disparo.domain.person_document import contact_document, reply_document, suppression_document


async def person(tables: Tables, contact_id: str) -> Item:
    """The item of a contact, erased or not; NotFoundError."""
    key = person_key(contact_id)
    item = None if key is None else await tables.get(CONTACTS, key)
    if item is None or not is_person(item):
        raise NotFoundError(f"o contato {contact_id!r} não existe (veja: disparo contacts list)")
    return item


async def owners(tables: Tables, key: str) -> list[Item]:
    """The contacts of all lists that have this address, in order of their ids."""
    found = await whose(tables, key)
    ids = sorted(int(text(item, "contact_id")) for item in found)
    people = await load_people(tables, ids)
    return [item for item in people if item is not None and is_active(item)]


async def told(tables: Tables, contact_id: str) -> dict[str, Any]:
    """Everything known of a contact; see `Contacts.everything`."""
    item = await person(tables, contact_id)
    contact = contact_of(item)
    same = {int(text(other, "contact_id")) for key in contact.keys for other in await owners(tables, key)}
    suppressed = await suppression_items(tables, contact.keys)
    return {
        "contact": contact_document(contact, instant(item, "erased_at")),
        "same_person": [str(other) for other in sorted(same - {int(contact.id)})],
        "messages": await contact_rows.told(tables, int(contact.id)),
        "suppressions": [suppression_document(one) for key in sorted(suppressed) for one in suppressed[key]],
        "replies": [reply_document(one) for one in await DynamoInbox(tables).written_by(contact.id)],
    }


async def erase(tables: Tables, contact_id: str, now: datetime) -> None:
    """Forget a person; see `Contacts.erase`.

    First the contact is marked as leaving, so that nothing more is kept of it. It goes last, with its keys and the
    list's count in one transaction: until then a killed erasure can be seen, and the same call begins it again. Each of
    its parts may be done twice.
    """
    item = await person(tables, contact_id)
    while not await _forgotten(tables, item, to_ms(now)):
        item = await person(tables, contact_id)  # an import completed it, or another erased it


async def _forgotten(tables: Tables, item: Item, now_ms: int) -> bool:
    """Forget who this is; False when somebody changed it meanwhile."""
    contact_id, keys = text(item, "contact_id"), contact_of(item).keys
    try:
        if is_active(item):
            marked = Update(
                CONTACTS, {"contact_id": contact_id}, set={"leaving": now_ms}, when={"v": number(item, "v")}
            )
            await tables.write(marked)
        await _forget_around(tables, int(contact_id), now_ms)
        inbox = DynamoInbox(tables)
        known_by = await inbox.known_by(contact_id, keys)
        own = nobody_elses(known_by, await _others(tables, contact_id, keys))
        await tables.write_many(remembering(own, now_ms))
        await inbox.forget(contact_id, known_by)
        if is_active(item):
            await tables.transact(_gone(item, now_ms))
    except ConditionFailedError:
        return False
    return True


async def _others(tables: Tables, contact_id: str, keys: Sequence[str]) -> set[str]:
    """Those of the keys that contacts of other lists have, too."""
    found = [await owners(tables, key) for key in keys]
    return {
        key for key, some in zip(keys, found, strict=True) if any(text(one, "contact_id") != contact_id for one in some)
    }


async def _forget_around(tables: Tables, contact: int, now_ms: int) -> None:
    await contact_rows.cancel_unsent(tables, [contact], lambda _contact, _channel: ("erased", ""), now_ms)
    await contact_rows.scrub(tables, contact)


def _gone(item: Item, now_ms: int) -> list[Change]:
    list_name = text(item, "list")
    return [
        Put(CONTACTS, erased_item(item, now_ms), when={"v": number(item, "v"), "leaving": now_ms}),
        lists.one_less(list_name),
        *(Delete(CONTROL, address_key(key, list_name)) for key in keys_of(draft_of(item))),
    ]
