"""Who was erased, in DynamoDB.

control    forgotten, <instant>#<hash>    whose address was erased when; DynamoDB removes it by itself (TTL)
contacts   <id>                           `leaving` while a person is being erased, `erased_at` once they were
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from disparo.adapters.aws.attributes import text
from disparo.adapters.aws.contact_items import person_key
from disparo.adapters.aws.tables import ABSENT, CONTACTS, CONTROL, Change, Check, Condition, Put, Tables
from disparo.domain.forgotten import KNOWN_FOR
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.suppression import hashed_key

_PARTITION = "forgotten"
_STAYS: Condition = {"leaving": ABSENT, "erased_at": ABSENT}


def remembering(keys: Iterable[str], now_ms: int) -> list[Change]:
    """Note whose addresses these were that are forgotten now."""
    until = int((from_ms(now_ms) + KNOWN_FOR).timestamp())
    known = dict.fromkeys(hashed_key(key) for key in keys)
    return [
        Put(CONTROL, {"pk": _PARTITION, "sk": f"{now_ms:015d}#{each}", "at": now_ms, "expires_at": until})
        for each in known
    ]


async def since(tables: Tables, at: datetime) -> frozenset[str]:
    """See `Contacts.forgotten`."""
    found = await tables.query(CONTROL, _PARTITION, lowest=f"{max(to_ms(at), 0) + 1:015d}#")
    return frozenset(text(item, "sk").partition("#")[2] for item in found)


def staying(contact_id: str | None) -> list[Check]:
    """For a transaction that keeps something of a contact: nothing is kept of who goes or has gone."""
    key = None if contact_id is None else person_key(contact_id)
    return [] if key is None else [Check(CONTACTS, key, _STAYS)]


async def is_gone(tables: Tables, contact_id: str | None) -> bool:
    """Whether there was a contact with this id who was erased, or is being erased."""
    key = None if contact_id is None else person_key(contact_id)
    item = None if key is None else await tables.get(CONTACTS, key)
    return item is not None and not item.keys().isdisjoint(_STAYS)
