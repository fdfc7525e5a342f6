"""Counts of sending and meetings in DynamoDB.

    control   numbers#<day>, <minute>#<channel>#<campaign>   what was counted in a minute (TTL)
    control   numbers, <channel>#<campaign>                  the totals
    control   beat, <worker>                                 when a worker was last at work (TTL)

A count's name is an attribute of its item. A day is a partition, and a few items are written a second at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from disparo.adapters.aws.attributes import instant, text
from disparo.adapters.aws.tables import CONTROL, Item, Put, Tables, Update
from disparo.domain.figure import Counts, Series
from disparo.domain.instants import to_ms
from disparo.ports.numbers import KEPT_FOR

_EVER, _BEAT = "numbers", "beat"
_MINUTE = "%Y-%m-%dT%H:%M"
_OWN = frozenset({"pk", "sk", "expires_at"})
_KEPT_LONGER = timedelta(hours=1)
_BEATS_KEPT_FOR = timedelta(days=30)


class DynamoNumbers:
    """`Numbers` in the table control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, counts: Counts, now: datetime) -> None:
        """See `Numbers.add`; what DynamoDB calls a lost answer may add twice."""
        added: dict[tuple[str, str], dict[str, int]] = {}
        for series, count in counts.items():
            added.setdefault((series.channel, series.campaign_id), {})[series.name] = count
        over_s = int((now + KEPT_FOR + _KEPT_LONGER).timestamp())
        minute = now.astimezone(UTC).strftime(_MINUTE)
        changes = [
            change
            for (channel, campaign), more in added.items()
            for change in (
                Update(
                    CONTROL,
                    {"pk": f"{_EVER}#{minute[:10]}", "sk": f"{minute}#{channel}#{campaign}"},
                    set_if_absent={"expires_at": over_s},
                    add=more,
                ),
                Update(CONTROL, {"pk": _EVER, "sk": f"{channel}#{campaign}"}, add=more),
            )
        ]
        await self._tables.write_many(changes)

    async def between(self, from_at: datetime, to_at: datetime) -> Counts:
        """See `Numbers.between`."""
        first, behind = _minute_from(from_at), _minute_from(to_at)
        found: list[Item] = []
        day = first.date()
        while day <= behind.date() and first < behind:
            lowest, highest = first.strftime(_MINUTE), (behind - timedelta(minutes=1)).strftime(_MINUTE) + "#~"
            found += await self._tables.query(CONTROL, f"{_EVER}#{day}", lowest=lowest, highest=highest)
            day += timedelta(days=1)
        return _sums(found)

    async def ever(self) -> Counts:
        """See `Numbers.ever`."""
        return _sums(await self._tables.query(CONTROL, _EVER))

    async def beat(self, worker: str, now: datetime) -> None:
        """See `Numbers.beat`."""
        over_s = int((now + _BEATS_KEPT_FOR).timestamp())
        await self._tables.write(Put(CONTROL, {"pk": _BEAT, "sk": worker, "at": to_ms(now), "expires_at": over_s}))

    async def last_beat(self) -> datetime | None:
        """See `Numbers.last_beat`."""
        beats = (instant(item, "at") for item in await self._tables.query(CONTROL, _BEAT))
        return max((at for at in beats if at is not None), default=None)


def _minute_from(at: datetime) -> datetime:
    """The first minute that begins at `at` or later."""
    whole = at.astimezone(UTC).replace(second=0, microsecond=0)
    return whole if whole == at else whole + timedelta(minutes=1)


def _sums(items: Iterable[Item]) -> Counts:
    sums: Counter[Series] = Counter()
    for item in items:
        channel, campaign = text(item, "sk").split("#")[-2:]
        for name, count in item.items():
            if name not in _OWN and isinstance(count, int):
                sums[Series(channel, campaign, name)] += count
    return sums
