"""The store as it stands, for those who check it from outside."""

from __future__ import annotations

import apsw

from disparo.adapters.embedded.rows import Row, fetch

ROWS = "SELECT campaign_id, step, contact_id, state, reason, fence, retries, due_at FROM message"

OF_CONTACT = f"{ROWS} WHERE campaign_id = ? AND contact_id = ?"

TALLIES = "SELECT campaign_id, step, state, reason, count FROM tally WHERE count <> 0"

HOURS = "SELECT campaign_id, step, event, sum(count) FROM hour_tally GROUP BY campaign_id, step, event"

LAUNCHED = "SELECT id FROM campaign WHERE launched"

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'role'"

ALL_OF = "SELECT * FROM "


def rows(connection: apsw.Connection) -> list[Row]:
    """Every ledger row: campaign, step, contact, state, reason, fence, retries, when it is due."""
    return fetch(connection, ROWS)


def of_contact(connection: apsw.Connection, campaign_id: str, contact_id: str) -> list[Row]:
    """A contact's rows in a campaign."""
    return fetch(connection, OF_CONTACT, (int(campaign_id), int(contact_id)))


def tallies(connection: apsw.Connection) -> list[Row]:
    """Every counter: campaign, step, state, reason, count."""
    return fetch(connection, TALLIES)


def hours(connection: apsw.Connection) -> list[Row]:
    """What was counted by the hour, over all hours: campaign, step, event, count."""
    return fetch(connection, HOURS)


def launched(connection: apsw.Connection) -> frozenset[str]:
    """The campaigns whose contacts have all entered."""
    return frozenset(str(row[0]) for row in fetch(connection, LAUNCHED))


def everything(connection: apsw.Connection) -> dict[str, list[Row]]:
    """The rows of every table but the workers' roles."""
    return {name: fetch(connection, f"{ALL_OF}{name}") for (name,) in fetch(connection, TABLES)}
