"""The ledger of campaigns that nobody had to send: rows, histories and counters, made by SQL from the contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import apsw

from disparo.domain.instants import to_ms

Fates = Sequence[tuple[int, str, str]]
"""Of so many in a thousand contacts: the state in which their message stands, and its reason."""

HOURS_OF_A_DAY = 9
"""Messages were sent in the first hours of each day."""

LANES = """
INSERT INTO lane (campaign_id, channel, place, priorities)
SELECT :campaign, :channel, place, sum(DISTINCT 1 << priority) FROM contact WHERE list_id = :list GROUP BY place
"""

FATE_TABLE = "CREATE TEMP TABLE fate (bucket INTEGER PRIMARY KEY, state TEXT NOT NULL, reason TEXT NOT NULL)"

CLEAR_FATES = "DELETE FROM temp.fate"

ADD_FATE = "INSERT INTO temp.fate VALUES (?, ?, ?)"

MESSAGES = """
INSERT INTO message
SELECT :campaign, c.id, :step, l.id, f.state, f.reason, c.priority,
       CASE f.state WHEN 'due' THEN :begun WHEN 'in_doubt' THEN :now + 3600000 END,
       f.state NOT IN ('due', 'waiting', 'cancelled', 'expired'), 0,
       CASE WHEN f.state NOT IN ('due', 'waiting', 'cancelled', 'expired') THEN :begun END,
       CASE WHEN f.state NOT IN ('due', 'waiting', 'cancelled', 'expired') THEN :channel END,
       CASE WHEN f.state IN ('accepted', 'delivered', 'read')
            THEN 'wamid.HBgNNTU' || hex(c.id * 104729) || hex(:campaign * 10 + :step) END,
       CASE WHEN f.state IN ('due', 'waiting') THEN :begun
            ELSE :begun + (c.id * 7919 % :days) * 86400000 + c.id * 3571 % :day END
FROM contact AS c INDEXED BY contact_of_list
CROSS JOIN temp.fate AS f ON f.bucket = (c.id * 7919 + :step * 31) % 1000
CROSS JOIN lane AS l ON l.campaign_id = :campaign AND l.channel = :channel AND l.place = c.place
WHERE c.list_id = :list ORDER BY c.id
"""

JOURNAL = """
INSERT INTO journal
SELECT campaign_id, contact_id, step, :base + contact_id * 30 + step * 3 + :line, changed_at - :ago, :event, 1, :reason,
       '', provider_id
FROM message WHERE campaign_id = :campaign AND state IN (SELECT value FROM json_each(:states))
ORDER BY contact_id, step
"""

TALLIES = """
INSERT INTO tally
SELECT campaign_id, step, state, CASE WHEN state IN ('failed', 'dead', 'cancelled', 'expired') THEN reason ELSE '' END,
       count(*)
FROM message WHERE campaign_id = :campaign GROUP BY 1, 2, 3, 4
"""

HOURS = """
INSERT INTO hour_tally
SELECT campaign_id, changed_at / 3600000, step, :event, count(*) FROM message
WHERE campaign_id = :campaign AND state IN (SELECT value FROM json_each(:states)) GROUP BY 1, 2, 3
"""

LAUNCHED = """
UPDATE campaign SET launched = 1, launch_cursor = launch_end WHERE id = :campaign
"""

NUMBERED = "UPDATE control SET value = :last WHERE name = 'journal'"

LAST_CONTACT = "SELECT max(id) FROM contact"

_SENT = '["accepted", "delivered", "read"]'
_HISTORY: tuple[tuple[str, str, str, int], ...] = (
    ("accept", "", _SENT, 90_000),
    ("deliver", "", '["delivered", "read"]', 0),
    ("reject", "address_unknown", '["failed"]', 0),
    ("exhaust", "retries_used_up", '["dead"]', 0),
)
_ARRIVALS: Mapping[str, str] = {
    "sent": _SENT,
    "delivered": '["delivered", "read"]',
    "read": '["read"]',
    "failed": '["failed"]',
    "dead": '["dead"]',
}


@dataclass(frozen=True, slots=True)
class Ledgered:
    """A campaign whose rows are to be made: its list, when it began, on how many days it sent, and what became."""

    campaign: int
    list_id: int
    begun_at: datetime
    days: int
    steps: Sequence[tuple[str, Fates]]
    """Of each step its channel and what became of its messages."""


def prepare(connection: apsw.Connection) -> None:
    """Make what `write` needs, once for each connection."""
    connection.execute(FATE_TABLE)


def write(connection: apsw.Connection, one: Ledgered, now: datetime) -> None:
    """Make the rows, histories and counters of a campaign that has been started and has none."""
    known = {"campaign": one.campaign, "list": one.list_id}
    for channel in dict.fromkeys(channel for channel, _ in one.steps):
        connection.execute(LANES, {**known, "channel": channel})
    for step, (channel, fates) in enumerate(one.steps, 1):
        connection.execute(CLEAR_FATES)
        connection.executemany(ADD_FATE, _buckets(fates))
        day_ms = HOURS_OF_A_DAY * timedelta(hours=1) // timedelta(milliseconds=1)
        times = {"begun": to_ms(one.begun_at), "now": to_ms(now), "days": one.days, "day": day_ms}
        connection.execute(MESSAGES, {**known, **times, "step": step, "channel": channel})
    [(last,)] = connection.execute(LAST_CONTACT)
    for line, (event, reason, states, ago) in enumerate(_HISTORY):
        told = {"event": event, "reason": reason, "states": states, "ago": ago, "line": min(line, 1)}
        connection.execute(JOURNAL, {"campaign": one.campaign, "base": 0, **told})
    connection.execute(NUMBERED, {"last": last * 30 + 1_000})
    connection.execute(TALLIES, {"campaign": one.campaign})
    for event, states in _ARRIVALS.items():
        connection.execute(HOURS, {"campaign": one.campaign, "event": event, "states": states})
    connection.execute(LAUNCHED, {"campaign": one.campaign})


def _buckets(fates: Fates) -> list[tuple[int, str, str]]:
    rows = [(state, reason) for share, state, reason in fates for _ in range(share)]
    if len(rows) != 1_000:
        raise ValueError(f"fates are of {len(rows)}, not of a thousand")
    return [(bucket, *row) for bucket, row in enumerate(rows)]
