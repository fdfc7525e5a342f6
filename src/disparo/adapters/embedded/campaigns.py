"""Campaigns in SQLite."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import apsw

from disparo.adapters.embedded import webhooks
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.enrolling import RAISE_REVISION
from disparo.adapters.embedded.rows import fetch, fetch_one, instant
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.campaign_changes import concluded, moved, redefined
from disparo.domain.campaign_document import campaign_document, kept_campaign
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.hourly import first_hour, hour_at
from disparo.domain.instants import from_ms, to_ms
from disparo.ports.campaigns import HourTally, Tally, Telling

COLUMNS = "id, definition, state, created_at, started_at, ended_at, launched, revision"

ADD = """
INSERT INTO campaign (name, definition, state, created_at) VALUES (?, ?, ?, ?)
ON CONFLICT (name) DO NOTHING RETURNING id
"""

BY_NAME = f"SELECT {COLUMNS} FROM campaign WHERE name = :name OR CAST(id AS TEXT) = :name"

ALL = f"SELECT {COLUMNS} FROM campaign ORDER BY id DESC"

LIVE = f"""
SELECT {COLUMNS} FROM campaign WHERE state IN ('running', 'paused', 'cancelled')
AND started_at IS NOT NULL AND ended_at IS NULL ORDER BY id
"""

REPLACE = "UPDATE campaign SET definition = :definition, revision = :revision WHERE id = :id"

MOVE = (
    "UPDATE campaign SET state = :state, started_at = :started, ended_at = :ended, revision = :revision WHERE id = :id"
)

SET_LAUNCH_END = """
UPDATE campaign SET launch_end =
    (SELECT coalesce(max(c.id), 0) FROM list AS l JOIN contact AS c ON c.list_id = l.id WHERE l.name = :list)
WHERE id = :id
"""

OPEN = """
SELECT 1 FROM tally WHERE campaign_id = ? AND count > 0
AND state IN ('waiting', 'due', 'claimed', 'sending', 'in_doubt')
"""

PAGE = f"""
SELECT {COLUMNS} FROM campaign
WHERE id < :after AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
ORDER BY id DESC LIMIT :limit
"""

TALLIES = """
-- Campaign by campaign, each in the order of its key.
SELECT t.campaign_id, t.step, t.state, t.reason, t.count
FROM json_each(?) AS wanted CROSS JOIN tally AS t ON t.campaign_id = wanted.value
WHERE t.count > 0
"""

HOURS = """
SELECT hour, step, event, count FROM hour_tally WHERE campaign_id = ? AND hour >= ? AND hour < ?
ORDER BY hour, step, event
"""

TALLY = "SELECT step, state, reason, count FROM tally WHERE campaign_id = ? AND count > 0 ORDER BY step, state, reason"


_FOR_EVER = 2**63 - 1
"""Behind every hour, and above every id."""


class SqliteCampaigns:
    """`Campaigns` in the tables campaign, tally and hour_tally."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def add(self, campaign: Campaign) -> Campaign:
        """See `Campaigns.add`."""
        row = (campaign.name, _definition(campaign), campaign.state, to_ms(campaign.created_at))
        found = await self._db.write(lambda connection: fetch_one(connection, ADD, row))
        if found is None:
            raise InputError(f'já existe uma campanha "{campaign.name}"; escolha outro nome no arquivo')
        return replace(campaign, id=str(found[0]))

    async def get(self, name: str) -> Campaign:
        """See `Campaigns.get`."""
        return _get(self._db.reader, name)

    async def all(self) -> Sequence[Campaign]:
        """See `Campaigns.all`."""
        return [_campaign_of(row) for row in fetch(self._db.reader, ALL)]

    async def page(
        self, after: str | None, limit: int, *, states: frozenset[CampaignState] | None = None
    ) -> Sequence[Campaign]:
        """See `Campaigns.page`."""
        wanted = {
            "after": min(int(after), _FOR_EVER) if after else _FOR_EVER,
            "states": None if states is None else json.dumps(sorted(states)),
            "limit": limit,
        }
        return [_campaign_of(row) for row in fetch(self._db.reader, PAGE, wanted)]

    async def live(self) -> Sequence[Campaign]:
        """See `Campaigns.live`."""
        return [_campaign_of(row) for row in fetch(self._db.reader, LIVE)]

    async def replace(self, campaign: Campaign) -> Campaign:
        """See `Campaigns.replace`."""

        def change(connection: apsw.Connection) -> Campaign:
            changed = redefined(_get(connection, campaign.id), campaign)
            values = {"definition": _definition(changed), "revision": changed.revision, "id": int(changed.id)}
            connection.execute(REPLACE, values)
            connection.execute(RAISE_REVISION)
            return changed

        return await self._db.write(change)

    async def apply(
        self, campaign_id: str, event: CampaignEvent, now: datetime, telling: Telling | None = None
    ) -> Campaign:
        """See `Campaigns.apply`."""

        def move(connection: apsw.Connection) -> Campaign:
            before = _get(connection, campaign_id)
            after = moved(before, event, now)
            _keep_state(connection, after)
            if telling is not None:
                webhooks.keep(connection, telling(before, event))
            if event is CampaignEvent.START:
                connection.execute(SET_LAUNCH_END, {"list": after.list_name, "id": int(after.id)})
            return _get(connection, campaign_id)

        return await self._db.write(move)

    async def conclude(self, campaign_id: str, now: datetime, telling: Telling | None = None) -> bool:
        """See `Campaigns.conclude`."""

        def end(connection: apsw.Connection) -> bool:
            before = _get(connection, campaign_id)
            over = concluded(before, now)
            if over is None or fetch(connection, OPEN, (int(campaign_id),)):
                return False
            _keep_state(connection, over)
            if telling is not None and over.state is not before.state:
                webhooks.keep(connection, telling(before, CampaignEvent.COMPLETE))
            return True

        return await self._db.write(end)

    async def tally(self, campaign_id: str) -> Sequence[Tally]:
        """See `Campaigns.tally`."""
        rows = fetch(self._db.reader, TALLY, (int(campaign_id),))
        return [Tally(*row) for row in rows]

    async def tallies(self, campaign_ids: Sequence[str]) -> Mapping[str, Sequence[Tally]]:
        """See `Campaigns.tallies`."""
        found: dict[str, list[Tally]] = {one: [] for one in campaign_ids}
        wanted = json.dumps([int(one) for one in found if one.isdecimal()])
        for campaign, *rest in fetch(self._db.reader, TALLIES, (wanted,)):
            found[str(campaign)].append(Tally(*rest))
        return found

    async def hours(
        self, campaign_id: str, from_at: datetime | None = None, to_at: datetime | None = None
    ) -> Sequence[HourTally]:
        """See `Campaigns.hours`."""
        first = 0 if from_at is None else first_hour(from_at)
        end = _FOR_EVER if to_at is None else first_hour(to_at)
        rows = fetch(self._db.reader, HOURS, (int(campaign_id), first, end))
        return [HourTally(hour_at(hour), *rest) for hour, *rest in rows]


def _get(connection: apsw.Connection, name: str) -> Campaign:
    if (row := fetch_one(connection, BY_NAME, {"name": name})) is None:
        raise NotFoundError(f"a campanha {name!r} não existe (veja: disparo campaign list)")
    return _campaign_of(row)


def _keep_state(connection: apsw.Connection, campaign: Campaign) -> None:
    values = {
        "state": campaign.state,
        "started": campaign.started_at and to_ms(campaign.started_at),
        "ended": campaign.ended_at and to_ms(campaign.ended_at),
        "revision": campaign.revision,
        "id": int(campaign.id),
    }
    connection.execute(MOVE, values)
    connection.execute(RAISE_REVISION)


def _definition(campaign: Campaign) -> str:
    return json.dumps(campaign_document(campaign), ensure_ascii=False)


def _campaign_of(row: Sequence[Any]) -> Campaign:
    campaign, definition, state, created_at, started_at, ended_at, launched, revision = row
    return replace(
        kept_campaign(definition, from_ms(created_at)),
        id=str(campaign),
        state=CampaignState(state),
        started_at=instant(started_at),
        ended_at=instant(ended_at),
        launched=bool(launched),
        revision=revision,
    )
