"""What every store of campaigns does; each check gets an empty scene."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.domain.campaign import CAMPAIGN_LIFECYCLE, Campaign, CampaignEvent, CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, NotFoundError, TransitionError
from disparo.domain.message import MessageEvent
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.settlement import Settlement
from disparo.domain.waiting import parse_wait
from disparo.ports.campaigns import HourTally, Tally
from tests.contract.scene import HOUR, MINUTE, NOW, SECOND, Scene, later_word, speaks_of

Check = Callable[[Scene], Awaitable[None]]
E, S = CampaignEvent, CampaignState
WAY_TO = {
    S.DRAFT: (),
    S.RUNNING: (E.START,),
    S.PAUSED: (E.START, E.PAUSE),
    S.COMPLETED: (E.START, E.COMPLETE),
    S.CANCELLED: (E.CANCEL,),
}
FULL = {
    "list": "clientes",
    "deadline": "9d",
    "start_at": "2026-11-24T08:00:00-03:00",
    "timezone": "America/Manaus",
    "region": "BR-AM",
    "variables": {"empresa": "Padaria São João"},
    "limits": {"whatsapp": {"burst": 3, "hourly": 20, "daily": 50}},
    "hours": {"timezone": "America/Manaus", "startTime": "08:00", "endTime": "19:00", "workingDays": [1, 2, 3]},
}


async def ended(scene: Scene, name: str = "promo", people: int = 1) -> Campaign:
    """A running campaign whose messages are all settled."""
    campaign = await scene.begin(people, name)
    await scene.settle(*(later_word(row.id, MessageEvent.ACCEPT) for row in await scene.rows(campaign)))
    return campaign


async def check_a_campaign_comes_back_as_it_was_added(scene: Scene) -> None:
    added = await scene.draft("promo", steps=3, **FULL)
    assert added.id
    assert (added.state, added.started_at, added.ended_at, added.launched) == (S.DRAFT, None, None, False)
    for store in (scene.store, scene.other):
        assert await store.campaigns.get("promo") == added
        assert await store.campaigns.get(added.id) == added


async def check_a_name_is_taken_once(scene: Scene) -> None:
    first = await scene.draft("promo")
    with pytest.raises(InputError, match="promo"):
        await scene.draft("promo", steps=2)
    assert await scene.store.campaigns.all() == [first]
    assert (await scene.draft("promo2")).id != first.id


async def check_what_is_not_there_is_not_found(scene: Scene) -> None:
    await scene.draft()
    for name in ("outra", "999", "", "Promo"):
        with pytest.raises(NotFoundError):
            await scene.store.campaigns.get(name)
    with pytest.raises(NotFoundError):
        await scene.store.campaigns.apply("999", E.START, NOW)


async def check_the_newest_comes_first(scene: Scene) -> None:
    made = [await scene.draft(f"c{number}") for number in range(3)]
    assert await scene.store.campaigns.all() == made[::-1]


async def check_every_event_in_every_state(scene: Scene) -> None:
    for state, events in WAY_TO.items():
        for event in E:
            campaign = await scene.draft(f"{state}-{event}")
            for one in events:
                campaign = await scene.store.campaigns.apply(campaign.id, one, NOW)
            assert campaign.state is state
            if CAMPAIGN_LIFECYCLE.allows(state, event):
                moved = await scene.store.campaigns.apply(campaign.id, event, NOW + HOUR)
                assert moved.state is CAMPAIGN_LIFECYCLE.after(state, event)
                assert (moved.ended_at is None) or moved.state in (S.COMPLETED, S.CANCELLED)
                assert moved.state is not S.COMPLETED or moved.ended_at == NOW + HOUR
                assert await scene.other.campaigns.get(campaign.id) == moved
            else:
                before = await scene.store.campaigns.get(campaign.id)
                with pytest.raises(TransitionError):
                    await scene.store.campaigns.apply(campaign.id, event, NOW + HOUR)
                assert await scene.store.campaigns.get(campaign.id) == before


async def check_the_start_is_remembered_through_pauses(scene: Scene) -> None:
    campaign = await scene.start()
    assert campaign.started_at == NOW
    for number, event in enumerate((E.PAUSE, E.RESUME, E.CANCEL), 1):
        campaign = await scene.store.campaigns.apply(campaign.id, event, NOW + number * HOUR)
        assert (campaign.started_at, campaign.ended_at) == (NOW, None)


async def check_a_draft_that_is_cancelled_has_ended(scene: Scene) -> None:
    campaign = await scene.draft()
    cancelled = await scene.store.campaigns.apply(campaign.id, E.CANCEL, NOW)
    assert (cancelled.started_at, cancelled.ended_at) == (None, NOW)
    assert await scene.store.campaigns.live() == []


async def check_every_change_raises_the_campaigns_own_revision(scene: Scene) -> None:
    campaign = await scene.draft()
    seen = [campaign.revision]
    for event in (E.START, E.PAUSE, E.RESUME):
        seen.append((await scene.store.campaigns.apply(campaign.id, event, NOW)).revision)
    seen.append((await scene.store.campaigns.replace(campaign)).revision)
    assert seen == sorted(set(seen))


async def check_live_ones_have_started_and_not_ended(scene: Scene) -> None:
    await scene.draft("rascunho")
    running = await scene.start("rodando")
    paused = await scene.start("pausada")
    cancelled = await scene.start("cancelada")
    done = await ended(scene, "completa")
    await scene.store.campaigns.apply(paused.id, E.PAUSE, NOW)
    await scene.store.campaigns.apply(cancelled.id, E.CANCEL, NOW)
    assert await scene.store.campaigns.conclude(done.id, NOW)
    assert [one.id for one in await scene.store.campaigns.live()] == [running.id, paused.id, cancelled.id]
    assert await scene.store.campaigns.conclude(cancelled.id, NOW)
    assert [one.id for one in await scene.store.campaigns.live()] == [running.id, paused.id]


async def check_a_running_campaign_changes_its_ways(scene: Scene) -> None:
    campaign = await scene.begin(1, steps=2)
    steps = (campaign.steps[0], replace(campaign.steps[1], wait=parse_wait("3d"), stop_on_reply=False))
    wanted = replace(
        campaign, steps=steps, limits={Channel.WHATSAPP: Limits(burst=7)}, variables={"x": "y"}, deadline=120 * HOUR
    )
    changed = await scene.store.campaigns.replace(wanted)
    assert changed == replace(wanted, revision=changed.revision)
    assert await scene.other.campaigns.get("promo") == changed
    assert (changed.state, changed.started_at, changed.launched) == (S.RUNNING, NOW, True)


async def check_a_running_campaign_keeps_its_steps_its_list_and_its_name(scene: Scene) -> None:
    campaign = await scene.start(steps=2)
    one, two = campaign.steps
    refused = (
        replace(campaign, steps=(one,)),
        replace(campaign, steps=(one, two, one)),
        replace(campaign, steps=(two, one)),
        replace(campaign, steps=(one, replace(two, channel=Channel.SMS))),
        replace(campaign, list_name="outra"),
        replace(campaign, name="outro"),
    )
    for wanted in refused:
        with pytest.raises(InputError):
            await scene.store.campaigns.replace(wanted)
    assert await scene.store.campaigns.get(campaign.id) == campaign


async def check_a_draft_may_change_its_steps_and_its_list(scene: Scene) -> None:
    campaign = await scene.draft(steps=1)
    wanted = replace(await scene.draft("modelo", steps=3), id=campaign.id, name="promo", list_name="outra")
    changed = await scene.store.campaigns.replace(wanted)
    assert (changed.id, changed.name, changed.list_name, len(changed.steps)) == (campaign.id, "promo", "outra", 3)
    assert changed.state is S.DRAFT


async def check_no_campaign_changes_its_name(scene: Scene) -> None:
    campaign = await scene.draft()
    with pytest.raises(InputError):
        await scene.store.campaigns.replace(replace(campaign, name="novo"))
    assert await scene.store.campaigns.get("promo") == campaign


async def check_the_audience_is_the_list_as_it_is_at_the_start(scene: Scene) -> None:
    campaign = await scene.draft()
    people = await scene.people(2, "promo")
    campaign = await scene.store.campaigns.apply(campaign.id, E.START, NOW)
    await scene.people(1, "promo")
    assert [one.id for one in (await scene.store.ledger.launch_page(campaign, 9)).contacts] == people


async def check_a_campaign_is_concluded_once_when_nothing_is_open(scene: Scene) -> None:
    campaign = await ended(scene)
    assert await scene.store.campaigns.conclude(campaign.id, NOW + MINUTE)
    assert not await scene.other.campaigns.conclude(campaign.id, NOW + HOUR)
    done = await scene.store.campaigns.get("promo")
    assert (done.state, done.ended_at) == (S.COMPLETED, NOW + MINUTE)


async def check_an_open_message_keeps_a_campaign_open(scene: Scene) -> None:
    campaign = await scene.begin(1, steps=2)

    async def concluded() -> bool:
        return await scene.store.campaigns.conclude(campaign.id, NOW)

    assert not await concluded(), "due"
    message = await scene.one()
    assert not await concluded(), "sending"
    await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
    assert not await concluded(), "waiting"
    await scene.settle(later_word(message.id._replace(step=2), MessageEvent.CANCEL))
    assert await concluded()


async def check_a_doubt_keeps_a_campaign_open(scene: Scene) -> None:
    campaign = await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, MessageEvent.DOUBT, due_at=NOW))
    assert not await scene.store.campaigns.conclude(campaign.id, NOW)
    await scene.settle(speaks_of(message, MessageEvent.HOLD, reason="held_in_doubt"))
    assert await scene.store.campaigns.conclude(campaign.id, NOW)


async def check_a_campaign_that_is_not_launched_to_its_end_goes_on(scene: Scene) -> None:
    await scene.people(2, "promo")
    campaign = await scene.start()
    assert not await scene.store.campaigns.conclude(campaign.id, NOW)
    await scene.enter(campaign, limit=1)
    await scene.settle(later_word((await scene.rows(campaign))[0].id, MessageEvent.ACCEPT))
    assert not await scene.store.campaigns.conclude(campaign.id, NOW)


async def check_drafts_and_paused_campaigns_are_not_concluded(scene: Scene) -> None:
    draft = await scene.draft("rascunho")
    paused = await ended(scene)
    await scene.store.campaigns.apply(paused.id, E.PAUSE, NOW)
    for campaign in (draft, paused):
        assert not await scene.store.campaigns.conclude(campaign.id, NOW)
    await scene.store.campaigns.apply(paused.id, E.RESUME, NOW)
    assert await scene.store.campaigns.conclude(paused.id, NOW)


async def check_a_cancelled_campaign_ends_when_its_last_message_does(scene: Scene) -> None:
    campaign = await scene.begin(2)
    message = await scene.one()
    await scene.store.campaigns.apply(campaign.id, E.CANCEL, NOW)
    while await scene.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 10):
        pass
    assert not await scene.store.campaigns.conclude(campaign.id, NOW)
    await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
    assert await scene.store.campaigns.conclude(campaign.id, NOW + SECOND)
    done = await scene.store.campaigns.get("promo")
    assert (done.state, done.ended_at) == (S.CANCELLED, NOW + SECOND)


async def check_a_dead_letter_sent_again_meanwhile_keeps_the_campaign_open(scene: Scene) -> None:
    campaign = await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, MessageEvent.EXHAUST, reason="retries_used_up"))
    assert await scene.other.ledger.settle([Settlement(message.id, MessageEvent.REDRIVE, due_at=NOW)], NOW) == [True]
    assert not await scene.store.campaigns.conclude(campaign.id, NOW)
    assert (await scene.store.campaigns.get("promo")).state is S.RUNNING


async def check_a_reopened_campaign_is_live_and_ends_again(scene: Scene) -> None:
    campaign = await ended(scene)
    await scene.store.campaigns.conclude(campaign.id, NOW)
    reopened = await scene.other.campaigns.apply(campaign.id, E.REOPEN, NOW + HOUR)
    assert (reopened.state, reopened.ended_at, reopened.launched) == (S.RUNNING, None, True)
    assert [one.id for one in await scene.store.campaigns.live()] == [campaign.id]
    assert await scene.store.campaigns.conclude(campaign.id, NOW + 2 * HOUR)
    assert (await scene.store.campaigns.get("promo")).ended_at == NOW + 2 * HOUR


async def check_a_conclusion_and_a_change_raise_the_stores_revision(scene: Scene) -> None:
    campaign = await ended(scene)
    before = await scene.other.ledger.revision()
    await scene.store.campaigns.conclude(campaign.id, NOW)
    concluded = await scene.other.ledger.revision()
    assert concluded > before
    assert not await scene.store.campaigns.conclude(campaign.id, NOW)
    assert await scene.other.ledger.revision() == concluded, "what did nothing gives nobody work"


async def check_counters_by_step_state_and_reason(scene: Scene) -> None:
    campaign = await scene.begin(3, steps=2)
    first, second = (await scene.claim(2)).messages
    await scene.settle(
        speaks_of(first, MessageEvent.ACCEPT, reason="ignored"),
        speaks_of(second, MessageEvent.REJECT, reason="address_unknown"),
        Settlement(second.id._replace(step=2), MessageEvent.CANCEL, reason="replied"),
    )
    assert await scene.store.campaigns.tally(campaign.id) == [
        Tally(1, "accepted", "", 1),
        Tally(1, "due", "", 1),
        Tally(1, "failed", "address_unknown", 1),
        Tally(2, "cancelled", "replied", 1),
        Tally(2, "waiting", "", 2),
    ]
    assert await scene.store.campaigns.tally((await scene.draft("outra")).id) == []


async def check_counters_of_many_campaigns_at_once(scene: Scene) -> None:
    one, two = await scene.begin(2, "um"), await scene.begin(1, "dois")
    empty = await scene.draft("vazia")
    found = await scene.other.campaigns.tallies([two.id, empty.id, one.id, "999", two.id])
    assert found == {
        two.id: [Tally(1, "due", "", 1)],
        empty.id: [],
        one.id: [Tally(1, "due", "", 2)],
        "999": [],
    }
    assert await scene.store.campaigns.tallies([]) == {}


async def check_pages_of_campaigns_newest_first(scene: Scene) -> None:
    made = [await scene.draft(f"c{number}") for number in range(7)]
    started = await scene.store.campaigns.apply(made[1].id, E.START, NOW)
    newest_first = [made[6], made[5], made[4], made[3], made[2], started, made[0]]
    seen: list[Campaign] = []
    while page := await scene.other.campaigns.page(seen[-1].id if seen else None, 3):
        assert len(page) == 3 or len(seen) == 6
        seen += page
    assert seen == newest_first
    assert await scene.store.campaigns.page(None, 2, states=frozenset({S.RUNNING, S.PAUSED})) == [started]
    assert await scene.store.campaigns.page(made[3].id, 2, states=frozenset({S.DRAFT})) == [made[2], made[0]]
    assert await scene.store.campaigns.page(None, 9, states=frozenset()) == []


async def check_what_happened_is_counted_in_its_hour(scene: Scene) -> None:
    campaign = await scene.begin(4, steps=1)
    one, two, three, four = (await scene.claim(4)).messages
    late = NOW + 90 * MINUTE
    await scene.settle(
        speaks_of(one, MessageEvent.ACCEPT),
        speaks_of(two, MessageEvent.ACCEPT),
        speaks_of(three, MessageEvent.REJECT, reason="address_unknown"),
        speaks_of(four, MessageEvent.EXHAUST, reason="retries_used_up"),
        at=NOW + 59 * MINUTE,
    )
    await scene.settle(later_word(one.id, MessageEvent.READ), later_word(two.id, MessageEvent.REJECT), at=late)
    await scene.settle(later_word(one.id, MessageEvent.DELIVER), at=late)  # late, and no news
    assert await scene.store.ledger.note(one.id, "replied", "Oi", "p:1", late)
    assert not await scene.store.ledger.note(one.id, "replied", "Oi", "p:1", late)
    await scene.settle(later_word(four.id, MessageEvent.REDRIVE), at=late)
    first, second = NOW, NOW + HOUR
    expected = [
        HourTally(first, 1, "dead", 1),
        HourTally(first, 1, "failed", 1),
        HourTally(first, 1, "sent", 2),
        HourTally(second, 1, "bounced", 1),
        HourTally(second, 1, "delivered", 1),
        HourTally(second, 1, "read", 1),
        HourTally(second, 1, "replied", 1),
        HourTally(second, 1, "revived", 1),
    ]
    hours = scene.other.campaigns.hours
    assert await hours(campaign.id) == expected
    assert await hours(campaign.id, first, second) == expected[:3]
    assert await hours(campaign.id, first + SECOND) == expected[3:]
    assert await hours(campaign.id, None, first) == []
    assert await hours((await scene.draft("outra")).id) == []


async def check_a_note_named_like_a_change_of_state_counts_as_none(scene: Scene) -> None:
    """Seed 386: an earlier copy bounced, which was noted on the next one, and counted as if that had."""
    campaign = await scene.begin(1, steps=1)
    one = await scene.one()
    for number, word in enumerate(("bounced", "failed", "sent")):
        assert await scene.store.ledger.note(one.id, word, "", f"p:{number}", NOW)
    assert await scene.store.campaigns.hours(campaign.id) == [HourTally(NOW, 1, "noted", 3)]
    tallies = {row.state: row.count for row in await scene.store.campaigns.tally(campaign.id)}
    assert tallies["noted"] == 3
    assert not tallies.keys() & {"bounced", "failed", "sent"}
    lines = [line.event for line in await scene.store.ledger.journal(one.id)]
    assert lines[-3:] == ["bounced", "failed", "sent"]


async def check_long_campaigns_keep_their_hours(scene: Scene) -> None:
    campaign = await scene.begin(1)
    message = (await scene.one()).id
    for number in range(70):  # more than what one write of counters holds, over two ends of a month
        at = NOW + number * 13 * HOUR
        await scene.store.ledger.note(message, "replied" if number % 2 else "opted_out", "", f"e{number}", at)
    found = await scene.store.campaigns.hours(campaign.id)
    assert [(one.hour_at, one.count) for one in found] == [(NOW + number * 13 * HOUR, 1) for number in range(70)]
    week = await scene.store.campaigns.hours(campaign.id, NOW + 130 * HOUR, NOW + 260 * HOUR)
    assert week == found[10:20]


async def check_the_deadline_counts_from_the_start(scene: Scene) -> None:
    draft = await scene.draft(deadline="2d")
    assert draft.expires_at is None
    started = await scene.store.campaigns.apply(draft.id, E.START, NOW + HOUR)
    assert started.expires_at == NOW + HOUR + timedelta(days=2)


SUITE: tuple[Check, ...] = tuple(check for name, check in globals().items() if name.startswith("check_"))
