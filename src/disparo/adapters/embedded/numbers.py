"""Counts of sending and meetings in SQLite."""

from __future__ import annotations

from datetime import datetime, timedelta

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import fetch, fetch_one, instant
from disparo.domain.figure import Counts, Series
from disparo.domain.instants import to_ms
from disparo.ports.numbers import KEPT_FOR

ADD = """
INSERT INTO count_minute VALUES (?, ?, ?, ?, ?)
ON CONFLICT (minute, channel, campaign, name) DO UPDATE SET count = count + excluded.count
"""

ADD_HOUR = """
INSERT INTO count_hour VALUES (?, ?, ?, ?, ?)
ON CONFLICT (hour, channel, campaign, name) DO UPDATE SET count = count + excluded.count
"""

ADD_EVER = """
INSERT INTO count_ever VALUES (?, ?, ?, ?)
ON CONFLICT (channel, campaign, name) DO UPDATE SET count = count + excluded.count
"""

PRUNE = "DELETE FROM count_minute WHERE minute < ?"

PRUNE_HOURS = "DELETE FROM count_hour WHERE hour < ?"

BETWEEN = """
-- Whole hours as such, and the minutes before and behind them.
SELECT channel, campaign, name, sum(count) FROM (
    SELECT channel, campaign, name, count FROM count_minute WHERE minute >= :first AND minute < :before
    UNION ALL
    SELECT channel, campaign, name, count FROM count_hour WHERE hour >= :first_hour AND hour < :last_hour
    UNION ALL
    SELECT channel, campaign, name, count FROM count_minute WHERE minute >= :behind AND minute < :end
) GROUP BY channel, campaign, name
"""

EVER = "SELECT channel, campaign, name, count FROM count_ever"

BEAT = "INSERT INTO beat VALUES (?, ?) ON CONFLICT (worker) DO UPDATE SET at = excluded.at"

FORGET_BEATS = "DELETE FROM beat WHERE at < ?"

LAST_BEAT = "SELECT max(at) FROM beat"

_MINUTE_MS, _MINUTES = 60_000, 60
_BEATS_KEPT_FOR = timedelta(days=30)


class SqliteNumbers:
    """`Numbers` in the tables count_minute, count_hour, count_ever and beat."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, counts: Counts, now: datetime) -> None:
        """See `Numbers.add`."""
        minute, oldest = _minute(now), _minute(now - KEPT_FOR)

        def add(connection: apsw.Connection) -> None:
            connection.execute(PRUNE, (oldest,))
            connection.execute(PRUNE_HOURS, (oldest // _MINUTES,))
            connection.executemany(ADD, [(minute, *series, count) for series, count in counts.items()])
            connection.executemany(ADD_HOUR, [(minute // _MINUTES, *series, count) for series, count in counts.items()])
            connection.executemany(ADD_EVER, [(*series, count) for series, count in counts.items()])

        await self._db.write(add)

    async def between(self, from_at: datetime, to_at: datetime) -> Counts:
        """See `Numbers.between`."""
        first, end = _minute_from(from_at), _minute_from(to_at)
        first_hour, last_hour = -(-first // _MINUTES), end // _MINUTES
        whole = first_hour < last_hour
        edges = {
            "first": first,
            "before": first_hour * _MINUTES if whole else end,
            "first_hour": first_hour,
            "last_hour": last_hour,
            "behind": last_hour * _MINUTES if whole else end,
            "end": end,
        }
        return {Series(*key): count for *key, count in fetch(self._db.reader, BETWEEN, edges)}

    async def ever(self) -> Counts:
        """See `Numbers.ever`."""
        return {Series(*key): count for *key, count in fetch(self._db.reader, EVER)}

    async def beat(self, worker: str, now: datetime) -> None:
        """See `Numbers.beat`."""

        def beat(connection: apsw.Connection) -> None:
            connection.execute(BEAT, (worker, to_ms(now)))
            connection.execute(FORGET_BEATS, (to_ms(now - _BEATS_KEPT_FOR),))

        await self._db.write(beat)

    async def last_beat(self) -> datetime | None:
        """See `Numbers.last_beat`."""
        row = fetch_one(self._db.reader, LAST_BEAT)
        return None if row is None else instant(row[0])


def _minute(at: datetime) -> int:
    return to_ms(at) // _MINUTE_MS


def _minute_from(at: datetime) -> int:
    """The first minute that begins at `at` or later."""
    return -(-to_ms(at) // _MINUTE_MS)
