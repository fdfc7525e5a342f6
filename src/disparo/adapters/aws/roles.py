"""Roles that one worker at a time should have."""

from __future__ import annotations

from datetime import datetime

from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.permits import same_version, version_of
from disparo.adapters.aws.tables import CONTROL, ConditionFailedError, Item, Key, Put, Tables
from disparo.domain.instants import to_ms


async def hold_role(tables: Tables, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or keep a role; see `Ledger.hold_role`."""
    key: Key = {"pk": "role", "sk": name}
    item = await tables.get(CONTROL, key)
    if item is not None and text(item, "holder") != holder and number(item, "until") > to_ms(now):
        return False
    taken: Item = {**key, "holder": holder, "until": to_ms(until), "v": version_of(item) + 1}
    try:
        await tables.write(Put(CONTROL, taken, when=same_version(version_of(item))))
    except ConditionFailedError:
        return False
    return True
