"""Counters of messages by step, state and reason, in shards, as many workers count at once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.enrolment import Move
from disparo.adapters.aws.hours import counter_partition, folded, hour_name, hours_in, of_first_days, past_hours
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Change,
    Check,
    Condition,
    ConditionFailedError,
    Delete,
    Item,
    Put,
    Tables,
    Update,
)
from disparo.domain.agenda.notice import own_step
from disparo.domain.message import UNSENT_ENDS

SHARDS = 8

Counted = Mapping[tuple[int, str, str], int]
"""Messages by step, state and reason; a reason is told apart only where a message ended without being sent."""

_WITH_REASON = frozenset(str(state) for state in UNSENT_ENDS)


class Tallies:
    """Changes of counters that are not written down yet.

    Rows are written first and counters after them, so after a kill the counters may be behind. They are never asked
    whether a campaign is over (`recount` is), and are put right when it ends.
    """

    def __init__(self) -> None:
        self._changes: dict[int, Counter[str]] = {}

    def add(self, campaign: int, moves: Iterable[Move]) -> None:
        """Count what changed in a campaign."""
        changes = self._changes.setdefault(campaign, Counter())
        for step, state, reason, count, hour in moves:
            if hour is None:
                changes[_name(counted_as(step, state, reason))] += count
            else:
                changes[hour_name(hour, own_step(step), state)] += count

    async def flush(self, tables: Tables) -> None:
        """Write the changes down: one write for each campaign, and another when a shard holds many past hours."""
        changes, self._changes = self._changes, {}
        counted = {
            campaign: named
            for campaign, counts in changes.items()
            if (named := {name: count for name, count in counts.items() if count})
        }
        await asyncio.gather(*[_add(tables, campaign, named) for campaign, named in counted.items()])


async def _add(tables: Tables, campaign: int, named: Mapping[str, int]) -> None:
    key = _key(campaign, random.randrange(SHARDS))  # noqa: S311
    item = await tables.write(Update(CONTROL, key, add={**named, "v": 1}))
    if item is not None and (past := past_hours(item)):
        shard = Update(CONTROL, key, add={"v": 1}, remove=tuple(past), when={"v": item["v"]})
        with suppress(ConditionFailedError):  # another counted meanwhile, and looks for itself
            await tables.transact([shard, *folded(campaign, past)])


def counted_as(step: int, state: str, reason: str) -> tuple[int, str, str]:
    """Under what a message is counted: a notice under the step that it is of."""
    return own_step(step), str(state), reason if state in _WITH_REASON else ""


async def tally_items(tables: Tables, campaign_id: str) -> list[Item]:
    """The shards of a campaign's counters."""
    return await tables.query(CONTROL, counter_partition(campaign_id))


def sum_of(items: Iterable[Item]) -> Counter[tuple[int, str, str]]:
    """What shards come to together."""
    total: Counter[tuple[int, str, str]] = Counter()
    for item in items:
        for name in item:
            step, bar, rest = name.partition("|")
            if bar:
                state, _, reason = rest.partition("|")
                total[int(step), state, reason] += number(item, name)
    return total


async def replace_tallies(tables: Tables, campaign_id: str, seen: Iterable[Item], counted: Counted) -> None:
    """Put what was counted in the place of the shards that were `seen`; ConditionFailedError when any has moved on."""
    shards = {str(item["sk"]): item for item in seen}
    hours = hours_in(shards.values())
    leaving = of_first_days(hours)
    kept = {_name(key): count for key, count in counted.items() if count}
    kept |= {name: count for name, count in hours.items() if name not in leaving}
    old = shards.pop(_COUNTED, None)
    changes: list[Change | Check] = [
        Delete(CONTROL, CONTROL.key_of(item), when={"v": item["v"]}) for item in shards.values()
    ]
    changes += folded(int(campaign_id), leaving)
    # A shard that has come since holds what was counted already.
    keys = [_key(int(campaign_id), shard) for shard in range(SHARDS)]
    changes += [Check(CONTROL, key, when={"pk": ABSENT}) for key in keys if key["sk"] not in shards]
    when: Condition = {"v": old["v"]} if old else {"pk": ABSENT}
    version = number(old, "v") + 1 if old else 1
    item: Item = {"pk": counter_partition(campaign_id), "sk": _COUNTED, "v": version, **kept}
    changes.append(Put(CONTROL, item, when=when))
    await tables.transact(changes)


_COUNTED = "counted"


def _key(campaign: int, shard: int) -> dict[str, str]:
    return {"pk": counter_partition(campaign), "sk": str(shard)}


def _name(key: tuple[int, str, str]) -> str:
    return "|".join(str(part) for part in key)
