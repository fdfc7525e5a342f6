"""What lies in the dead-letter queue, and taking out of it what has nothing more to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.dead_letter import is_dead_letter
from disparo.domain.errors import NotFoundError
from disparo.ports.store import Store
from disparo.ports.undelivered import DeadLetterQueue, Undelivered, UndeliveredKind


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the queue, and how its message stands in the ledger (None: it belongs to none that we know).

    `over` says that there is nothing more to do about it: it may be dropped.
    """

    undelivered: Undelivered
    state: str | None
    reason: str | None
    over: bool


@dataclass(frozen=True, slots=True)
class Cleared:
    """How many entries were dropped, and which were left for a person to decide."""

    dropped: int
    left: Sequence[Entry]


async def look(store: Store, queue: DeadLetterQueue, limit: int, now: datetime) -> Sequence[Entry]:
    """Up to about `limit` entries; they stay, and others can see them again when this returns."""
    found = await queue.look(limit)
    entries = [await _entry(store, one, now) for one in found]
    await queue.leave(found)
    return entries


async def clear(
    store: Store, queue: DeadLetterQueue, limit: int, now: datetime, *, everything: bool = False
) -> Cleared:
    """Drop up to about `limit` entries that are over: tickets whose claim is over (the ledger sends the message again
    by itself), failed timed tasks (done again each minute), and pointers to messages that are no dead letters any more.

    With `everything` also the rest: pointers to what is still dead (it stays so in the ledger) and poison.
    """
    found = await queue.look(limit)
    entries = [await _entry(store, one, now) for one in found]
    dropped = [one.undelivered for one in entries if one.over or everything]
    left = [one for one in entries if not (one.over or everything)]
    await queue.drop(dropped)
    await queue.leave([one.undelivered for one in left])
    return Cleared(len(dropped), left)


async def _entry(store: Store, one: Undelivered, now: datetime) -> Entry:
    state, reason, dead = None, None, False
    if one.message_id is not None:
        try:
            record = await store.ledger.get(one.message_id)
        except NotFoundError:
            pass
        else:
            state, reason = str(record.state), record.reason
            dead = is_dead_letter(record.state, record.reason)
    over = {
        UndeliveredKind.TICKET: one.ticket is not None and one.ticket.lease_until <= now,
        UndeliveredKind.DEAD_LETTER: not dead,
        UndeliveredKind.INVOCATION: True,
        UndeliveredKind.POISON: False,
    }[one.kind]
    return Entry(one, state, reason, over)
