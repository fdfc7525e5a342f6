"""Claims of several workers on one store: every window of every limit holds, and no more than 2 % of it is lost.

What was given is counted from the permits of the claimed messages by a sliding window of its own. A message may leave
up to 999 ms after its permit, so two permits count as one window's when they are less than that much further apart.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import CampaignEvent
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.lane import OpenLane
from disparo.domain.message import MessageState
from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.sender import Sender
from disparo.ports.ledger import Claim, ClaimRequest, NewMessage
from disparo.ports.store import Store

MONDAY = to_ms(datetime(2026, 11, 23, 13, 0, tzinfo=UTC))
SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
LATEST_SEND = 999
HOME = Place("America/Sao_Paulo")


def windows_of(limits: Limits) -> list[tuple[int, int]]:
    """(limit, length); our own table: a burst is a minute's."""
    named = ((limits.burst, MINUTE), (limits.hourly, HOUR), (limits.daily, DAY))
    return [(limit, length) for limit, length in named if limit is not None]


@dataclass
class Installation:
    """One store in memory, and as many connections to it as there are workers."""

    workers: int
    campaigns: int
    people: int
    databases: list[Database] = field(default_factory=list)
    given: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Permits in order of time: of the sender (""), and of each campaign."""
    lane_of: dict[str, int] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    async def open(self) -> None:
        self.databases = [Database(None)]
        for _ in range(self.workers - 1):
            self.databases.append(self.databases[0].sibling())
        store = open_store(self.databases[0])
        for number in range(self.campaigns):
            await self._begin(store, f"c{number}")

    async def _begin(self, store: Store, name: str) -> None:
        drafts = [
            ContactDraft(f"{name}.csv:{row}", HOME, email=f"p{row}@x.com", email_key=f"p{row}@x.com")
            for row in range(self.people)
        ]
        await store.contacts.fold(name, drafts)
        document = {"name": name, "list": name, "steps": [{"channel": "sms", "text": "Oi"}]}
        draft = await store.campaigns.add(parse_campaign(document, created_at=from_ms(MONDAY)))
        campaign = await store.campaigns.apply(draft.id, CampaignEvent.START, from_ms(MONDAY))
        page = await store.ledger.launch_page(campaign, self.people + 1)
        rows = [
            NewMessage(one.id, 1, Channel.SMS, HOME, MessageState.DUE, 5, from_ms(MONDAY - 365 * DAY))
            for one in page.contacts
        ]
        await store.ledger.enroll(campaign, page, rows, from_ms(MONDAY))
        self.lane_of |= {one.campaign_id: one.id for one in await store.ledger.lanes()}

    def restart(self, worker: int) -> None:
        """The worker dies and another begins."""
        fresh = self.databases[(worker + 1) % self.workers].sibling()
        self.databases[worker].close()
        self.databases[worker] = fresh

    async def claim(self, worker: int, sender: Limits, own: Sequence[Limits], count: int, now: int) -> Claim:
        """Claim, and check every window in which a permit was given."""
        ledger = open_store(self.databases[worker]).ledger
        lanes = [
            OpenLane(lane, campaign, None, (5,), limits)
            for (campaign, lane), limits in zip(self.lane_of.items(), own, strict=True)
        ]
        whole = Sender("sms", Channel.SMS, sender, lease=timedelta(days=900))
        claim = await ledger.claim(ClaimRequest(whole, lanes, count, from_ms(now), await ledger.revision()))
        assert len(claim.messages) <= count
        limits = {"": sender, **dict(zip(self.lane_of, own, strict=True))}
        touched = {""}
        for message in claim.messages:
            assert str(message.id) not in self.seen, "claimed twice"
            self.seen.add(str(message.id))
            touched.add(message.id.campaign_id)
            for name in ("", message.id.campaign_id):
                self.given[name].append(to_ms(message.permit_at))
        if claim.messages:
            for name in touched:
                check_latest(self.given[name], limits[name])
        return claim

    def close(self) -> None:
        for database in self.databases:
            database.close()


def check_latest(permits: list[int], limits: Limits) -> None:
    """No window that ends with the latest permit holds more than its limit."""
    assert permits == sorted(permits), "permits never go back"
    for limit, length in windows_of(limits):
        near = [at for at in permits[-limit - 1 :] if permits[-1] - at < length + LATEST_SEND]
        assert len(near) <= limit


def limits_up_to(burst: int, hourly: int, daily: int) -> st.SearchStrategy[Limits]:
    return st.builds(
        Limits,
        burst=st.none() | st.integers(1, burst),
        hourly=st.none() | st.integers(1, hourly),
        daily=st.none() | st.integers(1, daily),
    )


LIMITS = limits_up_to(6, 15, 30)
GAPS = st.sampled_from([0, 1, SECOND, MINUTE - 1, MINUTE, MINUTE + SECOND, HOUR, HOUR + SECOND, DAY]) | st.integers(
    0, 3 * MINUTE
)


@dataclass(frozen=True)
class Ask:
    """A worker asks, `gap` after the one before it (`back`: its clock is behind), or when the store said (`waits`)."""

    worker: int
    count: int
    gap: int
    back: int = 0
    waits: bool = False
    restarts: bool = False
    sender: Limits | None = None
    own: Limits | None = None
    """New limits from here on: of the sender, and of one campaign."""


ASKS = st.lists(
    st.builds(
        Ask,
        worker=st.integers(0, 3),
        count=st.integers(1, 12),
        gap=GAPS,
        back=st.just(0) | st.integers(0, 2 * MINUTE),
        waits=st.booleans(),
        restarts=st.integers(0, 9).map(lambda draw: draw == 0),
        sender=st.none() | st.none() | LIMITS,
        own=st.none() | st.none() | LIMITS,
    ),
    min_size=5,
    max_size=40,
)


@settings(deadline=None)
@given(workers=st.integers(1, 4), campaigns=st.integers(1, 3), sender=LIMITS, own=LIMITS, asks=ASKS)
def test_rolling_limits_hold_for_every_window_with_several_workers(
    workers: int, campaigns: int, sender: Limits, own: Limits, asks: list[Ask]
) -> None:
    async def story() -> None:
        house = Installation(workers, campaigns, people=80)
        await house.open()
        limits, owns, now = sender, [own] * campaigns, MONDAY
        for number, ask in enumerate(asks):
            worker = ask.worker % workers
            if ask.restarts and workers > 1:
                house.restart(worker)
            limits = ask.sender or limits
            if ask.own is not None:
                owns[number % campaigns] = ask.own
            claim = await house.claim(worker, limits, owns, ask.count, now - ask.back)
            now += ask.gap
            if ask.waits and claim.next_at is not None:
                now = max(now, to_ms(claim.next_at))
        house.close()

    asyncio.run(story())


SATURABLE = limits_up_to(12, 120, 240).filter(lambda limits: bool(windows_of(limits)))


@dataclass(frozen=True)
class Saturated:
    """A run with more to send than its limits let through, of `length` ms."""

    limits: Limits
    of_campaigns: bool
    workers: int
    count: int
    lags: list[int]

    @property
    def length(self) -> int:
        """Every limited window comes round a few times; a minute's often enough that its first one decides nothing."""
        shortest, longest = (f(length for _, length in windows_of(self.limits)) for f in (min, max))
        return min(3 * longest, 120 * shortest)

    @property
    def allowed(self) -> float:
        """What the limits let through in that time, if they were a steady stream."""
        return min(max(self.length / length, 1) * limit for limit, length in windows_of(self.limits))


SATURATED = st.builds(
    Saturated,
    limits=SATURABLE,
    of_campaigns=st.booleans(),
    workers=st.integers(1, 4),
    count=st.integers(5, 40),
    lags=st.lists(st.integers(0, 3), min_size=1, max_size=7),
)


@settings(settings.get_profile("fast"), max_examples=25)
@given(run=SATURATED)
def test_a_run_limited_by_its_limits_alone_uses_at_least_98_percent_of_them(run: Saturated) -> None:
    """Limited by its sender's limits, or by those of each of its two campaigns."""
    sender, own, campaigns = (Limits(), run.limits, 2) if run.of_campaigns else (run.limits, Limits(), 2)

    async def story() -> int:
        house = Installation(run.workers, campaigns, people=int(run.allowed) + 400)
        await house.open()
        now, turn, end = MONDAY, 0, MONDAY + run.length
        while now < end:
            claim = await house.claim(turn % run.workers, sender, [own] * campaigns, run.count, now)
            assert claim.next_at is not None, "there is always more to send"
            # Full claims are asked again at once, as workers do; others a little after the instant they were told.
            if (later := to_ms(claim.next_at)) > now:
                now = later + run.lags[turn % len(run.lags)]
            turn += 1
        permits = sum(1 for at in house.given[""] if at < end)
        house.close()
        return permits

    assert asyncio.run(story()) >= 0.98 * run.allowed * (campaigns if run.of_campaigns else 1)


def test_the_counter_finds_a_window_that_is_one_too_full() -> None:
    check_latest([0, 0, MINUTE + LATEST_SEND], Limits(burst=2))
    for overfull in ([0, 0, MINUTE + LATEST_SEND - 1], [0, 1, 2]):
        with pytest.raises(AssertionError):
            check_latest(overfull, Limits(burst=2))
