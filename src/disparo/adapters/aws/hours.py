"""What happened to messages hour by hour.

control   tally#<campaign>, <shard>   beside the counters, `~<hour>~<step>~<event>`: what came lately, for no write more
control   hours#<campaign>, <day>     the same, of a whole day (its number since 1970-01-01)

Every write pays for its whole item, so a shard hands its past hours to their days when they have become many. That is
one transaction: an event is in one place or the other, never in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.ledger_keys import number_key
from disparo.adapters.aws.tables import CONTROL, Item, Tables, Update
from disparo.domain.hourly import first_hour, hour_at
from disparo.ports.campaigns import HourTally

MOST_BESIDE = 24
"""Attributes of hours that a shard may have, 20 bytes each; from then on the past ones go to their days."""

MOST_DAYS = 80
"""Days that one transaction adds to, of the 100 changes that it takes."""

_HOURS_OF_DAY = 24
_MARK = "~"


def hour_name(hour: int, step: int, event: str) -> str:
    """The attribute that counts an event."""
    return f"{_MARK}{hour}{_MARK}{step}{_MARK}{event}"


def past_hours(shard: Item) -> dict[str, int]:
    """What a shard is to hand over now: all but its latest hour, when it has grown large; else nothing."""
    kept = hours_in([shard])
    if len(kept) <= MOST_BESIDE:
        return {}
    latest = max(event_of(name)[0] for name in kept)
    return of_first_days({name: count for name, count in kept.items() if event_of(name)[0] < latest})


def of_first_days(counts: Mapping[str, int]) -> dict[str, int]:
    """Those of these counts that one transaction can add to their days."""
    days = frozenset(sorted({_day(name) for name in counts})[:MOST_DAYS])
    return {name: count for name, count in counts.items() if _day(name) in days}


def hours_in(items: Iterable[Item]) -> Counter[str]:
    """The attributes of hours in these items together."""
    total: Counter[str] = Counter()
    for item in items:
        total.update({name: number(item, name) for name in item if name.startswith(_MARK)})
    return total


def folded(campaign: int, counts: Mapping[str, int]) -> list[Update]:
    """The changes that add these counts to their days."""
    days: dict[int, dict[str, int]] = {}
    for name, count in counts.items():
        days.setdefault(_day(name), {})[name] = count
    return [
        Update(CONTROL, {"pk": _partition(campaign), "sk": number_key(day)}, add=added) for day, added in days.items()
    ]


async def hours_of(
    tables: Tables, campaign_id: str, from_at: datetime | None, to_at: datetime | None
) -> list[HourTally]:
    """What happened between two instants, by the days and what the shards still hold; see `Campaigns.hours`."""
    first = 0 if from_at is None else first_hour(from_at)
    end = None if to_at is None else first_hour(to_at)
    lowest = number_key(first // _HOURS_OF_DAY)
    highest = None if end is None else number_key(end // _HOURS_OF_DAY)
    days = await tables.query(CONTROL, _partition(campaign_id), lowest=lowest, highest=highest)
    shards = await tables.query(CONTROL, counter_partition(campaign_id))
    found = []
    for name, count in hours_in([*days, *shards]).items():
        hour, step, event = event_of(name)
        if first <= hour and (end is None or hour < end):
            found.append(HourTally(hour_at(hour), step, event, count))
    return sorted(found, key=lambda one: (one.hour_at, one.step, one.event))


def counter_partition(campaign: str | int) -> str:
    """Where a campaign's counters lie."""
    return f"tally#{campaign}"


def _partition(campaign: str | int) -> str:
    return f"hours#{campaign}"


def event_of(name: str) -> tuple[int, int, str]:
    """The hour, step and event that an attribute counts."""
    _, hour, step, event = name.split(_MARK, 3)
    return int(hour), int(step), event


def _day(name: str) -> int:
    return event_of(name)[0] // _HOURS_OF_DAY
