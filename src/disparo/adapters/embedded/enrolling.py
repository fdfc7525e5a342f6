"""Entering a campaign's contacts into the ledger, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from disparo.adapters.embedded.rows import CONTACT_COLUMNS, contact_of, fetch, fetch_one
from disparo.adapters.embedded.suppressions import matching
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.instants import to_ms
from disparo.domain.suppression import Suppression
from disparo.ports.ledger import LaunchPage, NewMessage

CURSOR = "SELECT launch_cursor, launch_end FROM campaign WHERE id = ?"

NEXT_CONTACTS = f"""
SELECT {CONTACT_COLUMNS}
FROM list AS l JOIN contact AS c INDEXED BY contact_of_list ON c.list_id = l.id
WHERE l.name = :list AND c.id > :cursor AND c.id <= :end AND c.erased_at IS NULL
ORDER BY c.id LIMIT :limit
"""

MOVE_CURSOR = """
-- Into a campaign that was cancelled since the page was read nobody is entered: no sweep might come that way again.
UPDATE campaign SET launch_cursor = :next, launched = :last
WHERE id = :id AND launch_cursor = :cursor AND state = 'running'
RETURNING 1
"""

LANES = "SELECT channel, place, id, priorities FROM lane WHERE campaign_id = ?"

ADD_LANE = "INSERT INTO lane (campaign_id, channel, place) VALUES (?, ?, ?) RETURNING id"

SET_PRIORITIES = "UPDATE lane SET priorities = ? WHERE id = ?"

ADD_MESSAGE = """
INSERT INTO message (campaign_id, contact_id, step, lane_id, state, reason, priority, due_at, changed_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

ADD_MISSING = f"{ADD_MESSAGE} ON CONFLICT DO NOTHING RETURNING 1"

RAISE_REVISION = "UPDATE control SET value = value + 1 WHERE name = 'revision'"


def next_page(connection: apsw.Connection, campaign: Campaign, limit: int) -> LaunchPage:
    """The contacts behind the launch cursor; see `Ledger.launch_page`."""
    cursor, end = fetch_one(connection, CURSOR, (int(campaign.id),)) or (0, None)
    wanted = {"list": campaign.list_name, "cursor": cursor, "end": end or 0, "limit": limit}
    rows = fetch(connection, NEXT_CONTACTS, wanted)
    contacts = [contact_of(row) for row in rows]
    last = len(rows) < limit
    return LaunchPage(
        cursor=cursor,
        contacts=contacts,
        suppressions=_suppressions_of(connection, contacts),
        next_cursor=max(end or 0, cursor) if last else rows[-1][0],
        last=last,
    )


def _suppressions_of(connection: apsw.Connection, contacts: Sequence[Contact]) -> list[Sequence[Suppression]]:
    keys = [key for contact in contacts for key in contact.keys]
    by_key: dict[str, list[Suppression]] = {}
    for one in matching(connection, keys):
        by_key.setdefault(one.key, []).append(one)
    if not by_key:
        return [()] * len(contacts)
    return [[one for key in contact.keys for one in by_key.get(key, ())] for contact in contacts]


def enter(
    connection: apsw.Connection, campaign: Campaign, page: LaunchPage, messages: Sequence[NewMessage], now_ms: int
) -> bool:
    """Enter a page's rows and move the cursor; see `Ledger.enroll`."""
    moved = {"id": int(campaign.id), "cursor": page.cursor, "next": page.next_cursor, "last": page.last}
    if not fetch_one(connection, MOVE_CURSOR, moved):
        return False
    connection.executemany(ADD_MESSAGE, _rows(connection, campaign, messages, now_ms))
    _count(connection, campaign, messages)
    if page.last:
        connection.execute(RAISE_REVISION)
    return True


def enter_singly(
    connection: apsw.Connection, campaign: Campaign, messages: Sequence[NewMessage], now_ms: int
) -> list[bool]:
    """Enter rows that are not there yet; see `Ledger.enter`."""
    rows = _rows(connection, campaign, messages, now_ms)
    entered = [bool(fetch(connection, ADD_MISSING, row)) for row in rows]
    _count(connection, campaign, [one for one, new in zip(messages, entered, strict=True) if new])
    return entered


def _rows(
    connection: apsw.Connection, campaign: Campaign, messages: Sequence[NewMessage], now_ms: int
) -> list[tuple[Any, ...]]:
    lanes = _lanes_for(connection, int(campaign.id), messages)
    rows: list[tuple[Any, ...]] = []
    for one in messages:
        lane = lanes[one.channel, str(one.place)]
        due_ms = None if one.due_at is None else to_ms(one.due_at)
        key = (int(campaign.id), int(one.contact_id), one.step)
        rows.append((*key, lane, one.state, one.reason, one.priority, due_ms, now_ms))
    return rows


def _count(connection: apsw.Connection, campaign: Campaign, messages: Sequence[NewMessage]) -> None:
    tallies = Tallies()
    for one in messages:
        tallies.add(int(campaign.id), one.step, one.state, one.reason)
    tallies.save(connection)


def _lanes_for(
    connection: apsw.Connection, campaign: int, messages: Sequence[NewMessage]
) -> dict[tuple[Channel, str], int]:
    """The lane of each channel and place; new ones, and new priorities in old ones, raise the revision."""
    known = {(channel, place): (lane, bits) for channel, place, lane, bits in fetch(connection, LANES, (campaign,))}
    wanted: dict[tuple[Channel, str], int] = {}
    for one in messages:
        where = (one.channel, str(one.place))
        wanted[where] = wanted.get(where, 0) | 1 << one.priority
    changed = False
    lanes: dict[tuple[Channel, str], int] = {}
    for where, bits in wanted.items():
        lane, old = known.get(where) or (fetch(connection, ADD_LANE, (campaign, *where))[0][0], 0)
        lanes[where] = lane
        if bits | old != old:
            connection.execute(SET_PRIORITIES, (bits | old, lane))
            changed = True
    if changed:
        connection.execute(RAISE_REVISION)
    return lanes
