"""What goes on now, and what waits for a person: everything that an operator's first page tells."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from disparo.domain.agenda.host import CalendarKind, Host
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Contact
from disparo.domain.contact_import import Import, ImportState
from disparo.domain.hourly import HourlyEvent
from disparo.domain.numbers import Numbers, Window
from disparo.domain.sender import Sender
from disparo.ports.agenda import hosts_by_id
from disparo.ports.contacts import known_contact
from disparo.ports.imports import Imports
from disparo.ports.inbox import Conversation
from disparo.ports.store import Store
from disparo.usecases.agenda.day import Day, day_of
from disparo.usecases.alarms import Alarms, alarms
from disparo.usecases.campaigns import CampaignReport, report
from disparo.usecases.dead_letters import summary
from disparo.usecases.numbers import NumbersWanted, numbers
from disparo.usecases.sender_look import SenderState, look_at

MOST_CAMPAIGNS = 8
"""Campaigns that are told one by one."""
MOST_CONVERSATIONS = 6
MOST_IMPORTS = 10
HOURS = 24

_MINUTES = Window.FIVE_MINUTES.length // timedelta(minutes=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Live:
    """A campaign that is under way, or held: what it sent lately, and when the next message may go.

    `next_at` is None when nothing says when: it is paused, or waits for what people do.
    """

    report: CampaignReport
    per_minute: float
    last_hour: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who wrote, and whom nobody has answered."""

    conversation: Conversation
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Health:
    """Senders with their state; hosts whose calendar is elsewhere, with why a meeting of today could not be written."""

    senders: Sequence[tuple[Sender, SenderState]]
    calendars: Sequence[tuple[Host, str]]


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What there is to begin with."""

    contacts: int
    campaigns: bool
    hosts: int


@dataclass(frozen=True, slots=True)
class Today:
    """Everything at once. `hours` are the messages that went in each of the last `HOURS`, the present one last."""

    live: Sequence[Live]
    more_live: int
    numbers: Numbers
    hours: Sequence[int]
    waiting: Sequence[Waiting]
    more_waiting: bool
    day: Day
    alarms: Alarms
    health: Health
    imports: Sequence[Import]
    dead_letters: int
    steps: FirstSteps


async def today(
    store: Store,
    imports: Imports,
    senders: Sequence[Sender],
    now: datetime,
    day: tuple[datetime, datetime],
    window: Window = Window.HOUR,
) -> Today:
    """What goes on at `now`; `day` is from when to when it is today, `window` what numbers are told of.

    Costs the same however many contacts and messages there are: counters, and the first of each list.
    """
    hosts = await hosts_by_id(store.hosts)
    (live, more), met, (waiting, more_waiting), under_way = await asyncio.gather(
        _live(store, senders, now), day_of(store, hosts, now, day), _waiting(store), _imports(imports)
    )
    told, hours, ringing, dead, steps = await asyncio.gather(
        numbers(store, NumbersWanted(window), now),
        _hours(store, now),
        alarms(store, now),
        _dead(store),
        _steps(store, hosts),
    )
    looked = await _health(store, senders, hosts, met, now)
    return Today(live, more, told, hours, waiting, more_waiting, met, ringing, looked, under_way, dead, steps)


def next_moment(found: CampaignReport, now: datetime) -> datetime | None:
    """When the next message of a campaign may go, as far as hours, limits and breakers say; None when they do not.

    By the decisions that a claim makes: the earliest opening of a lane, or the sender's next permit where one is open.
    """
    if found.campaign.state is not CampaignState.RUNNING or not found.totals.open:
        return None
    moments = []
    for lane in found.lanes:
        opens_at = now if lane.hours.open else lane.hours.changes_at
        serving = [one for one in found.senders if one.channel is lane.channel]
        ready = [
            max(one.next_permit_at, one.breaker.changes_at or now) if one.breaker.allowed == 0 else one.next_permit_at
            for one in serving
        ]
        if opens_at is not None and ready:
            moments.append(max(opens_at, min(ready)))
    return min(moments, default=None)


async def _live(store: Store, senders: Sequence[Sender], now: datetime) -> tuple[list[Live], int]:
    """Campaigns of people that run or are held, and those of the program that are held; how many more there are."""
    campaigns = [one for one in await store.campaigns.live() if _worth(one)]
    shown = sorted(campaigns, key=lambda one: (one.state is not CampaignState.RUNNING, -int(one.id)))[:MOST_CAMPAIGNS]
    reports = await asyncio.gather(*(report(store, one.id, now, senders) for one in shown))
    recent, hour = [
        {one.campaign_id: one.reading.figure.sent for one in found.by_campaign}
        for found in [await numbers(store, NumbersWanted(window), now) for window in (Window.FIVE_MINUTES, Window.HOUR)]
    ]
    live = [
        Live(
            one,
            recent.get(one.campaign.id, 0) / _MINUTES,
            hour.get(one.campaign.id, 0),
            next_moment(one, now),
        )
        for one in reports
    ]
    return live, len(campaigns) - len(shown)


def _worth(campaign: Campaign) -> bool:
    if campaign.standing:
        return campaign.state is CampaignState.PAUSED
    return campaign.state in (CampaignState.RUNNING, CampaignState.PAUSED)


async def _hours(store: Store, now: datetime) -> list[int]:
    """Messages that went, hour by hour; of campaigns that live, and of the newest others."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    first = this_hour - (HOURS - 1) * _HOUR
    newest = await store.campaigns.page(None, MOST_CAMPAIGNS)
    ids = {one.id for one in chain(newest, await store.campaigns.live()) if one.started_at is not None}
    sums: Counter[datetime] = Counter()
    for tallies in await asyncio.gather(*(store.campaigns.hours(one, first) for one in sorted(ids))):
        for one in tallies:
            if one.event == HourlyEvent.SENT:
                sums[one.hour_at] += one.count
    return [sums[first + number * _HOUR] for number in range(HOURS)]


async def _waiting(store: Store) -> tuple[list[Waiting], bool]:
    found = await store.inbox.conversations(None, MOST_CONVERSATIONS + 1, unhandled=True)
    shown = found[:MOST_CONVERSATIONS]
    contacts = await asyncio.gather(*(_known(store, one.contact_id) for one in shown))
    waiting = [Waiting(one, contact) for one, contact in zip(shown, contacts, strict=True)]
    return waiting, len(found) > MOST_CONVERSATIONS


async def _known(store: Store, contact_id: str | None) -> Contact | None:
    return None if contact_id is None else await known_contact(store.contacts, contact_id)


async def _health(
    store: Store, senders: Sequence[Sender], hosts: Mapping[str, Host], met: Day, now: datetime
) -> Health:
    looked = [(one, await look_at(store.ledger, one, now)) for one in senders]
    elsewhere = [one for one in hosts.values() if one.active and one.calendar.kind is not CalendarKind.LOCAL]
    return Health(looked, [(one, met.faults.get(one.id, "")) for one in elsewhere])


async def _imports(imports: Imports) -> list[Import]:
    """Those that are under way."""
    under_way = (ImportState.ANNOUNCED, ImportState.RUNNING)
    return [one for one in await imports.page(None, MOST_IMPORTS) if one.state in under_way]


async def _dead(store: Store) -> int:
    return sum(one.count for one in await summary(store, None))


async def _steps(store: Store, hosts: Mapping[str, Host]) -> FirstSteps:
    contacts = sum(one.contacts for one in await store.contacts.lists())
    campaigns = any(not one.standing for one in await store.campaigns.page(None, MOST_CAMPAIGNS))
    return FirstSteps(contacts, campaigns, len(hosts))
