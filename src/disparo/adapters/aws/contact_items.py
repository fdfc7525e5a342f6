"""Contacts as items of the tables contacts and control.

    contacts  contact_id             the person
    control   key#<e-mail>, <list>                        whose address it is in that list: {contact_id}
    control   key#<its first 8 signs>, <number>#<list>   the same of a number, so that it is found by its beginning

The keys of the document's index, `campaign_id` and `status`, hold `<list>#<shard>` and `active#<name_key>`: a list is
searched by name. An erased contact has the status `erased`. An id that is never to be used has the status `void`, and
is in no index.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from disparo.adapters.aws.attributes import as_json, number, text, text_or_none
from disparo.adapters.aws.tables import ABSENT, CONTACTS, CONTROL, Item, Key, Put, Tables, Value
from disparo.domain.contact import Contact, ContactDraft
from disparo.domain.contact_search import FEWEST_OF_PREFIX
from disparo.domain.folding import name_key
from disparo.domain.place import Place

NAME_INDEX = "campaign-status-index"

SHARDS = 4
"""Partitions of a list in the index; each carries at most 1,000 write units a second."""

LAST = "\U0010ffff"
"""Sorts behind everything that a name begins with."""

_NAME_BYTES = 900
"""A sort key has at most 1,024 bytes (Amazon DynamoDB developer guide, Service quotas)."""

_ACTIVE, _ERASED, _VOID = "active#", "erased", "void"

_is_number = re.compile("[0-9]{1,18}").fullmatch


def person_key(contact_id: str | int) -> Key | None:
    """The key of a contact, or None for what can be no id of ours."""
    return {"contact_id": str(contact_id)} if _is_number(str(contact_id)) else None


async def load_people(tables: Tables, ids: Sequence[int]) -> list[Item | None]:
    """The items of these contacts in their order, whatever their status; None where there never was one."""
    return await tables.get_many([(CONTACTS, {"contact_id": str(contact)}) for contact in ids])


def address_key(key: str, list_name: str) -> Key:
    """Where it is kept whose address this is in a list."""
    if key.startswith("+"):
        return {"pk": f"key#{key[:FEWEST_OF_PREFIX]}", "sk": f"{key}#{list_name}"}
    return {"pk": f"key#{key}", "sk": list_name}


async def whose(tables: Tables, key: str, limit: int | None = None) -> list[Item]:
    """In what lists whose address this is."""
    if key.startswith("+"):
        return await whose_number(tables, f"{key}#", limit)
    return await tables.query(CONTROL, f"key#{key}", limit=limit)


async def whose_number(tables: Tables, beginning: str, limit: int | None = None) -> list[Item]:
    """The same of all numbers that begin so, in their order; of those that begin with eight signs at least."""
    partition = f"key#{beginning[:FEWEST_OF_PREFIX]}"
    return await tables.query(CONTROL, partition, lowest=beginning, highest=beginning + LAST, limit=limit)


def keys_of(draft: ContactDraft) -> tuple[str, ...]:
    """The addresses of which each list has one contact."""
    return tuple(key for key in (draft.phone_key, draft.email_key) if key)


def list_shards(list_name: str) -> list[str]:
    """The hash values under which a list's contacts are in the index."""
    return [f"{list_name}#{shard}" for shard in range(SHARDS)]


def status_of(key: str) -> str:
    """Where the index has the active contacts of this name key."""
    return _ACTIVE + key.encode()[:_NAME_BYTES].decode(errors="ignore")


def contact_item(contact_id: int, list_name: str, draft: ContactDraft, version: int) -> Item:
    """An active contact; TypeError when its variables are no texts."""
    item: dict[str, Value | None] = {
        "contact_id": str(contact_id),
        "campaign_id": f"{list_name}#{contact_id % SHARDS}",
        "status": status_of(name_key(draft.name)),
        "list": list_name,
        "source": draft.source,
        "place": str(draft.place) if draft.place else None,
        "name": draft.name,
        "phone": draft.phone,
        "phone_key": draft.phone_key,
        "email": draft.email,
        "email_key": draft.email_key,
        "other_phones": as_json(draft.other_phones) if draft.other_phones else None,
        "other_emails": as_json(draft.other_emails) if draft.other_emails else None,
        "document": draft.document,
        "priority": draft.priority,
        "variables": as_json(dict(draft.variables)) if draft.variables else None,
        "v": version,
    }
    return {name: value for name, value in item.items() if value is not None and value != ""}


def erased_item(item: Item, erased_ms: int) -> Item:
    """What is left of a contact."""
    kept = {name: item[name] for name in ("contact_id", "campaign_id", "list", "place", "priority") if name in item}
    return {**kept, "status": _ERASED, "erased_at": erased_ms, "v": number(item, "v") + 1}


def tombstone(contact_id: str) -> Put:
    """Use up an id under which nobody is kept yet, for good."""
    return Put(CONTACTS, {"contact_id": contact_id, "status": _VOID}, when={"contact_id": ABSENT})


def is_person(item: Item | None) -> bool:
    """Whether somebody is or was kept under this id."""
    return item is not None and item["status"] != _VOID


def is_active(item: Item | None) -> bool:
    """Whether somebody is kept under this id."""
    return item is not None and text(item, "status").startswith(_ACTIVE)


def draft_of(item: Item) -> ContactDraft:
    """A contact as the draft that would make it."""
    return ContactDraft(
        source=text(item, "source"),
        place=Place.parse(place) if (place := text(item, "place")) else None,
        name=text(item, "name"),
        phone=text_or_none(item, "phone"),
        phone_key=text_or_none(item, "phone_key"),
        email=text_or_none(item, "email"),
        email_key=text_or_none(item, "email_key"),
        other_phones=_texts(item, "other_phones"),
        other_emails=_texts(item, "other_emails"),
        document=text_or_none(item, "document"),
        priority=number(item, "priority"),
        variables=json.loads(text(item, "variables") or "{}"),
    )


def contact_of(item: Item) -> Contact:
    """A contact; of an erased one the empty shell."""
    draft = draft_of(item)
    return Contact(
        id=text(item, "contact_id"),
        list_name=text(item, "list"),
        source=draft.source,
        place=draft.place,
        name=draft.name,
        phone=draft.phone,
        email=draft.email,
        other_phones=draft.other_phones,
        other_emails=draft.other_emails,
        document=draft.document,
        priority=draft.priority,
        variables=draft.variables,
        keys=keys_of(draft),
    )


def _texts(item: Item, name: str) -> tuple[str, ...]:
    return tuple(json.loads(text(item, name) or "[]"))
