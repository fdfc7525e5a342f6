"""The last look before a provider is called (I5, I7)."""

from __future__ import annotations

from datetime import datetime

from disparo.adapters.aws.enrolment import enrolment_of
from disparo.adapters.aws.ledger_keys import place_of, row_key
from disparo.adapters.aws.permits import breaker_key, breaker_of
from disparo.adapters.aws.suppressions import suppression_key, suppressions_of
from disparo.adapters.aws.tables import CONTROL, LEDGER, Item, Key, Table, Tables
from disparo.domain.message import Claimed, MessageState
from disparo.domain.policies.circuit_breaker import still_admits
from disparo.domain.sender import Sender


async def last_look(tables: Tables, message: Claimed, sender: Sender, now: datetime) -> str | None:
    """None, or why not; see `Ledger.clear_to_send`. All in one read."""
    place = place_of(message.id.campaign_id, message.id.contact_id)
    if place is None:
        return "lost"
    wanted: list[tuple[Table, Key]] = [(LEDGER, row_key(place)), (CONTROL, breaker_key(sender.name))]
    wanted += [(CONTROL, suppression_key(key)) for key in message.keys]
    row, breaker, *suppressed = await tables.get_many(wanted)
    if row is None or not _still_ours(row, message):
        return "lost"
    for item in suppressed:
        for one in suppressions_of(item) if item is not None else ():
            if one.channel in (None, message.channel):
                return one.reason
    probe_until = message.lease_until if message.probe else None
    return None if still_admits(sender.breaker, breaker_of(breaker), now, probe_until) else "breaker_open"


def _still_ours(item: Item, message: Claimed) -> bool:
    row = enrolment_of(item).rows.get(message.id.step)
    return row is not None and row.state is MessageState.SENDING and row.fence == message.fence
