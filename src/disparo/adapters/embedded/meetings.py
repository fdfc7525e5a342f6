"""Meetings, and the time that they keep, in SQLite."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import apsw

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row, fetch, fetch_one, instant
from disparo.domain.agenda.keeping import LONGEST_OCCUPATION_MS, forgotten, hosts_of, meeting_number, time_change
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_document import meeting_document, parse_meeting
from disparo.domain.agenda.slot import HostBounds, Occupation, looked_at, refusal
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.ports.agenda import MeetingChangedError, MeetingFilter, SlotTakenError

COLUMNS = "id, revision, document"

ADD = """
INSERT INTO meeting (uid, revision, state, type_id, contact_id, campaign_id, start_at, wake_at, hosts, document)
VALUES (:uid, :revision, :state, :type_id, :contact_id, :campaign_id, :start_at, :wake_at, :hosts, :document)
RETURNING id
"""

REPLACE = """
UPDATE meeting SET revision = :revision, state = :state, type_id = :type_id, campaign_id = :campaign_id,
                   start_at = :start_at, wake_at = :wake_at, hosts = :hosts, document = :document
WHERE id = :id
"""

GET = f"SELECT {COLUMNS} FROM meeting WHERE id = ?"

SEVERAL = f"SELECT {COLUMNS} FROM meeting WHERE id IN (SELECT value FROM json_each(?))"

BY_UID = f"SELECT {COLUMNS} FROM meeting WHERE uid = ?"

OVERLAPPING = """
-- What reaches into a span began less than the longest occupation before it, so the index bounds both ends.
SELECT host_id, start_at, end_at, meeting_id, starts_at, until_at
FROM occupation INDEXED BY occupation_of_host
WHERE host_id = :host AND start_at > :start_at - :longest AND start_at < :end_at AND end_at > :start_at
"""

RELEASE = "DELETE FROM occupation WHERE meeting_id = ?"

OCCUPY = "INSERT INTO occupation (meeting_id, host_id, start_at, end_at, starts_at, until_at) VALUES (?, ?, ?, ?, ?, ?)"

FITTING = """
WHERE id < :after
  AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
  AND (:type_id IS NULL OR type_id = :type_id)
  AND (:campaign_id IS NULL OR campaign_id = :campaign_id)
  AND (:from_at IS NULL OR start_at >= :from_at)
  AND (:to_at IS NULL OR start_at < :to_at)
  AND (:host_id IS NULL OR EXISTS (SELECT 1 FROM json_each(hosts) WHERE value = :host_id))
"""

PAGE = f"SELECT {COLUMNS} FROM meeting {FITTING} ORDER BY id DESC LIMIT :limit"

PAGE_OF_CONTACT = f"""
SELECT {COLUMNS} FROM meeting INDEXED BY meeting_of_contact {FITTING} AND contact_id = :contact_id
ORDER BY id DESC LIMIT :limit
"""

PAGE_OF_SPAN = f"""
-- The span first: what is left of it is sorted.
SELECT {COLUMNS} FROM meeting INDEXED BY meeting_start {FITTING} AND start_at >= :from_at AND start_at < :end_at
ORDER BY id DESC LIMIT :limit
"""

OF_CONTACTS = f"""
SELECT {COLUMNS} FROM meeting WHERE contact_id IN (SELECT value FROM json_each(?)) ORDER BY id DESC
"""

DUE = f"SELECT {COLUMNS} FROM meeting INDEXED BY meeting_wake WHERE wake_at <= ? ORDER BY wake_at, id LIMIT ?"

NEXT_DUE = "SELECT min(wake_at) FROM meeting INDEXED BY meeting_wake WHERE wake_at IS NOT NULL"

_NEWEST = 2**63 - 1
"""Above every id."""


class SqliteMeetings:
    """`Meetings` in the tables meeting and occupation."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, meeting: Meeting, bounds: Mapping[str, HostBounds], now: datetime) -> Meeting:
        """See `Meetings.add`."""

        def write(connection: apsw.Connection) -> Meeting:
            if (row := fetch_one(connection, BY_UID, (meeting.uid,))) is not None:
                return _meeting(row)
            changed = _refuse(connection, None, meeting, bounds, to_ms(now))
            [(number,)] = fetch(connection, ADD, _columns(meeting, 1))
            if changed:
                _occupy(connection, replace(meeting, id=str(number)), to_ms(now))
            return _there(connection, str(number))

        return await self._db.write(write)

    async def replace(self, meeting: Meeting, bounds: Mapping[str, HostBounds], now: datetime) -> Meeting:
        """See `Meetings.replace`."""

        def write(connection: apsw.Connection) -> Meeting:
            before = _there(connection, meeting.id)
            if before.revision != meeting.revision:
                raise MeetingChangedError(f"a reunião {meeting.id} mudou desde que foi lida; leia-a de novo")
            if _refuse(connection, before, meeting, bounds, to_ms(now)):
                connection.execute(RELEASE, (int(meeting.id),))
                _occupy(connection, meeting, to_ms(now))
            _write(connection, meeting)
            return _there(connection, meeting.id)

        return await self._db.write(write)

    async def get(self, meeting_id: str) -> Meeting:
        """See `Meetings.get`."""
        return _there(self._db.reader, meeting_id)

    async def several(self, meeting_ids: Sequence[str]) -> Sequence[Meeting]:
        """See `Meetings.several`."""
        known = [one for one in map(meeting_number, meeting_ids) if one is not None]
        return [_meeting(row) for row in fetch(self._db.reader, SEVERAL, (json.dumps(known),))]

    async def by_uid(self, uid: str) -> Meeting | None:
        """See `Meetings.by_uid`."""
        row = fetch_one(self._db.reader, BY_UID, (uid,))
        return None if row is None else _meeting(row)

    async def occupations(
        self, host_ids: Sequence[str], start_at: datetime, end_at: datetime, now: datetime
    ) -> Sequence[Occupation]:
        """See `Meetings.occupations`."""
        span = Interval(to_ms(start_at), to_ms(end_at))
        found = _overlapping(self._db.reader, dict.fromkeys(host_ids, span))
        return [one for one in found if one.lives(to_ms(now))]

    async def page(self, wanted: MeetingFilter, after: str | None, limit: int) -> Sequence[Meeting]:
        """See `Meetings.page`."""
        values = {
            "after": meeting_number(after or "") or _NEWEST,
            "states": None if wanted.states is None else json.dumps(sorted(wanted.states)),
            "type_id": wanted.type_id,
            "campaign_id": wanted.campaign_id,
            "from_at": _ms(wanted.from_at),
            "to_at": _ms(wanted.to_at),
            "host_id": wanted.host_id,
            "limit": limit,
        }
        if wanted.contact_id is None and wanted.from_at is not None:
            end_at = _NEWEST if wanted.to_at is None else to_ms(wanted.to_at)
            return _meetings(fetch(self._db.reader, PAGE_OF_SPAN, {**values, "end_at": end_at}))
        if wanted.contact_id is None:
            return _meetings(fetch(self._db.reader, PAGE, values))
        return _meetings(fetch(self._db.reader, PAGE_OF_CONTACT, {**values, "contact_id": wanted.contact_id}))

    async def of_contacts(self, contact_ids: Sequence[str]) -> Sequence[Meeting]:
        """See `Meetings.of_contacts`."""
        return _meetings(fetch(self._db.reader, OF_CONTACTS, (json.dumps(list(contact_ids)),)))

    async def due(self, now: datetime, limit: int) -> Sequence[Meeting]:
        """See `Meetings.due`."""
        return _meetings(fetch(self._db.reader, DUE, (to_ms(now), limit)))

    async def next_due(self) -> datetime | None:
        """See `Meetings.next_due`."""
        row = fetch_one(self._db.reader, NEXT_DUE)
        return None if row is None else instant(row[0])

    async def forget(self, contact_id: str) -> None:
        """See `Meetings.forget`."""

        def write(connection: apsw.Connection) -> None:
            for meeting in _meetings(fetch(connection, OF_CONTACTS, (json.dumps([contact_id]),))):
                if forgotten(meeting) != meeting:
                    _write(connection, forgotten(meeting))

        await self._db.write(write)


def _refuse(
    connection: apsw.Connection,
    before: Meeting | None,
    after: Meeting,
    bounds: Mapping[str, HostBounds],
    now_ms: int,
) -> bool:
    """Whether a change touches the time that is kept; SlotTakenError when that cannot be."""
    change = time_change(before, after, now_ms)
    kept = _overlapping(connection, looked_at(change.fresh, bounds))
    if (refused := refusal(change.fresh, kept, bounds, now_ms)) is not None:
        raise SlotTakenError(refused)
    return bool(change.fresh or change.gone)


def _overlapping(connection: apsw.Connection, spans: Mapping[str, Interval]) -> list[Occupation]:
    longest = LONGEST_OCCUPATION_MS
    return [
        Occupation(host, Interval(start, end), str(meeting), starts, until)
        for host_id, span in spans.items()
        for host, start, end, meeting, starts, until in fetch(
            connection,
            OVERLAPPING,
            {"host": host_id, "start_at": span.start_ms, "end_at": span.end_ms, "longest": longest},
        )
    ]


def _occupy(connection: apsw.Connection, meeting: Meeting, now_ms: int) -> None:
    connection.executemany(
        OCCUPY,
        [
            (int(meeting.id), one.host_id, one.span.start_ms, one.span.end_ms, one.starts_ms, one.until_ms)
            for one in dict.fromkeys(meeting.occupations())
            if one.lives(now_ms)
        ],
    )


def _write(connection: apsw.Connection, meeting: Meeting) -> None:
    """Write a meeting over what is kept of it, as its next revision."""
    values = {**_columns(meeting, meeting.revision + 1), "id": int(meeting.id)}
    # uid and contact stay as they are, and bindings that a statement does not name are an error
    connection.execute(REPLACE, {name: values[name] for name in values if f":{name}" in REPLACE})


def _columns(meeting: Meeting, revision: int) -> dict[str, str | int | None]:
    return {
        "uid": meeting.uid,
        "revision": revision,
        "state": meeting.state,
        "type_id": meeting.type_id,
        "contact_id": meeting.contact_id,
        "campaign_id": meeting.campaign_id,
        "start_at": None if meeting.slot is None else to_ms(meeting.slot.start_at),
        "wake_at": _ms(meeting.wake_at),
        "hosts": json.dumps(hosts_of(meeting)),
        "document": json.dumps(meeting_document(meeting), ensure_ascii=False),
    }


def _there(connection: apsw.Connection, meeting_id: str) -> Meeting:
    """The meeting as it is kept; NotFoundError."""
    number = meeting_number(meeting_id)
    row = None if number is None else fetch_one(connection, GET, (number,))
    if row is None:
        raise NotFoundError(f"a reunião {meeting_id!r} não existe (veja: disparo meetings list)")
    return _meeting(row)


def _meetings(rows: Sequence[Row]) -> list[Meeting]:
    return [_meeting(row) for row in rows]


def _meeting(row: Row) -> Meeting:
    number, revision, document = row
    return parse_meeting({**json.loads(document), "id": str(number), "revision": revision})


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)
