"""What each alarm looks at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.alarm import AlarmName, AlarmRule, Look
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.dead_letter import is_dead_letter
from disparo.domain.figure import Figure, figure_of
from disparo.domain.message import MessageState
from disparo.domain.policies.lane_opening import lane_decision
from disparo.domain.sender import Sender
from disparo.ports.store import Store

DEAD_LETTERS_KEPT = timedelta(days=14)
"""For how long after the end of its campaign a dead letter is an alarm: the source document's retention of the queue
(`message_retention_seconds` = 1,209,600), after which AWS forgets it, too."""

LEAST_ENDED = 10
"""Of fewer messages than these a rate says nothing: one wrong number at night is no alarm."""

_ENDED = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})
_PAGE = 100

DiskUse = Callable[[], float | None]
"""How much of the disk of the data is used, in percent; None where there is none of ours."""


@dataclass(frozen=True, slots=True)
class AlarmLooks:
    """Looks at what alarms are about. `counts` says whether workers here count by the minute (functions do not)."""

    store: Store
    senders: Callable[[], Sequence[Sender]]
    disk: DiskUse
    counts: bool = True

    async def at(self, rule: AlarmRule, now: datetime) -> Look:
        """What there is to see for one alarm."""
        return await _LOOKS[rule.name](self, rule, now)

    async def errors(self, rule: AlarmRule, now: datetime) -> Look:
        """Attempts that went wrong, of each period."""
        return Look([float(one.errors) for one in await self._periods(rule, now)])

    async def latency(self, rule: AlarmRule, now: datetime) -> Look:
        """The mean dispatch time of each period, in s."""
        means = [one.times.mean for one in await self._periods(rule, now)]
        return Look([None if one is None else one / timedelta(seconds=1) for one in means])

    async def failed_rate(self, rule: AlarmRule, now: datetime) -> Look:
        """The percentage of failed messages of each period in which there were enough."""
        found = await self._periods(rule, now)
        return Look([one.failed_rate if one.sent + one.failed >= LEAST_ENDED else None for one in found])

    async def calendars(self, rule: AlarmRule, now: datetime) -> Look:
        """Looks at calendars that were in vain, of each period; functions count these, too."""
        return Look([float(one.unreadable) for one in await self._periods(rule, now, always=True)])

    async def dead_letters(self, _: AlarmRule, now: datetime) -> Look:
        """Dead letters of live campaigns and of those that ended lately."""
        campaigns = [*await self.store.campaigns.live(), *await self._ended_since(now - DEAD_LETTERS_KEPT)]
        tallies = await self.store.campaigns.tallies([one.id for one in campaigns])
        count = sum(
            one.count
            for found in tallies.values()
            for one in found
            if one.state in _STATES and is_dead_letter(MessageState(one.state), one.reason)
        )
        return Look([float(count)])

    async def breakers(self, _: AlarmRule, __: datetime) -> Look:
        """Senders whose breaker is not closed."""
        stopped = [
            one.name for one in self.senders() if (await self.store.ledger.breaker(one.name)).opened_at is not None
        ]
        return Look([float(len(stopped))], tuple(stopped))

    async def ticks(self, _: AlarmRule, now: datetime) -> Look:
        """Seconds since a worker was last at work, while there is something that it could send; else 0."""
        running = [one for one in await self.store.campaigns.live() if one.state is CampaignState.RUNNING]
        if not await self._something_is_open(running, now):
            return Look([0.0])
        beat = await self.store.numbers.last_beat()
        since = [one.started_at for one in running if one.started_at is not None] if beat is None else [beat]
        return Look([max(0.0, (now - max(since)) / timedelta(seconds=1))] if since else [0.0])

    async def disk_use(self, _: AlarmRule, __: datetime) -> Look:
        """How much of the disk is used, in percent."""
        used = self.disk()
        return Look() if used is None else Look([used])

    async def _periods(self, rule: AlarmRule, now: datetime, *, always: bool = False) -> list[Figure]:
        """What was counted in each period, the latest first; none where nobody counts by the minute."""
        if not (self.counts or always):
            return []
        ends_at = now.replace(second=0, microsecond=0)
        return [
            figure_of(await self.store.numbers.between(ends_at - (at + 1) * rule.period, ends_at - at * rule.period))
            for at in range(rule.periods)
        ]

    async def _ended_since(self, since: datetime) -> list[Campaign]:
        """Campaigns that ended lately, as far as pages go in which there is one of them."""
        found: list[Campaign] = []
        after = None
        while page := await self.store.campaigns.page(after, _PAGE, states=_ENDED):
            recent = [one for one in page if one.ended_at is not None and one.ended_at >= since]
            found += recent
            if not recent:
                break
            after = page[-1].id
        return found

    async def _something_is_open(self, running: Sequence[Campaign], now: datetime) -> bool:
        """Whether a running campaign has messages that are due, and an open lane of their channel."""
        by_id = {one.id: one for one in running}
        tallies = await self.store.campaigns.tallies(list(by_id))
        due = {
            (campaign_id, by_id[campaign_id].step(one.step).channel)
            for campaign_id, found in tallies.items()
            for one in found
            if one.state == MessageState.DUE and one.count > 0
        }
        if not due:
            return False
        return any(
            lane_decision(by_id[lane.campaign_id], lane.place, now).open
            for lane in await self.store.ledger.lanes()
            if (lane.campaign_id, lane.channel) in due
        )


_STATES = frozenset(str(state) for state in MessageState)

_LOOKS: Mapping[AlarmName, Callable[[AlarmLooks, AlarmRule, datetime], Awaitable[Look]]] = {
    AlarmName.HIGH_ERROR_RATE: AlarmLooks.errors,
    AlarmName.HIGH_LATENCY: AlarmLooks.latency,
    AlarmName.DLQ_MESSAGES: AlarmLooks.dead_letters,
    AlarmName.FAILED_RATE: AlarmLooks.failed_rate,
    AlarmName.BREAKER_OPEN: AlarmLooks.breakers,
    AlarmName.CALENDAR_UNREADABLE: AlarmLooks.calendars,
    AlarmName.NO_TICK: AlarmLooks.ticks,
    AlarmName.DISK_NEARLY_FULL: AlarmLooks.disk_use,
}
