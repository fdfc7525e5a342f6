"""The last look before a provider is called (I5, I7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from disparo.adapters.aws.enrolment import enrolment_of
from disparo.adapters.aws.ledger_keys import Place, place_of, row_key
from disparo.adapters.aws.permits import breaker_key, breaker_of
from disparo.adapters.aws.suppressions import suppression_key, suppressions_of
from disparo.adapters.aws.tables import CONTROL, LEDGER, Item, Key, Table, Tables
from disparo.domain.message import Claimed, MessageState
from disparo.domain.policies.circuit_breaker import Breaker, still_admits
from disparo.domain.sender import Sender
from disparo.domain.suppression import lookup_keys


async def last_look(tables: Tables, messages: Sequence[Claimed], sender: Sender, now: datetime) -> list[str | None]:
    """For each None, or why not; see `Ledger.clear_many`. All in one read."""
    places = [place_of(one.id.campaign_id, one.id.contact_id) for one in messages]
    wanted: list[tuple[Table, Key]] = [(CONTROL, breaker_key(sender.name))]
    for message, place in zip(messages, places, strict=True):
        wanted += _wanted(message, place)
    breaker_item, *items = await tables.get_many(wanted)
    breaker, items_left = breaker_of(breaker_item), iter(items)
    return [
        "lost" if place is None else _judged(message, items_left, sender, breaker, now)
        for message, place in zip(messages, places, strict=True)
    ]


def _wanted(message: Claimed, place: Place | None) -> list[tuple[Table, Key]]:
    """The message's row and what is suppressed of its keys; nothing for an id that no row of ours can have."""
    if place is None:
        return []
    return [(LEDGER, row_key(place)), *((CONTROL, suppression_key(key)) for key in lookup_keys(message.keys))]


def _judged(
    message: Claimed, items: Iterator[Item | None], sender: Sender, breaker: Breaker, now: datetime
) -> str | None:
    """Judge a message by the next items, which are its own."""
    row, suppressed = next(items), [next(items) for _ in lookup_keys(message.keys)]
    if row is None or not _still_ours(row, message):
        return "lost"
    for item in suppressed:
        for one in suppressions_of(item) if item is not None else ():
            if one.channel in (None, message.channel):
                return one.reason
    probe_until = message.lease_until if message.probe else None
    return None if still_admits(sender.breaker, breaker, now, probe_until) else "breaker_open"


def _still_ours(item: Item, message: Claimed) -> bool:
    row = enrolment_of(item).rows.get(message.id.step)
    return row is not None and row.state is MessageState.SENDING and row.fence == message.fence
