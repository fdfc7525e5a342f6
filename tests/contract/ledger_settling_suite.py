"""What every ledger does with what happened to messages; each check gets an empty scene."""

from __future__ import annotations

from disparo.domain.campaign import Campaign
from disparo.domain.message import MESSAGE_LIFECYCLE, MessageEvent, MessageId, MessageState
from disparo.domain.settlement import FollowUp, Settlement
from tests.contract.scene import HOUR, MINUTE, NOW, SECOND, Scene, later_word, speaks_of

E, S = MessageEvent, MessageState
WAY_TO = {
    S.WAITING: None,
    S.DUE: (),
    S.SENDING: (E.CLAIM, E.BEGIN),
    S.IN_DOUBT: (E.CLAIM, E.BEGIN, E.DOUBT),
    S.ACCEPTED: (E.ACCEPT,),
    S.DELIVERED: (E.DELIVER,),
    S.READ: (E.READ,),
    S.FAILED: (E.CLAIM, E.BEGIN, E.REJECT),
    S.DEAD: (E.CLAIM, E.BEGIN, E.EXHAUST),
    S.CANCELLED: (E.CANCEL,),
    S.EXPIRED: (E.EXPIRE,),
}
"""How a row that is due comes into each state; one that waits is another step's row."""
OF_SETTLEMENTS = [event for event in E if event not in (E.CLAIM, E.BEGIN)]


async def at_step(scene: Scene, campaign: Campaign, step: int) -> list[MessageId]:
    return [row.id for row in await scene.rows(campaign) if row.id.step == step]


async def check_rows_move_along_their_lifecycle_only(scene: Scene) -> None:
    """Every event in every state: what is no transition changes nothing."""
    campaign = await scene.begin(len(WAY_TO) * len(OF_SETTLEMENTS), steps=2)
    people = iter(zip(await at_step(scene, campaign, 1), await at_step(scene, campaign, 2), strict=True))
    way, trials, expected = [], [], []
    for state, events in WAY_TO.items():
        for event in OF_SETTLEMENTS:
            first, second = next(people)
            message_id = second if events is None else first
            way += [later_word(message_id, one) for one in events or ()]
            trials.append(later_word(message_id, event))
            expected.append((state, event, MESSAGE_LIFECYCLE.allows(state, event)))
    assert all(await scene.settle(*way))
    changed = await scene.settle(*trials, at=NOW + SECOND)
    assert changed == [allowed for *_, allowed in expected]
    for trial, (state, event, allowed) in zip(trials, expected, strict=True):
        row = await scene.store.ledger.get(trial.id)
        assert row.state == (MESSAGE_LIFECYCLE.after(state, event) if allowed else state)
        assert (row.changed_at == NOW + SECOND) is allowed


async def check_a_retry_waits_and_is_counted(scene: Scene) -> None:
    await scene.begin(1)
    for number in (1, 2):
        message = await scene.one(NOW + number * MINUTE)
        again_at = NOW + (number + 1) * MINUTE
        retry = speaks_of(message, E.RETRY, reason="transient", due_at=again_at, uses_retry=True)
        assert await scene.settle(retry) == [True]
        row = await scene.store.ledger.get(message.id)
        assert (row.state, row.due_at, row.retries_used, row.attempts) == (S.DUE, again_at, number, number)


async def check_waiting_is_not_failing(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, E.RETRY, reason="throttled", due_at=NOW))
    message = await scene.one()
    await scene.settle(speaks_of(message, E.RELEASE, reason="shutdown", due_at=NOW))
    assert (await scene.store.ledger.get(message.id)).retries_used == 0


async def check_a_redrive_starts_the_retries_anew(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, E.RETRY, due_at=NOW, uses_retry=True))
    message = await scene.one()
    await scene.settle(speaks_of(message, E.EXHAUST, reason="retries_used_up"))
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.reason, row.due_at, row.retries_used) == (S.DEAD, "retries_used_up", None, 1)
    assert await scene.settle(Settlement(message.id, E.REDRIVE, due_at=NOW)) == [True]
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.retries_used, row.due_at) == (S.DUE, 0, NOW)
    assert (await scene.one()).fence == 3


async def check_an_old_fence_decides_nothing(scene: Scene) -> None:
    await scene.begin(1)
    first = await scene.one()
    await scene.settle(speaks_of(first, E.RELEASE, due_at=NOW))
    second = await scene.one()
    for event in (E.RETRY, E.REJECT, E.EXHAUST, E.DOUBT, E.RELEASE, E.CANCEL):
        assert await scene.settle(speaks_of(first, event, due_at=NOW)) == [False], event
    row = await scene.store.ledger.get(second.id)
    assert (row.state, row.attempts, row.retries_used) == (S.SENDING, 2, 0)


async def check_late_evidence_counts_whatever_its_fence(scene: Scene) -> None:
    await scene.begin(6)
    claimed = (await scene.claim(6)).messages
    await scene.settle(*(speaks_of(one, E.RELEASE, due_at=NOW) for one in claimed))
    await scene.claim(3)
    events = (E.ACCEPT, E.DELIVER, E.READ) * 2
    assert await scene.settle(*(speaks_of(one, e) for one, e in zip(claimed, events, strict=True))) == [True] * 6
    states = [(await scene.store.ledger.get(one.id)).state for one in claimed]
    assert states == [S.ACCEPTED, S.DELIVERED, S.READ] * 2
    assert not (await scene.claim(9)).messages


async def check_a_message_held_in_doubt_may_turn_out_delivered(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, E.DOUBT, due_at=NOW), speaks_of(message, E.HOLD, reason="held_in_doubt"))
    assert (await scene.store.ledger.get(message.id)).reason == "held_in_doubt"
    assert await scene.settle(later_word(message.id, E.DELIVER, "x:1")) == [True]
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.reason) == (S.DELIVERED, "")


async def check_an_event_counts_once(scene: Scene) -> None:
    campaign = await scene.begin(2)
    first, _ = await at_step(scene, campaign, 1)
    assert await scene.settle(later_word(first, E.ACCEPT, "p:1"), later_word(first, E.DELIVER, "p:1")) == [True, False]
    assert await scene.other.ledger.settle([later_word(first, E.READ, "p:1")], NOW) == [False]
    assert await scene.states(campaign) == ["accepted", "due"]
    assert len(await scene.store.ledger.journal(first)) == 1
    for store in (scene.store, scene.other):
        assert await store.ledger.seen(first, "p:1")
        assert not await store.ledger.seen(first, "p:2")


async def check_receipts_in_any_order_move_forward_only(scene: Scene) -> None:
    campaign = await scene.begin(2)
    first, second = await at_step(scene, campaign, 1)
    forward = [later_word(first, event) for event in (E.ACCEPT, E.DELIVER, E.READ)]
    backward = [later_word(second, event) for event in (E.READ, E.DELIVER, E.ACCEPT)]
    assert await scene.settle(*forward, *backward) == [True, True, True, True, False, False]
    assert await scene.states(campaign) == ["read", "read"]


async def check_what_speaks_of_no_row_changes_nothing_and_hinders_nothing(scene: Scene) -> None:
    campaign = await scene.begin(1)
    [known] = await at_step(scene, campaign, 1)
    strange = [
        MessageId("999", 1, known.contact_id),
        MessageId(campaign.id, 9, known.contact_id),
        MessageId("promo", 1, "ana"),
        MessageId("-1", -1, "-1"),
        MessageId("9" * 30, 1, "1"),
        MessageId("", 1, ""),
    ]
    batch = [*(later_word(one, E.ACCEPT, f"p:{one}") for one in strange), later_word(known, E.ACCEPT)]
    assert await scene.settle(*batch) == [False] * 6 + [True]
    assert await scene.settle() == []


async def check_the_providers_id_stays(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    await scene.settle(speaks_of(message, E.ACCEPT, provider_id="wamid.1"))
    await scene.settle(later_word(message.id, E.DELIVER))
    assert (await scene.store.ledger.get(message.id)).provider_id == "wamid.1"
    await scene.settle(Settlement(message.id, E.READ, provider_id="wamid.2"))
    assert (await scene.store.ledger.get(message.id)).provider_id == "wamid.2"


async def check_the_journal_tells_what_happened_in_order(scene: Scene) -> None:
    await scene.begin(1)
    first = await scene.one()
    doubt = speaks_of(first, E.DOUBT, reason="no_answer", detail="timeout after 30 s", due_at=NOW)
    await scene.settle(doubt, at=NOW + SECOND)
    await scene.settle(speaks_of(first, E.RELEASE, reason="never_arrived", due_at=NOW), at=NOW + MINUTE)
    second = await scene.one(NOW + MINUTE)
    accept, deliver = speaks_of(second, E.ACCEPT, provider_id="w1"), later_word(second.id, E.DELIVER)
    await scene.settle(accept, deliver, at=NOW + MINUTE)
    lines = await scene.store.ledger.journal(first.id)
    assert [(line.at - NOW, line.event, line.attempt, line.reason, line.detail) for line in lines] == [
        (SECOND, "doubt", 1, "no_answer", "timeout after 30 s"),
        (MINUTE, "release", 1, "never_arrived", ""),
        (MINUTE, "accept", 2, "", ""),
        (MINUTE, "deliver", 2, "", ""),
    ]
    assert [line.provider_id for line in lines] == [None, None, "w1", None]


async def check_a_clock_set_back_leaves_the_journal_in_order(scene: Scene) -> None:
    campaign = await scene.begin(1)
    [known] = await at_step(scene, campaign, 1)
    await scene.settle(later_word(known, E.ACCEPT), at=NOW + HOUR)
    await scene.settle(later_word(known, E.DELIVER), at=NOW)
    assert [line.event for line in await scene.store.ledger.journal(known)] == ["accept", "deliver"]


async def check_a_note_is_written_and_counted_once(scene: Scene) -> None:
    campaign = await scene.begin(1)
    [known] = await at_step(scene, campaign, 1)
    assert await scene.store.ledger.note(known, "replied", "Quem é?", "p:1", NOW)
    assert not await scene.other.ledger.note(known, "replied", "Quem é?", "p:1", NOW + SECOND)
    assert await scene.store.ledger.note(known, "replied", "Alô?", "p:2", NOW + SECOND)
    assert await scene.store.ledger.seen(known, "p:2")
    lines = await scene.store.ledger.journal(known)
    assert [(line.event, line.detail) for line in lines] == [("replied", "Quem é?"), ("replied", "Alô?")]
    counted = {(one.step, one.state): one.count for one in await scene.store.campaigns.tally(campaign.id)}
    assert counted == {(1, "due"): 1, (1, "replied"): 2}


async def check_a_reply_counts_until_a_person_sends_a_message_again(scene: Scene) -> None:
    campaign = await scene.begin(2)
    first, second = (await scene.claim(2)).messages

    async def replied() -> list[bool]:
        people = (first.id.contact_id, second.id.contact_id, "ana")
        return [await scene.other.ledger.has_replied(campaign.id, person) for person in people]

    assert await replied() == [False, False, False]
    await scene.store.ledger.note(first.id, "replied", "Oi", "p:1", NOW)
    assert await replied() == [True, False, False]
    await scene.settle(speaks_of(first, E.EXHAUST), Settlement(first.id, E.REDRIVE, due_at=NOW))
    assert await replied() == [False, False, False]
    await scene.store.ledger.note(first.id, "replied", "Oi?", "p:2", NOW)
    assert await replied() == [True, False, False]


async def check_a_follow_up_promotes_with_its_settlement(scene: Scene) -> None:
    campaign = await scene.begin(1, steps=2)
    message = await scene.one()
    follow = [FollowUp(2, E.PROMOTE, due_at=NOW + HOUR)]
    assert await scene.settle(speaks_of(message, E.ACCEPT, follow_ups=follow)) == [True]
    [behind] = await at_step(scene, campaign, 2)
    row = await scene.store.ledger.get(behind)
    assert (row.state, row.due_at) == (S.DUE, NOW + HOUR)


async def check_what_changed_nothing_has_no_follow_ups(scene: Scene) -> None:
    campaign = await scene.begin(1, steps=3)
    message = await scene.one()
    await scene.settle(speaks_of(message, E.ACCEPT, follow_ups=[FollowUp(2, E.PROMOTE, due_at=NOW)]))
    for repeat in (
        speaks_of(message, E.ACCEPT, follow_ups=[FollowUp(3, E.PROMOTE, due_at=NOW)]),
        Settlement(message.id, E.RETRY, 7, follow_ups=[FollowUp(3, E.CANCEL, "stopped")]),
    ):
        assert await scene.settle(repeat) == [False]
    assert await scene.states(campaign) == ["accepted", "due", "waiting"]


async def check_of_several_promotions_the_first_that_still_waits_is_made(scene: Scene) -> None:
    campaign = await scene.begin(2, steps=3)
    both = [FollowUp(2, E.PROMOTE, due_at=NOW + MINUTE), FollowUp(3, E.PROMOTE, due_at=NOW + HOUR)]
    whole, cut = (await scene.claim(2)).messages
    await scene.settle(later_word(cut.id._replace(step=2), E.CANCEL))
    await scene.settle(*(speaks_of(one, E.ACCEPT, follow_ups=both) for one in (whole, cut)))
    assert await scene.states(campaign) == ["accepted", "due", "waiting", "accepted", "cancelled", "due"]
    assert (await scene.rows(campaign))[5].due_at == NOW + HOUR


async def check_nothing_is_promoted_past_a_step_that_is_under_way(scene: Scene) -> None:
    campaign = await scene.begin(1, steps=3)
    message = await scene.one()
    await scene.settle(later_word(message.id._replace(step=2), E.PROMOTE))
    follow = [FollowUp(2, E.PROMOTE, due_at=NOW), FollowUp(3, E.PROMOTE, due_at=NOW)]
    await scene.settle(speaks_of(message, E.ACCEPT, follow_ups=follow))
    assert await scene.states(campaign) == ["accepted", "due", "waiting"]


async def check_cancelling_follow_ups_leave_what_has_begun(scene: Scene) -> None:
    campaign = await scene.begin(1, steps=3)
    message = await scene.one()
    second = message.id._replace(step=2)
    await scene.settle(*(later_word(second, event) for event in (E.PROMOTE, E.CLAIM, E.BEGIN)))
    follow = [FollowUp(2, E.CANCEL, "previous_step_failed"), FollowUp(3, E.CANCEL, "previous_step_failed")]
    await scene.settle(speaks_of(message, E.REJECT, reason="address_unknown", follow_ups=follow))
    rows = await scene.rows(campaign)
    assert [(row.state, row.reason) for row in rows] == [
        (S.FAILED, "address_unknown"),
        (S.SENDING, ""),
        (S.CANCELLED, "previous_step_failed"),
    ]


async def check_follow_ups_to_steps_that_are_not_there_are_left_out(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    follow = [FollowUp(5, E.PROMOTE, due_at=NOW), FollowUp(6, E.CANCEL, "x")]
    assert await scene.settle(speaks_of(message, E.ACCEPT, follow_ups=follow)) == [True]


async def check_one_batch_is_applied_in_its_order(scene: Scene) -> None:
    campaign = await scene.begin(2, steps=2)
    first, second = (await scene.claim(2)).messages
    promote = [FollowUp(2, E.PROMOTE, due_at=NOW)]
    changed = await scene.settle(
        speaks_of(first, E.ACCEPT, follow_ups=promote),
        later_word(first.id._replace(step=2), E.CANCEL),
        later_word(second.id._replace(step=2), E.CANCEL),
        speaks_of(second, E.ACCEPT, follow_ups=promote),
        speaks_of(second, E.RETRY, due_at=NOW),
    )
    assert changed == [True, True, True, True, False]
    assert await scene.states(campaign) == ["accepted", "cancelled", "accepted", "cancelled"]


async def check_counters_follow_every_change(scene: Scene) -> None:
    campaign = await scene.begin(3, steps=2)
    one, two, three = (await scene.claim(3)).messages
    stop = [FollowUp(2, E.CANCEL, "previous_step_failed")]
    await scene.settle(speaks_of(one, E.REJECT, reason="address_unknown", follow_ups=stop))
    await scene.settle(speaks_of(two, E.ACCEPT), later_word(two.id, E.DELIVER), later_word(two.id, E.READ))
    await scene.settle(speaks_of(three, E.RETRY, reason="transient", due_at=NOW))
    tally = {(t.step, t.state, t.reason): t.count for t in await scene.store.campaigns.tally(campaign.id)}
    assert tally == {
        (1, "failed", "address_unknown"): 1,
        (1, "read", ""): 1,
        (1, "due", ""): 1,
        (2, "cancelled", "previous_step_failed"): 1,
        (2, "waiting", ""): 2,
    }


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
