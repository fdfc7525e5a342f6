"""Ending what was not begun of a campaign, some contacts at a time."""

from __future__ import annotations

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.enrolments import Enrolments
from disparo.adapters.aws.list_ranges import ids_after
from disparo.adapters.aws.settling import settle
from disparo.adapters.aws.tables import CAMPAIGNS, ConditionFailedError, Tables, Update
from disparo.adapters.aws.tallies import Tallies
from disparo.domain.campaign import Campaign
from disparo.domain.message import MessageEvent
from disparo.domain.settlement import UNBEGUN, Settlement


async def sweep(
    tables: Tables,
    campaign: Campaign,
    event: MessageEvent,
    reason: str,
    now_ms: int,
    limit: int,
    tallies: Tallies,
) -> int:
    """End the unsent rows of the next contacts behind the cursor; see `Ledger.sweep`.

    Rows end before the cursor moves, so what a kill leaves is swept again. The cursor starts anew behind the last.
    """
    key = {"campaign_id": campaign.id}
    item = await tables.get(CAMPAIGNS, key) or {}
    cursor = number(item, "sweep_cursor")
    contacts = await ids_after(tables, campaign.list_name, cursor, limit, number(item, "launch_end"))
    found = await Enrolments(tables).load([(int(campaign.id), contact) for contact in contacts])
    ended = [
        # With its fence, so that one that begins meanwhile is left to its outcome.
        Settlement(one.id_of(step), event, row.fence, reason)
        for one in found
        if one is not None
        for step, row in one.rows.items()
        if row.state in UNBEGUN
    ]
    done = sum(await settle(tables, ended, now_ms, tallies, journal=False))
    moved = 0 if len(contacts) < limit else contacts[-1]
    try:
        await tables.write(Update(CAMPAIGNS, key, set={"sweep_cursor": moved}, when={"v": number(item, "v")}))
    except ConditionFailedError:
        return done or 1  # the campaign changed meanwhile: the same contacts again
    return done or int(len(contacts) == limit)
