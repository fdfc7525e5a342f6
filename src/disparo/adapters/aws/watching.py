"""Leases that run out and messages in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.adapters.aws.due import INDEX
from disparo.adapters.aws.enrolment import Enrolment
from disparo.adapters.aws.enrolments import Act, Enrolments
from disparo.adapters.aws.leases import AHEAD, BEGUN, Held, Lease, first_lease, held_ahead, lease_delete, leases_before
from disparo.adapters.aws.ledger_keys import DOUBTS, Place, place_of, place_of_key, queue_place
from disparo.adapters.aws.settling import settle
from disparo.adapters.aws.tables import LEDGER, Tables
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import Doubt

LEASES = 25
"""Leases looked at in one call."""


async def lapse(tables: Tables, now: datetime, limit: int, tallies: Tallies) -> int:
    """Put messages in doubt that had begun under a lease that ran out; see `Ledger.lapse`.

    What never began is due as it was, but under a new fence: a claim that was held up for so long must not begin it
    now that nobody would notice if it died. A lease is forgotten when nothing of it is left.
    """
    done = 0
    for lease in await leases_before(tables, now, LEASES):
        left = await _left_of(tables, lease)
        batch = left.begun[: limit - done]
        settlements = [
            Settlement(_id(held), MessageEvent.DOUBT, held.fence, "lease_ran_out", due_at=now) for held in batch
        ]
        done += sum(await settle(tables, settlements, to_ms(now), tallies))
        if len(batch) < len(left.begun):
            break
        if await _void(tables, left.unbegun, now):
            await tables.write(lease_delete(lease))
        if done >= limit:
            break
    return done


@dataclass(frozen=True, slots=True)
class _Left:
    """What a lease still stands for: messages that its claim is sending, and those that it may yet begin."""

    begun: list[Held]
    unbegun: list[Held]


async def _left_of(tables: Tables, lease: Lease) -> _Left:
    """What a newer claim with the same fence has begun is not of this lease: it runs out with its own."""
    left = _Left([], [])
    enrolments = await Enrolments(tables).load([held.place for held in lease.held])
    for held, one in zip(lease.held, enrolments, strict=True):
        row = one.rows.get(held.step) if one is not None else None
        if row is None:
            continue
        if row.state is MessageState.SENDING and row.fence == held.fence and (row.due_ms or 0) <= lease.until_ms:
            left.begun.append(held)
        elif row.state is MessageState.DUE and row.fence == held.fence - 1:
            left.unbegun.append(held)
    return left


async def _void(tables: Tables, unbegun: Sequence[Held], now: datetime) -> bool:
    """Use up the fence of claims that ran out, except where a newer claim has the same one and its own lease.

    False when one of them has begun in this very moment, so that its lease is still needed.
    """
    if not unbegun:
        return True
    held_again = await held_ahead(tables, now)
    over: dict[Place, list[Held]] = {}
    for one in unbegun:
        if one not in held_again:
            over.setdefault(one.place, []).append(one)
    voided = await Enrolments(tables).change({place: _voiding(held) for place, held in over.items()}, Tallies())
    return all(voided.values())


def _voiding(held: Sequence[Held]) -> Act[bool]:
    def act(one: Enrolment) -> bool:
        for each in held:
            one.void(each.step, each.fence)
        return not any(one.rows[each.step].state is MessageState.SENDING for each in held)

    return act


def _id(held: Held) -> MessageId:
    return MessageId(str(held.campaign), held.step, str(held.contact))


async def doubts(tables: Tables, now: datetime, limit: int) -> list[Doubt]:
    """Messages in doubt whose next look has come, the longest waiting first; see `Ledger.doubts`."""
    found: list[Doubt] = []
    highest = f"00#{to_ms(now):015d}#~"
    items = await tables.query(LEDGER, DOUBTS, index=INDEX, highest=highest, limit=limit)
    # A step that has just moved between its item and a pointer may be shown at both.
    shown = [*dict.fromkeys((place_of_key(item), queue_place(str(item["due"])).step) for item in items)]
    enrolments = await Enrolments(tables).load([place for place, _ in shown])
    for (_, step), one in zip(shown, enrolments, strict=True):
        row = one.rows.get(step) if one else None
        if one is not None and row is not None and _look_has_come(row.state, row.due_ms, now):
            record = one.record(step)
            found.append(Doubt(record, row.sender or "", from_ms(row.claimed_ms or 0), record.changed_at))
    return found


def _look_has_come(state: MessageState, due_ms: int | None, now: datetime) -> bool:
    return state is MessageState.IN_DOUBT and due_ms is not None and due_ms <= to_ms(now)


async def look_again(tables: Tables, message_id: MessageId, at: datetime) -> None:
    """Look at a doubt again at this instant; see `Ledger.look_again`."""
    if (place := place_of(message_id.campaign_id, message_id.contact_id)) is None:
        return

    def act(one: Enrolment) -> None:
        row = one.rows.get(message_id.step)
        if row is not None and row.state is MessageState.IN_DOUBT:
            row.due_ms, one.changed = to_ms(at), True

    await Enrolments(tables).change({place: act}, Tallies())


async def next_watch(tables: Tables) -> datetime | None:
    """When the next lease runs out or the next doubt wants a look; leases of which nothing is left are forgotten."""
    wishes = [until for partition in (BEGUN, AHEAD) if (until := await _first_that_holds(tables, partition))]
    looks = await tables.query(LEDGER, DOUBTS, index=INDEX, limit=1)
    wishes.extend(from_ms(queue_place(str(item["due"])).due_ms) for item in looks)
    return min(wishes, default=None)


async def _first_that_holds(tables: Tables, partition: str) -> datetime | None:
    while (lease := await first_lease(tables, partition)) is not None:
        left = await _left_of(tables, lease)
        # A claim that is under way has written its lease and not begun its messages yet.
        if partition == AHEAD or left.begun or left.unbegun:
            return from_ms(lease.until_ms)
        await tables.write(lease_delete(lease))
    return None
