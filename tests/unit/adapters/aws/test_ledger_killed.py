"""A process is killed before and after every write of every act; another goes on, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from disparo.adapters.aws.ledger_keys import is_row
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CONTROL, LEDGER
from disparo.domain.campaign import CampaignEvent
from disparo.domain.message import SETTLED, Claimed, MessageEvent, MessageId, MessageState
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import FollowUp, Settlement
from disparo.domain.suppression import Suppression
from disparo.domain.ticket import Ticket
from disparo.simulation.memory_tables import MemoryTables
from tests.contract.scene import HOUR, MINUTE, NOW, SECOND, WHATSAPP, Scene, later_word, phone_of, speaks_of
from tests.unit.adapters.aws.killing import killed_everywhere

PEOPLE = 3
BURST = 2
FRAIL = replace(WHATSAPP, limits=Limits(burst=BURST), breaker=BreakerPolicy(2, MINUTE))
HALF_OPEN = NOW + 2 * MINUTE


@dataclass
class Stage(Scene):
    """A scene on tables; the acting process dies, `other` goes on."""

    tables: MemoryTables = field(default_factory=MemoryTables)
    claimed: list[Claimed] = field(default_factory=list)
    """What was claimed before the act, or by it if it lived to say so."""

    def __post_init__(self) -> None:
        super().__init__(open_store(self.tables), open_store(self.tables.sibling()))

    def on(self, tables: MemoryTables) -> Stage:
        """The same stage from a process with its own handle."""
        return Stage(tables, self.claimed)


Act = Callable[[Stage], Awaitable[object]]


async def _entered(stage: Stage) -> None:
    await stage.begin(PEOPLE, steps=3)


async def _unlaunched(stage: Stage) -> None:
    await stage.people(PEOPLE, "promo")
    await stage.start(steps=3)


async def _claimed(stage: Stage) -> None:
    await _entered(stage)
    stage.claimed.extend((await stage.claim(PEOPLE)).messages)


async def _ahead(stage: Stage) -> None:
    await _entered(stage)
    stage.claimed.extend((await stage.claim(PEOPLE, horizon=MINUTE)).messages)


async def _half_open(stage: Stage) -> None:
    await _entered(stage)
    claim = await stage.claim(2, sender=FRAIL)
    await stage.settle(*(_fault(one) for one in claim.messages))


async def _dead(stage: Stage) -> None:
    await _claimed(stage)
    await stage.settle(*(speaks_of(one, MessageEvent.EXHAUST) for one in stage.claimed))


async def _cancelled(stage: Stage) -> None:
    await _ahead(stage)
    await stage.store.campaigns.apply("1", CampaignEvent.CANCEL, NOW)


async def _settled(stage: Stage) -> None:
    await _claimed(stage)
    await _finish(stage, NOW)


def _fault(one: Claimed) -> Settlement:
    again = NOW + MINUTE
    return speaks_of(one, MessageEvent.RETRY, due_at=again, sender=FRAIL, heard=True, failure=FailureClass.TRANSIENT)


def _accepted(one: Claimed) -> Settlement:
    follow = [FollowUp(3, MessageEvent.PROMOTE, due_at=NOW), FollowUp(2, MessageEvent.CANCEL, "skipped")]
    return speaks_of(one, MessageEvent.ACCEPT, follow_ups=follow if one.id.step == 1 else (), sender=FRAIL, heard=True)


async def _finish(stage: Stage, now: datetime) -> None:
    """Send all that there is, and end the rest."""
    rows = await stage.rows(await stage.store.campaigns.get("promo"))
    unsent = [one for one in rows if one.state in (MessageState.WAITING, MessageState.DUE)]
    cancels = [Settlement(one.id, MessageEvent.CANCEL, one.attempts, "over") for one in unsent]
    await stage.settle(*(_accepted(one) for one in stage.claimed), *cancels, at=now)
    rows = await stage.rows(await stage.store.campaigns.get("promo"))
    rest = [Settlement(one.id, MessageEvent.CANCEL, one.attempts, "over") for one in rows if one.state not in SETTLED]
    await stage.settle(*rest, at=now)


async def _enroll(stage: Stage) -> None:
    await stage.enter(await stage.store.campaigns.get("promo"))


async def _claim(stage: Stage) -> None:
    stage.claimed.extend((await stage.claim(PEOPLE, sender=FRAIL)).messages)


async def _claim_ahead(stage: Stage) -> None:
    stage.claimed.extend((await stage.claim(PEOPLE, sender=FRAIL, horizon=2 * MINUTE)).messages)


async def _probe(stage: Stage) -> None:
    stage.claimed.extend((await stage.claim(PEOPLE, HALF_OPEN, sender=FRAIL)).messages)


async def _probe_ahead(stage: Stage) -> None:
    stage.claimed.extend((await stage.claim(PEOPLE, HALF_OPEN, sender=FRAIL, horizon=MINUTE)).messages)


async def _begin(stage: Stage) -> None:
    for one in stage.claimed:
        found = await stage.store.ledger.pick_up(Ticket.of(one), NOW)
        assert found is None or await stage.store.ledger.begin(found, NOW)


async def _accept(stage: Stage) -> None:
    await stage.settle(*(_accepted(one) for one in stage.claimed))


async def _fail(stage: Stage) -> None:
    await stage.settle(*(_fault(one) for one in stage.claimed))


async def _redrive(stage: Stage) -> None:
    ids = [one.id for one in stage.claimed]
    await stage.settle(*(replace(later_word(one, MessageEvent.REDRIVE), due_at=NOW) for one in ids))


async def _two_in_a_queue(stage: Stage) -> None:
    """Third steps are promoted, and the first ones sent again beside them: places beside the items."""
    thirds = [one.id._replace(step=3) for one in stage.claimed]
    await stage.settle(*(replace(later_word(one, MessageEvent.PROMOTE), due_at=NOW) for one in thirds))
    await _redrive(stage)


async def _note(stage: Stage) -> None:
    for one in stage.claimed:
        for number in range(4):
            await stage.store.ledger.note(one.id, "replied", "Oi " * 250, f"p:{one.id}:{number}", NOW)


async def _lapse(stage: Stage) -> None:
    while await stage.store.ledger.lapse(NOW + WHATSAPP.lease, 2):
        pass
    await stage.store.ledger.next_watch()


async def _sweep(stage: Stage) -> None:
    campaign = await stage.store.campaigns.get("promo")
    while await stage.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 2):
        pass


async def _conclude(stage: Stage) -> None:
    await stage.store.campaigns.conclude("1", NOW)


async def _suppress(stage: Stage) -> None:
    stops = [Suppression(phone_of(number), None, "opted_out", "reply", NOW) for number in range(PEOPLE)]
    await stage.store.suppressions.add(stops)


ACTS: dict[str, tuple[Act, Act]] = {
    "enroll": (_unlaunched, _enroll),
    "claim": (_entered, _claim),
    "claim ahead": (_entered, _claim_ahead),
    "probe": (_half_open, _probe),
    "probe ahead": (_half_open, _probe_ahead),
    "begin": (_ahead, _begin),
    "accept": (_claimed, _accept),
    "fail": (_claimed, _fail),
    "redrive": (_dead, _redrive),
    "two in a queue": (_dead, _two_in_a_queue),
    "note": (_claimed, _note),
    "lapse": (_claimed, _lapse),
    "lapse ahead": (_ahead, _lapse),
    "sweep": (_cancelled, _sweep),
    "conclude": (_settled, _conclude),
    "suppress": (_ahead, _suppress),
}
AGAIN = frozenset({"enroll", "redrive", "note", "lapse", "lapse ahead", "sweep", "conclude", "suppress"})
"""What the next process does again; the others are over with their process."""


@pytest.mark.parametrize("name", ACTS)
def test_whoever_is_killed_another_brings_all_to_its_end(name: str) -> None:
    scene_of, act = ACTS[name]

    async def story() -> None:
        stages: list[Stage] = []

        async def scene() -> MemoryTables:
            stages.append(Stage())
            await scene_of(stages[-1])
            return stages[-1].tables

        async def kill(tables: MemoryTables) -> object:
            return await act(stages[-1].on(tables))

        async def after(tables: MemoryTables) -> None:
            stage = stages[-1].on(tables)
            if name in AGAIN:
                await act(stage)
            if name == "suppress":
                assert not (await stage.claim(9, NOW + HOUR)).messages, "an opt-out wins (I5)"
            if name == "note":
                for one in stage.claimed:
                    lines = await stage.store.ledger.journal(one.id)
                    assert [line.event for line in lines] == ["replied"] * 4, "each once (I11)"
            await _to_the_end(stage)

        assert await killed_everywhere(scene, kill, after) >= 2

    asyncio.run(story())


async def _to_the_end(stage: Stage) -> None:
    """A second process does what the engine does, for some hours; then nothing may be left of anything."""
    ledger, sent = stage.other.ledger, Counter[MessageId]()
    permits = [one.permit_at for one in stage.claimed if one.sender == FRAIL.name]
    for turn in range(60):
        now = NOW + 3 * MINUTE + turn * 61 * SECOND
        campaign = await stage.other.campaigns.get("promo")
        if campaign.ended_at is not None:
            break
        if campaign.state == "running" and not campaign.launched:
            await Scene(stage.other, stage.store).enter(campaign)
        if campaign.state == "cancelled":
            await ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", now, 9)
        await ledger.lapse(now, 99)
        for doubt in await ledger.doubts(now, 99):
            one = doubt.record
            back = Settlement(one.id, MessageEvent.RELEASE, one.attempts, "never_arrived", due_at=now)
            await ledger.settle([back], now)
        claim = await stage.claim(9, now, sender=FRAIL, store=stage.other)
        permits += [one.permit_at for one in claim.messages]
        for message in claim.messages:
            assert await ledger.clear_to_send(message, FRAIL, now) is None
            sent[message.id] += 1
        assert all(await ledger.settle([_accepted(one) for one in claim.messages], now))
        await _mend(stage, now)
        await stage.other.campaigns.conclude("1", now)
    await _nothing_is_left(stage)
    assert max(sent.values(), default=1) == 1, "nobody is messaged twice (I2)"
    permits = sorted(permit for permit in permits if permit > NOW + 3 * MINUTE)
    for first, later in zip(permits, permits[BURST:], strict=False):
        assert later - first >= MINUTE + MOMENT_TOLERANCE, "never above a limit (I4)"


async def _mend(stage: Stage, now: datetime) -> None:
    """Whoever waits behind a step that has ended is let go: here, cancelled."""
    rows = await stage.rows(await stage.other.campaigns.get("promo"))
    under_way = {one.id.contact_id for one in rows if one.state not in (*SETTLED, MessageState.WAITING)}
    waiting = [one for one in rows if one.state is MessageState.WAITING and one.id.contact_id not in under_way]
    cancels = [Settlement(one.id, MessageEvent.CANCEL, one.attempts, "over") for one in waiting]
    await stage.other.ledger.settle(cancels, now)


async def _nothing_is_left(stage: Stage) -> None:
    campaign = await stage.other.campaigns.get("promo")
    rows = await stage.rows(campaign)
    assert campaign.ended_at is not None, "nothing is lost, so it ends (I1)"
    assert len(rows) == 3 * PEOPLE and all(one.state in SETTLED for one in rows)
    await stage.other.ledger.lapse(NOW + 99 * HOUR, 99)
    await stage.other.ledger.lapse(NOW + 99 * HOUR, 99)
    assert await stage.other.ledger.next_watch() is None
    left = [item for item in await stage.tables.scan(CONTROL) if str(item["pk"]).startswith("lease")]
    assert left == [], "no lease"
    items = [item for item in await stage.tables.scan(LEDGER) if not str(item.get("lane", "")).startswith("trouble#")]
    assert [item for item in items if "lane" in item or (not is_row(item) and "#J" not in str(item["sk"]))] == []
    await stage.check_tallies()
