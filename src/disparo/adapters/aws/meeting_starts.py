"""When meetings begin, so that a span of days is read by itself.

    agenda   starts#<yyyy-mm>, <instant>#<id>   that this meeting begins then, as far as a time is agreed (UTC)

It is written in one transaction with its meeting.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from disparo.adapters.aws.attributes import text
from disparo.adapters.aws.tables import AGENDA, Delete, Key, Put, Tables
from disparo.domain.agenda.keeping import DIGITS_OF_ID
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.instants import to_ms
from disparo.ports.agenda import MeetingFilter

LONGEST_SPAN = timedelta(days=400)
"""A longer one is read through the meetings themselves."""


def moved(before: Meeting | None, after: Meeting) -> list[Put | Delete]:
    """The changes that put a meeting where it begins now."""
    old, new = None if before is None else _key(before), _key(after)
    if old == new:
        return []
    removed = [] if old is None else [Delete(AGENDA, old)]
    return [*removed, *([] if new is None else [Put(AGENDA, new)])]


def short_span(wanted: MeetingFilter) -> tuple[datetime, datetime] | None:
    """The span that is asked for, if it has two ends and is not too long to be read by months."""
    if wanted.from_at is None or wanted.to_at is None or wanted.to_at - wanted.from_at > LONGEST_SPAN:
        return None
    return wanted.from_at, wanted.to_at


async def between(tables: Tables, from_at: datetime, to_at: datetime) -> list[int]:
    """The numbers of the meetings that begin in a span, its end not included; the highest first."""
    lowest, highest = _instant(from_at), _instant(to_at)
    found = await asyncio.gather(
        *(tables.query(AGENDA, f"starts#{month}", lowest=lowest, highest=highest) for month in _months(from_at, to_at))
    )
    return sorted((int(text(item, "sk").partition("#")[2]) for items in found for item in items), reverse=True)


def _key(meeting: Meeting) -> Key | None:
    if meeting.slot is None:
        return None
    at = meeting.slot.start_at
    return {"pk": f"starts#{_month(at)}", "sk": f"{_instant(at)}#{int(meeting.id):0{DIGITS_OF_ID}}"}


def _months(from_at: datetime, to_at: datetime) -> list[str]:
    days = range(0, (to_at - from_at).days + 1)
    return [*dict.fromkeys([*(_month(from_at + timedelta(days=day)) for day in days), _month(to_at)])]


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")


def _instant(at: datetime) -> str:
    return f"{to_ms(at):015d}"
