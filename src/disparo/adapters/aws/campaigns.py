"""Campaigns in DynamoDB.

campaigns  campaign_id                 the definition and where the campaign stands; `v` rises with every change
control    campaign-name, <name>       {campaign_id}
control    counter, campaign           {value}: the newest id
control    revision, -                 see `revision`: which campaigns are live changes with them, in one transaction
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from disparo.adapters.aws import counters, webhooks
from disparo.adapters.aws.attributes import as_json, instant, number, text
from disparo.adapters.aws.hours import hours_of
from disparo.adapters.aws.list_ranges import last_id
from disparo.adapters.aws.recounting import is_open, recount
from disparo.adapters.aws.revision import live_items, raise_revision
from disparo.adapters.aws.tables import (
    ABSENT,
    CAMPAIGNS,
    CONTROL,
    Absent,
    ConditionFailedError,
    Item,
    Key,
    Put,
    Tables,
    Update,
    Value,
)
from disparo.adapters.aws.tallies import sum_of, tally_items
from disparo.domain.campaign import Campaign, CampaignEvent, CampaignKind, CampaignState
from disparo.domain.campaign_changes import concluded, is_live, moved, redefined
from disparo.domain.campaign_document import campaign_document, kept_campaign
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.webhook_delivery import Delivery
from disparo.ports.campaigns import HourTally, Tally, Telling

LONGEST_ENTERING = timedelta(minutes=15)
"""How long a page of a launch can be under way: no function lives longer (AWS Lambda quotas)."""


MOST_TOLD = 30
"""Deliveries in a campaign's own transaction, of three items each; TransactWriteItems takes a hundred."""


class DynamoCampaigns:
    """`Campaigns` in the tables campaigns and control."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, campaign: Campaign) -> Campaign:
        """See `Campaigns.add`."""
        item = _new_item(campaign)  # what cannot be written is refused before an id is used
        if await self._tables.get(CONTROL, _name_key(campaign.name)) is None:
            campaign_id = str(await counters.take(self._tables, counters.CAMPAIGN))
            name = {**_name_key(campaign.name), "campaign_id": campaign_id}
            try:
                await self._tables.transact(
                    [
                        Put(CONTROL, name, when={"campaign_id": ABSENT}),
                        Put(CAMPAIGNS, {**item, "campaign_id": campaign_id}, when={"campaign_id": ABSENT}),
                    ]
                )
                return replace(campaign, id=campaign_id)
            except ConditionFailedError:
                pass
        raise InputError(f'já existe uma campanha "{campaign.name}"; escolha outro nome no arquivo')

    async def get(self, name: str) -> Campaign:
        """See `Campaigns.get`."""
        return campaign_of(await self._item(name))

    async def _item(self, name: str) -> Item:
        campaign_id: str | None = name
        if not name.isdecimal():  # no name is of digits alone
            kept = await self._tables.get(CONTROL, _name_key(name)) if name else None
            campaign_id = text(kept, "campaign_id") if kept else None
        item = await self._tables.get(CAMPAIGNS, {"campaign_id": campaign_id}) if campaign_id else None
        if item is None:
            raise NotFoundError(f"a campanha {name!r} não existe (veja: disparo campaign list)")
        return item

    async def all(self) -> Sequence[Campaign]:
        """See `Campaigns.all`; by their ids, as the index by status may lag behind."""
        newest = await counters.newest(self._tables, counters.CAMPAIGN)
        keys = [(CAMPAIGNS, {"campaign_id": str(campaign)}) for campaign in range(newest, 0, -1)]
        return [campaign_of(item) for item in await self._tables.get_many(keys) if item is not None]

    async def page(
        self, after: str | None, limit: int, *, states: frozenset[CampaignState] | None = None
    ) -> Sequence[Campaign]:
        """See `Campaigns.page`; by their ids, strongly consistent."""
        newest = await counters.newest(self._tables, counters.CAMPAIGN) + 1
        behind = min(int(after), newest) if after else newest  # a cursor that was made up would be walked down from
        found: list[Campaign] = []
        while behind > 1 and len(found) < limit:
            ids = range(behind - 1, max(behind - 1 - limit, 0), -1)
            items = await self._tables.get_many([(CAMPAIGNS, {"campaign_id": str(one)}) for one in ids])
            campaigns = [campaign_of(item) for item in items if item is not None]
            found += [one for one in campaigns if states is None or one.state in states]
            behind = ids[-1]
        return found[:limit]

    async def live(self) -> Sequence[Campaign]:
        """See `Campaigns.live`; strongly consistent."""
        return [one for one in map(campaign_of, await live_items(self._tables)) if is_live(one)]

    async def replace(self, campaign: Campaign) -> Campaign:
        """See `Campaigns.replace`."""
        while True:
            item = await self._item(campaign.id)
            changed = redefined(campaign_of(item), campaign)
            definition = {"definition": as_json(campaign_document(changed))}
            if await self._keep(item, changed, definition):
                return changed

    async def apply(
        self, campaign_id: str, event: CampaignEvent, now: datetime, telling: Telling | None = None
    ) -> Campaign:
        """See `Campaigns.apply`."""
        while True:
            item = await self._item(campaign_id)
            before = campaign_of(item)
            after = moved(before, event, now)
            audience: Item = {}
            if event is CampaignEvent.START:
                audience = {"launch_end": await last_id(self._tables, after.list_name)}
            told = telling(before, event) if telling is not None else ()
            if await self._keep(item, after, audience, told):
                return after

    async def conclude(self, campaign_id: str, now: datetime, telling: Telling | None = None) -> bool:
        """See `Campaigns.conclude`.

        Counters may be behind the rows after a kill, so the rows themselves are counted. A dead letter that is sent
        again raises `stirred` before its row changes: one that comes after the counting makes the end fail.
        """
        item = await self._item(campaign_id)
        if to_ms(now) < number(item, "entering") + LONGEST_ENTERING // MILLISECOND:
            return False
        before = campaign_of(item)
        over = concluded(before, now)
        if over is None or is_open(await recount(self._tables, over.id)):
            return False
        ends = over.state is not before.state
        told = telling(before, CampaignEvent.COMPLETE) if telling is not None and ends else ()
        unchanged = {name: item.get(name, ABSENT) for name in ("stirred", "entering")}
        return await self._keep(item, over, None, told, **unchanged)

    async def _keep(
        self,
        before: Item,
        after: Campaign,
        more: Item | None = None,
        told: Sequence[Delivery] = (),
        **unchanged: Value | Absent,
    ) -> bool:
        """Write where a campaign stands, tell every worker, and keep what others are told.

        False when it is no longer as it was. A transaction has no room for the deliveries to more than thirty
        endpoints: those to the others are kept right after it.
        """
        was, is_now = is_live(campaign_of(before)), is_live(after)
        ids = (after.id,)
        change = Update(
            CAMPAIGNS,
            {"campaign_id": after.id},
            set={**_standing(after), **(more or {})},
            remove=() if after.ended_at else ("ended_at",),
            add={"v": 1},
            when={"v": number(before, "v"), **unchanged},
        )
        revision = raise_revision(ids if is_now and not was else (), ids if was and not is_now else ())
        try:
            with_it = [part for one in told[:MOST_TOLD] for part in webhooks.keeping(one)]
            await self._tables.transact([change, revision, *with_it])
        except ConditionFailedError:
            return False
        if told[MOST_TOLD:]:
            await webhooks.DynamoWebhooks(self._tables).put(told[MOST_TOLD:])
        return True

    async def tally(self, campaign_id: str) -> Sequence[Tally]:
        """See `Campaigns.tally`."""
        kept = sum_of(await tally_items(self._tables, campaign_id))
        return [Tally(*key, count) for key, count in sorted(kept.items()) if count > 0]

    async def tallies(self, campaign_ids: Sequence[str]) -> Mapping[str, Sequence[Tally]]:
        """See `Campaigns.tallies`; their counters are read side by side."""
        wanted = [*dict.fromkeys(campaign_ids)]
        return dict(zip(wanted, await asyncio.gather(*map(self.tally, wanted)), strict=True))

    async def hours(
        self, campaign_id: str, from_at: datetime | None = None, to_at: datetime | None = None
    ) -> Sequence[HourTally]:
        """See `Campaigns.hours`; what is on its way to its day in this moment may be missing."""
        return await hours_of(self._tables, campaign_id, from_at, to_at)


def campaign_of(item: Item) -> Campaign:
    """A campaign from its item."""
    created_at = datetime.fromisoformat(text(item, "created_at"))
    return replace(
        kept_campaign(text(item, "definition"), created_at),
        id=text(item, "campaign_id"),
        state=CampaignState(text(item, "status")),
        started_at=instant(item, "started_at"),
        ended_at=instant(item, "ended_at"),
        launched=bool(item.get("launched", False)),
        revision=number(item, "revision"),
    )


def _name_key(name: str) -> Key:
    return {"pk": "campaign-name", "sk": name}


def _new_item(campaign: Campaign) -> Item:
    return {
        **_standing(campaign),
        "name": campaign.name,
        "definition": as_json(campaign_document(campaign)),
        "created_at": from_ms(to_ms(campaign.created_at)).isoformat(timespec="milliseconds"),
        "v": 1,
        **({"kind": str(campaign.kind)} if campaign.kind is not CampaignKind.CAMPAIGN else {}),
    }


def _standing(campaign: Campaign) -> Item:
    """Where it stands; what it does not have yet is missing."""
    instants = {"started_at": campaign.started_at, "ended_at": campaign.ended_at}
    kept = {name: to_ms(at) for name, at in instants.items() if at is not None}
    return {"status": str(campaign.state), "revision": campaign.revision, **kept}
