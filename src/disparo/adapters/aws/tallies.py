"""Counters of messages by step, state and reason, in shards, as many workers count at once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.enrolment import Move
from disparo.adapters.aws.tables import ABSENT, CONTROL, Check, Condition, Delete, Item, Put, Tables, Update
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
        self._changes: dict[int, Counter[tuple[int, str, str]]] = {}

    def add(self, campaign: int, moves: Iterable[Move]) -> None:
        """Count what changed in a campaign."""
        changes = self._changes.setdefault(campaign, Counter())
        for step, state, reason, count in moves:
            changes[counted_as(step, state, reason)] += count

    async def flush(self, tables: Tables) -> None:
        """Write the changes down: one write for each campaign."""
        changes, self._changes = self._changes, {}
        writes = [
            Update(CONTROL, _key(campaign, random.randrange(SHARDS)), add={**named, "v": 1})
            for campaign, counts in changes.items()
            if (named := {_name(key): count for key, count in counts.items() if count})
        ]
        if writes:
            await tables.write_many(writes)


def counted_as(step: int, state: str, reason: str) -> tuple[int, str, str]:
    """Under what a message is counted: a notice under the step that it is of."""
    return own_step(step), str(state), reason if state in _WITH_REASON else ""


async def tally_items(tables: Tables, campaign_id: str) -> list[Item]:
    """The shards of a campaign's counters."""
    return await tables.query(CONTROL, _partition(campaign_id))


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
    kept = {_name(key): count for key, count in counted.items() if count}
    shards = {str(item["sk"]): item for item in seen}
    old = shards.pop(_COUNTED, None)
    changes: list[Put | Delete | Check] = [
        Delete(CONTROL, CONTROL.key_of(item), when={"v": item["v"]}) for item in shards.values()
    ]
    # A shard that has come since holds what was counted already.
    keys = [_key(int(campaign_id), shard) for shard in range(SHARDS)]
    changes += [Check(CONTROL, key, when={"pk": ABSENT}) for key in keys if key["sk"] not in shards]
    when: Condition = {"v": old["v"]} if old else {"pk": ABSENT}
    version = number(old, "v") + 1 if old else 1
    changes.append(Put(CONTROL, {"pk": _partition(campaign_id), "sk": _COUNTED, "v": version, **kept}, when=when))
    await tables.transact(changes)


_COUNTED = "counted"


def _partition(campaign_id: str | int) -> str:
    return f"tally#{campaign_id}"


def _key(campaign: int, shard: int) -> dict[str, str]:
    return {"pk": _partition(campaign), "sk": str(shard)}


def _name(key: tuple[int, str, str]) -> str:
    return "|".join(str(part) for part in key)
