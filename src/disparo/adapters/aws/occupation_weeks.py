"""The time of hosts that meetings keep, in DynamoDB: an item for each host and week of UTC.

    agenda   week#<host>, <yyyy-mm-dd>    what touches the week from this Monday: JSON, with a version

Whoever keeps time reads each week that its decision rests on, and in the transaction that keeps it writes the weeks
that change and checks the others, all at the versions that were read. So of two that want the same time, or the last
place of a day or a week, one finds a version that it has not read, and decides again (I8).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from disparo.adapters.aws.attributes import as_json, number, text
from disparo.adapters.aws.tables import ABSENT, AGENDA, Check, Condition, Item, Key, Put, Tables
from disparo.domain.agenda.keeping import TimeChange
from disparo.domain.agenda.slot import HostBounds, Occupation, looked_at
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import DAY_MS, Interval

WEEK_MS = 7 * DAY_MS
_MONDAY_MS = -3 * DAY_MS
"""The Monday of the week of 1970-01-01."""


class Week(NamedTuple):
    """A host's week of UTC."""

    host_id: str
    monday_ms: int

    @property
    def key(self) -> Key:
        """Of its item."""
        return {"pk": _partition(self.host_id), "sk": _day(self.monday_ms)}


@dataclass(frozen=True, slots=True)
class KeptWeek:
    """What is kept of a week, and the version of its item, None when there is none."""

    week: Week
    version: int | None
    kept: tuple[Occupation, ...]

    @property
    def unchanged(self) -> Condition:
        """The condition that it still is as it was read."""
        return {"pk": ABSENT} if self.version is None else {"version": self.version}


def decisive(change: TimeChange, bounds: Mapping[str, HostBounds]) -> set[Week]:
    """The weeks on which it rests whether a change may be."""
    spans = [span for one in change.fresh for span in looked_at([one], bounds).items()]
    return {week for host_id, span in spans for week in _weeks(host_id, span)}


def touched(change: TimeChange) -> set[Week]:
    """The weeks in which a change keeps time or lets it go."""
    return {week for one in (*change.fresh, *change.gone) for week in _weeks(one.host_id, one.span)}


async def load(tables: Tables, weeks: Iterable[Week]) -> list[KeptWeek]:
    """These weeks as they are."""
    wanted = sorted(weeks)
    items = await tables.get_many([(AGENDA, week.key) for week in wanted]) if wanted else []
    return [_kept_week(week, item) for week, item in zip(wanted, items, strict=True)]


async def between(tables: Tables, host_ids: Sequence[str], span: Interval) -> list[Occupation]:
    """What is kept of these hosts' time in a span, holds that ran out among it."""
    lowest, highest = _day(_monday(span.start_ms)), _day(_monday(span.end_ms - 1))
    found = await asyncio.gather(
        *(tables.query(AGENDA, _partition(host), lowest=lowest, highest=highest) for host in dict.fromkeys(host_ids))
    )
    kept = dict.fromkeys(
        one
        for host, items in zip(dict.fromkeys(host_ids), found, strict=True)
        for item in items
        for one in _occupations(host, item)
    )
    return [one for one in kept if one.span.start_ms < span.end_ms and span.start_ms < one.span.end_ms]


def changes(weeks: Iterable[KeptWeek], change: TimeChange, now_ms: int) -> list[Put | Check]:
    """What makes a meeting's change of time, under the condition that everything it rests on is as it was read.

    Holds that ran out are left out of whatever is written anew.
    """
    made: list[Put | Check] = []
    for known in weeks:
        fresh = [one for one in change.fresh if known.week in _weeks(one.host_id, one.span)]
        if fresh or not set(change.gone).isdisjoint(known.kept):
            kept = [one for one in known.kept if one.lives(now_ms) and one not in change.gone]
            version, written = (known.version or 0) + 1, _written(known.week, [*kept, *fresh])
            made.append(Put(AGENDA, {**known.week.key, "version": version, "kept": written}, known.unchanged))
        else:
            made.append(Check(AGENDA, known.week.key, known.unchanged))
    return made


def _weeks(host_id: str, span: Interval) -> list[Week]:
    return [Week(host_id, monday_ms) for monday_ms in range(_monday(span.start_ms), span.end_ms, WEEK_MS)]


def _monday(at_ms: int) -> int:
    return at_ms - (at_ms - _MONDAY_MS) % WEEK_MS


def _day(monday_ms: int) -> str:
    return from_ms(monday_ms).date().isoformat()


def _partition(host_id: str) -> str:
    return f"week#{host_id}"


def _kept_week(week: Week, item: Item | None) -> KeptWeek:
    if item is None:
        return KeptWeek(week, None, ())
    return KeptWeek(week, number(item, "version"), _occupations(week.host_id, item))


def _written(week: Week, kept: Sequence[Occupation]) -> str:
    # A week is written anew with each change in it, and paid by its size: instants are counted from its Monday.
    return as_json(
        [
            [
                int(one.meeting_id),
                one.span.start_ms - week.monday_ms,
                one.span.end_ms - one.span.start_ms,
                one.starts_ms - one.span.start_ms,
                None if one.until_ms is None else one.until_ms - week.monday_ms,
            ]
            for one in kept
        ]
    )


def _occupations(host_id: str, item: Item) -> tuple[Occupation, ...]:
    monday_ms = to_ms(datetime.fromisoformat(text(item, "sk")).replace(tzinfo=UTC))
    return tuple(
        Occupation(
            host_id,
            Interval(monday_ms + start, monday_ms + start + length),
            str(meeting),
            monday_ms + start + lead,
            None if until is None else monday_ms + until,
        )
        for meeting, start, length, lead, until in json.loads(text(item, "kept"))
    )
