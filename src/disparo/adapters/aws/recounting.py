"""Counting a campaign's messages from its rows, and putting right what counters lost by a kill."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from disparo.adapters.aws.attributes import number, text
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.tables import CONTROL, ConditionFailedError, Item, Key, Put, Tables
from disparo.adapters.aws.tallies import counted_as, replace_tallies, sum_of, tally_items
from disparo.domain.message import SETTLED, MessageState

Counts = Counter[tuple[int, str, str]]
"""Messages by step, state and reason."""

_STATES = frozenset(str(state) for state in MessageState)
_SETTLED = frozenset(str(state) for state in SETTLED)


async def recount(tables: Tables, campaign_id: str) -> Counts:
    """A campaign's messages by step, state and reason, from the rows themselves; strongly consistent.

    Reads every row. Counters that say otherwise are put right: at once when no message is open any more, else when
    they stood still since the last recount, as what was only on its way to them has come since.
    """
    seen = await tally_items(tables, campaign_id)
    counted: Counts = Counter()
    async for one in Enrolments(tables).of_campaign(int(campaign_id)):
        counted.update(
            counted_as(step, MessageState.DUE if row.counted_due else row.state, row.reason)
            for step, row in one.rows.items()
        )
    kept = sum_of(seen)
    wrong = {key: count for key, count in kept.items() if count and key[1] in _STATES} != dict(counted)
    if wrong and (not is_open(counted) or await _was_so_before(tables, campaign_id, seen)):
        noted = {key: count for key, count in kept.items() if key[1] not in _STATES}  # replies and the like
        try:
            await replace_tallies(tables, campaign_id, seen, {**counted, **noted})
        except ConditionFailedError:
            return counted  # they move, so they are no older than a moment
    return counted


def is_open(counted: Counts) -> bool:
    """Whether something may still happen by itself to a message among these."""
    return any(state not in _SETTLED for _, state, _ in counted)


async def _was_so_before(tables: Tables, campaign_id: str, seen: Sequence[Item]) -> bool:
    """Whether the counters were found wrong before, and have not moved since; remembers that they are wrong now."""
    key: Key = {"pk": "recount", "sk": campaign_id}
    versions = json.dumps({text(item, "sk"): number(item, "v") for item in seen})
    before = await tables.get(CONTROL, key) or {}
    if before.get("versions") == versions:
        return True
    await tables.write(Put(CONTROL, {**key, "versions": versions}))
    return False
