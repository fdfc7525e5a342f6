"""Who has which messages in hand, and until when: one item for each claim instead of a write to each row.

A claim ahead of its moments leaves its rows as they are; they are held by its lease alone until they begin.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.ledger_keys import Place
from disparo.adapters.aws.tables import CONTROL, Delete, Item, Key, Put, Tables
from disparo.domain.instants import to_ms

BEGUN, AHEAD = "lease", "lease-ahead"
"""Partitions of leases on messages that began with their claim, and of those claimed ahead."""


class Held(NamedTuple):
    """A message under a lease: its campaign, contact, step and the fence of the claim."""

    campaign: int
    contact: int
    step: int
    fence: int

    @property
    def place(self) -> Place:
        """The enrolment that it belongs to."""
        return self.campaign, self.contact


@dataclass(frozen=True, slots=True)
class Lease:
    """The messages of one claim; none of those that have not begun may be claimed again before `held_until_ms`."""

    key: Key
    held: list[Held]
    until_ms: int
    held_until_ms: int


def lease_put(held: Sequence[Held], *, ahead: bool, until: datetime, held_until: datetime) -> Put:
    """The write that keeps a lease."""
    item: Item = {
        "pk": AHEAD if ahead else BEGUN,
        "sk": f"{to_ms(until):015d}#{random.getrandbits(128):032x}",
        "held": json.dumps(held, separators=(",", ":")),
        "held_until": to_ms(held_until),
    }
    return Put(CONTROL, item)


async def leases_before(tables: Tables, now: datetime, limit: int) -> list[Lease]:
    """Leases that have run out, oldest first."""
    highest = f"{to_ms(now):015d}#~"
    found = [
        _lease(item)
        for partition in (BEGUN, AHEAD)
        for item in await tables.query(CONTROL, partition, highest=highest, limit=limit)
    ]
    return sorted(found, key=lambda lease: lease.until_ms)


async def first_lease(tables: Tables, partition: str) -> Lease | None:
    """The lease of a partition that runs out first."""
    found = await tables.query(CONTROL, partition, limit=1)
    return _lease(found[0]) if found else None


async def held_ahead(tables: Tables, now: datetime) -> set[Held]:
    """Messages that were claimed ahead and are still held by a lease."""
    now_ms = to_ms(now)
    live = [_lease(item) for item in await tables.query(CONTROL, AHEAD, lowest=f"{now_ms:015d}")]
    return {held for lease in live if now_ms < lease.held_until_ms for held in lease.held}


def lease_delete(lease: Lease) -> Delete:
    """The write that forgets a lease."""
    return Delete(CONTROL, lease.key)


def _lease(item: Item) -> Lease:
    held = [Held(*one) for one in json.loads(str(item["held"]))]
    until_ms = int(str(item["sk"]).partition("#")[0])
    return Lease(CONTROL.key_of(item), held, until_ms, number(item, "held_until"))
