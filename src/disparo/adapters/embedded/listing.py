"""Listing messages: of a campaign, of a contact, of those in trouble, without looking at the others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import apsw

from disparo.adapters.embedded.rows import MESSAGE_COLUMNS, fetch, message_of
from disparo.adapters.embedded.settling import key_of
from disparo.domain.agenda.notice import BY_HAND, KINDS_WIDTH
from disparo.domain.message import UNSENT_ENDS, MessageId, MessageRecord, MessageState
from disparo.ports.ledger import TROUBLED, MessageFilter, Trouble, split_trouble_cursor, trouble_cursor

SLICE = 10_000
"""Contacts of which rows are looked at in one go, 5 ms or so: other work comes between."""

_FITS = """
  AND (:step IS NULL OR m.step = :step
       OR (m.step > :kinds AND CASE m.step % :kinds WHEN :by_hand THEN 1 ELSE m.step % :kinds END = :step))
  AND (:reason IS NULL OR m.reason = :reason)
  AND (:states IS NULL OR m.state IN (SELECT value FROM json_each(:states)))
  AND (:channel IS NULL OR m.lane_id IN (SELECT id FROM lane WHERE channel = :channel))
"""

_BEHIND = """
WHERE (m.campaign_id, m.contact_id, m.step) > (:after_campaign, :after_contact, :after_step)
  AND m.campaign_id <= :last_campaign
"""

_IN_ORDER = "ORDER BY m.campaign_id, m.contact_id, m.step LIMIT :limit"

_SHOWN = f"SELECT {MESSAGE_COLUMNS} FROM message AS m"

ALL = f"{_SHOWN} JOIN lane AS l ON l.id = m.lane_id {_BEHIND} {_IN_ORDER}"

SLICED = f"""{_SHOWN} JOIN lane AS l ON l.id = m.lane_id
WHERE m.campaign_id = :campaign AND (m.contact_id, m.step) > (:after_contact, :after_step) AND m.contact_id <= :stop
{_FITS} ORDER BY m.contact_id, m.step LIMIT :limit
"""

NEXT_CONTACT = "SELECT min(contact_id) FROM message WHERE campaign_id = ? AND contact_id > ?"

WITH_SUCH = """
-- The campaigns that have any messages in these states, and for this reason if it is counted, by their counters.
SELECT c.id FROM campaign AS c WHERE c.id BETWEEN :first AND :last AND EXISTS
(SELECT 1 FROM tally AS t WHERE t.campaign_id = c.id AND t.count > 0
 AND (:states IS NULL OR t.state IN (SELECT value FROM json_each(:states)))
 AND (:counted IS NULL OR t.reason = :counted)) ORDER BY c.id
"""

OF_PERSON = f"""
-- In every campaign that there is, by the key.
SELECT {MESSAGE_COLUMNS} FROM campaign AS k
CROSS JOIN message AS m ON m.campaign_id = k.id AND m.contact_id = :contact
CROSS JOIN lane AS l ON l.id = m.lane_id {_BEHIND} {_FITS} ORDER BY k.id, m.step LIMIT :limit
"""

_KEYS = "SELECT m.campaign_id, m.contact_id, m.step FROM message AS m INDEXED BY"

_TROUBLED = "m.state IN ('dead', 'failed')"

IN_TROUBLE = f"""
-- The index alone says which; only those that are shown are read.
SELECT {MESSAGE_COLUMNS} FROM
({_KEYS} message_troubled_of {_BEHIND} AND {_TROUBLED} {_FITS} {_IN_ORDER}) AS t
CROSS JOIN message AS m ON m.campaign_id = t.campaign_id AND m.contact_id = t.contact_id AND m.step = t.step
CROSS JOIN lane AS l ON l.id = m.lane_id ORDER BY m.campaign_id, m.contact_id, m.step
"""

WATCHED = f"""
-- Few, however large the ledger is: what is under way now.
{_SHOWN} INDEXED BY message_watch JOIN lane AS l ON l.id = m.lane_id {_BEHIND}
AND m.state IN ('claimed', 'sending', 'in_doubt') {_FITS} {_IN_ORDER}
"""

LATEST_TROUBLE = f"""
SELECT {MESSAGE_COLUMNS} FROM
({_KEYS} message_troubled
 WHERE {_TROUBLED}
   AND (m.changed_at, m.campaign_id, m.contact_id, m.step) < (:at, :after_campaign, :after_contact, :after_step)
   AND (:campaign IS NULL OR m.campaign_id = :campaign) AND (:contact IS NULL OR m.contact_id = :contact) {_FITS}
 ORDER BY m.changed_at DESC, m.campaign_id DESC, m.contact_id DESC, m.step DESC LIMIT :limit) AS t
CROSS JOIN message AS m ON m.campaign_id = t.campaign_id AND m.contact_id = t.contact_id AND m.step = t.step
CROSS JOIN lane AS l ON l.id = m.lane_id
ORDER BY m.changed_at DESC, m.campaign_id DESC, m.contact_id DESC, m.step DESC
"""

_UNDER_WAY = frozenset({MessageState.CLAIMED, MessageState.SENDING, MessageState.IN_DOUBT})
_ANY = 2**63 - 1
"""No row has a higher number."""


async def page(
    connection: apsw.Connection, wanted: MessageFilter, after: MessageId | None, limit: int
) -> list[MessageRecord]:
    """Rows that the filter wants, from behind `after`; see `Ledger.page`."""
    values = {**_values(wanted, limit), **_start(wanted, after)}
    states = wanted.states
    if wanted.contact_id is not None:
        return _rows(connection, OF_PERSON, {**values, "contact": key_of(MessageId("0", 0, wanted.contact_id))[1]})
    if states is not None and states <= TROUBLED:
        return _rows(connection, IN_TROUBLE, values)
    if states is not None and states <= _UNDER_WAY:
        return _rows(connection, WATCHED, values)
    if (states, wanted.step, wanted.reason, wanted.channel) == (None, None, None, None):
        return _rows(connection, ALL, values)
    found: list[MessageRecord] = []
    async for part in _slices(connection, values):
        found += part
        if len(found) >= limit:
            break
    return found[:limit]


def troubled(connection: apsw.Connection, wanted: MessageFilter, after: str | None, limit: int) -> list[Trouble]:
    """Those in trouble, the latest first; see `Ledger.troubled`."""
    at_ms, message_id = split_trouble_cursor(after) if after else (_ANY, None)
    campaign, contact, step = (0, 0, 0) if message_id is None else key_of(message_id)
    values = {
        **_values(wanted, limit),
        "at": at_ms,
        "after_campaign": campaign,
        "after_contact": contact,
        "after_step": step,
        "campaign": None if wanted.campaign_id is None else int(wanted.campaign_id),
        "contact": None if wanted.contact_id is None else int(wanted.contact_id),
    }
    return [Trouble(trouble_cursor(one), one) for one in _rows(connection, LATEST_TROUBLE, values)]


def _values(wanted: MessageFilter, limit: int) -> dict[str, Any]:
    return {
        "step": wanted.step,
        "kinds": KINDS_WIDTH,
        "by_hand": BY_HAND,
        "reason": wanted.reason,
        "counted": wanted.reason if wanted.states is not None and wanted.states <= UNSENT_ENDS else None,
        "states": None if wanted.states is None else json.dumps(sorted(wanted.states)),
        "channel": wanted.channel,
        "limit": limit,
    }


def _start(wanted: MessageFilter, after: MessageId | None) -> dict[str, int]:
    """A campaign's rows lie together: neither those before nor those behind them are read."""
    first, last = (0, _ANY) if wanted.campaign_id is None else [int(wanted.campaign_id)] * 2
    campaign, contact, step = max(key_of(after) if after else (0, 0, 0), (first, 0, 0))
    return {"after_campaign": campaign, "after_contact": contact, "after_step": step, "last_campaign": last}


def _rows(connection: apsw.Connection, query: str, values: Mapping[str, Any]) -> list[MessageRecord]:
    # bindings that a statement does not name are an error
    bindings = {name: value for name, value in values.items() if f":{name}" in query}
    return [message_of(row) for row in fetch(connection, query, bindings)]


async def _slices(connection: apsw.Connection, values: Mapping[str, Any]) -> AsyncIterator[Sequence[MessageRecord]]:
    """What fits, a slice of contacts at a time, in order."""
    first = values["after_campaign"]
    known = {"first": first, "last": values["last_campaign"], "states": values["states"], "counted": values["counted"]}
    for (campaign,) in fetch(connection, WITH_SUCH, known):
        contact, step = (values["after_contact"], values["after_step"]) if campaign == first else (0, 0)
        while True:
            [(following,)] = fetch(connection, NEXT_CONTACT, (campaign, contact - 1))
            if following is None:
                break
            stop = max(following, contact) + SLICE
            here = {**values, "campaign": campaign, "after_contact": contact, "after_step": step, "stop": stop}
            yield _rows(connection, SLICED, here)
            contact, step = stop, _ANY
            await asyncio.sleep(0)
