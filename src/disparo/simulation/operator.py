"""The people of a simulated world: who starts, pauses and changes campaigns, and what happens to the machine."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import TransitionError
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.settlement import Settlement
from disparo.domain.suppression import Suppression
from disparo.ports.ledger import MessageFilter
from disparo.simulation.drawn import contact, hours, limits
from disparo.simulation.facts import CampaignFacts
from disparo.simulation.gate import PortCall
from disparo.simulation.scenario import CampaignPlan

if TYPE_CHECKING:
    from disparo.simulation.world import World

_NEVER = -1
TOGETHER_S = 900.0
"""For how long a second process runs beside the first."""


class Operator:
    """Carries out a scenario's actions. Each is one method, named as in `scenario.ACTIONS`; its draw is its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._drafts: list[str] = []

    async def set_up(self) -> None:
        """Import the lists, write the campaigns, start the first."""
        for name, drafts in self._world.scenario.lists.items():
            await self._fold(name, list(drafts))
        for plan in self._world.scenario.campaigns:
            self._drafts.append(await self._write(plan))
        await self._start(self._drafts[0])

    async def act(self) -> None:
        """Do everything at its instant."""
        for action in self._world.scenario.actions:
            await asyncio.sleep(max(0.0, action.at_s - self._world.elapsed_s()))
            self._world.note("operator", action.kind)
            await getattr(self, f"_do_{action.kind}")(random.Random(f"{action}"))
            self._world.host.nudge()

    async def tidy_up(self) -> None:
        """Resume half of what is paused, so that the other half shows that a pause lasts."""
        for campaign_id in sorted(self._world.facts.campaigns):
            if not self._world.facts.campaigns[campaign_id].standing and self._world.random.random() < 0.5:
                await self._order(campaign_id, CampaignEvent.RESUME)
        self._world.host.nudge()

    async def replay_orders(self) -> None:
        """Everything that was ordered before, again."""
        for campaign_id, campaign in self._world.facts.campaigns.items():
            if campaign.started_s is not None:
                await self._order(campaign_id, CampaignEvent.START)
        for name in self._world.scenario.lists:
            contacts = self._world.facts.contacts
            ids = sorted(self._world.facts.lists[name], key=int)
            await self._world.store.contacts.fold(name, [contacts[one] for one in ids])

    # Campaigns

    async def _write(self, plan: CampaignPlan) -> str:
        world = self._world
        start_at = world.clock.now() + plan.start_after if plan.start_after else None
        campaign = await world.store.campaigns.add(
            Campaign(
                "",
                plan.name,
                plan.list_name,
                plan.steps,
                parse_business_hours(plan.hours.document()),
                plan.place,
                world.clock.now(),
                plan.limits,
                {},
                plan.deadline,
                start_at,
                senders=plan.senders,
            )
        )
        world.facts.campaigns[campaign.id] = CampaignFacts(
            plan,
            [(_NEVER, 0.0, plan.hours)],
            [(0.0, plan.limits)],
            [(_NEVER, 0.0, CampaignState.DRAFT)],
            start_at=start_at,
        )
        return campaign.id

    async def _start(self, campaign_id: str) -> None:
        facts = self._world.facts
        campaign = facts.campaigns[campaign_id]
        audience = frozenset(facts.lists[campaign.plan.list_name])
        if await self._order(campaign_id, CampaignEvent.START):
            campaign.audience, campaign.started_s = audience, self._world.elapsed_s()

    async def _order(self, campaign_id: str, event: CampaignEvent) -> bool:
        world = self._world
        now = world.clock.now()
        try:
            await self._by_hand("campaigns", "apply", campaign_id, event, now)
        except TransitionError:
            return False
        return True

    async def _by_hand(self, port: str, method: str, *args: Any) -> Any:
        """Call a port as a command does, which nothing goes wrong with."""
        store = self._world.listener.announcing(self._world.store)
        result = await getattr(getattr(store, port), method)(*args)
        self._world.observe(PortCall("operator", port, method, args), result)
        return result

    async def _do_start(self, _: random.Random) -> None:
        for campaign_id in self._drafts:
            await self._start(campaign_id)

    async def _do_pause(self, draw: random.Random) -> None:
        await self._order(draw.choice(self._drafts), CampaignEvent.PAUSE)

    async def _do_resume(self, _: random.Random) -> None:
        for campaign_id in self._drafts:
            await self._order(campaign_id, CampaignEvent.RESUME)

    async def _do_cancel(self, draw: random.Random) -> None:
        await self._order(draw.choice(self._drafts), CampaignEvent.CANCEL)

    async def _do_limits(self, draw: random.Random) -> None:
        campaign_id = draw.choice(self._drafts)
        campaign = await self._world.store.campaigns.get(campaign_id)
        wanted = {channel: limits(draw) for channel in Channel if draw.random() < 0.7}
        await self._world.store.campaigns.replace(replace(campaign, limits=wanted))
        self._world.facts.campaigns[campaign_id].limits.append((self._world.elapsed_s(), wanted))

    async def _do_hours(self, draw: random.Random) -> None:
        campaign_id = draw.choice(self._drafts)
        campaign = await self._world.store.campaigns.get(campaign_id)
        wanted = hours(draw)
        await self._world.store.campaigns.replace(replace(campaign, hours=parse_business_hours(wanted.document())))
        facts = self._world.facts
        facts.campaigns[campaign_id].hours.append((facts.next(), self._world.elapsed_s(), wanted))

    async def _do_sender_limits(self, draw: random.Random) -> None:
        world, name, wanted = self._world, draw.choice(tuple(self._world.scenario.senders)), limits(draw)
        world.facts.sender_limits[name].append((world.elapsed_s(), wanted))
        for process in world.host.living():
            process.limit(name, wanted)

    # People

    async def _fold(self, name: str, drafts: list[object]) -> None:
        results = await self._world.store.contacts.fold(name, drafts)  # type: ignore[arg-type]
        for result, draft in zip(results, drafts, strict=True):
            self._world.facts.contacts.setdefault(result.contact_id, draft)  # type: ignore[arg-type]
            self._world.facts.lists[name].add(result.contact_id)

    async def _do_import(self, draw: random.Random) -> None:
        name = draw.choice(tuple(self._world.scenario.lists))
        first = draw.randrange(25)
        await self._fold(name, [contact(self._world.scenario.seed, name, number) for number in range(first, first + 5)])

    async def _do_suppress(self, draw: random.Random) -> None:
        world = self._world
        contact_id = draw.choice(sorted(world.facts.contacts, key=int))
        channel = draw.choice((None, *Channel))
        now = world.clock.now()
        wanted = [Suppression(key, channel, "by_hand", "operator", now) for key in world.facts.keys_of(contact_id)]
        await self._by_hand("suppressions", "add", wanted)

    async def _do_redrive(self, draw: random.Random) -> None:
        """Send dead letters again: the rows first, then the campaign if it had ended, as a command does."""
        world = self._world
        wanted = MessageFilter(states=frozenset({MessageState.DEAD, MessageState.FAILED}))
        rows = await world.store.ledger.page(wanted, None, 100)
        for row in rows:
            campaign = await world.store.campaigns.get(row.id.campaign_id)
            if campaign.state is not CampaignState.CANCELLED and draw.random() < 0.5:
                await self._redrive(row.id)

    async def _redrive(self, message_id: MessageId) -> None:
        now = self._world.clock.now()
        order = Settlement(message_id, MessageEvent.REDRIVE, reason="by_hand", due_at=now)
        [moved] = await self._by_hand("ledger", "settle", [order], now)
        if moved:
            await self._order(message_id.campaign_id, CampaignEvent.REOPEN)

    async def _do_replay(self, draw: random.Random) -> None:
        """Providers tell old news once more, in any order."""
        events = list(self._world.events)
        draw.shuffle(events)
        for event in events[:20]:
            self._world.deliver(event)
        for name, drafts in self._world.scenario.lists.items():
            await self._fold(name, list(drafts))

    # The machine

    async def _do_crash(self, draw: random.Random) -> None:
        if living := self._world.host.living():
            draw.choice(living).crash()

    async def _do_stop(self, draw: random.Random) -> None:
        self._world.host.stop_one(draw)

    async def _do_second(self, draw: random.Random) -> None:
        self._world.host.work_together(TOGETHER_S * draw.random())

    async def _do_clock_back(self, draw: random.Random) -> None:
        self._set_clock(-draw.choice((timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=2))))

    async def _do_clock_forward(self, draw: random.Random) -> None:
        self._set_clock(timedelta(seconds=5 * draw.random()))

    def _set_clock(self, by: timedelta) -> None:
        world = self._world
        if not world.host.clock_may_be_set:
            return
        world.clock.step(by)
        world.facts.set_clock(world.elapsed_s(), by)
        world.note("clock", f"is set by {by.total_seconds():.3f} s")
