"""What every ledger does with what nobody settled: leases, doubts, sweeps, roles; each check gets an empty scene."""

from __future__ import annotations

from datetime import timedelta

from disparo.domain.message import Claimed, MessageEvent, MessageId, MessageState
from disparo.ports.ledger import MessageFilter
from tests.contract.scene import HOUR, MINUTE, MS, NOW, SECOND, WHATSAPP, Scene, later_word, speaks_of

LEASE = WHATSAPP.lease
OVER = NOW + LEASE


async def in_doubt(scene: Scene, people: int = 1) -> list[Claimed]:
    """So many messages, claimed at NOW, whose lease ran out."""
    await scene.begin(people)
    claim = await scene.claim(people)
    assert await scene.store.ledger.lapse(OVER, 100) == people
    return [*claim.messages]


async def check_a_lease_that_runs_out_is_a_doubt(scene: Scene) -> None:
    await scene.begin(1)
    message = await scene.one()
    assert await scene.store.ledger.lapse(OVER - MS, 10) == 0
    assert await scene.other.ledger.lapse(OVER, 10) == 1
    assert await scene.store.ledger.lapse(OVER, 10) == 0
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.reason, row.due_at) == (MessageState.IN_DOUBT, "lease_ran_out", OVER)
    assert not (await scene.claim(9, OVER + HOUR)).messages


async def check_leases_lapse_a_batch_at_a_time(scene: Scene) -> None:
    await scene.begin(5)
    await scene.claim(5)
    assert [await scene.store.ledger.lapse(OVER, 2) for _ in range(4)] == [2, 2, 1, 0]


async def check_a_settled_message_never_lapses(scene: Scene) -> None:
    await scene.begin(2)
    first, second = (await scene.claim(2)).messages
    await scene.settle(speaks_of(first, MessageEvent.ACCEPT), speaks_of(second, MessageEvent.RELEASE, due_at=NOW))
    assert await scene.store.ledger.lapse(OVER + HOUR, 10) == 0


async def check_a_doubt_tells_of_its_attempt(scene: Scene) -> None:
    [message] = await in_doubt(scene)
    for store in (scene.store, scene.other):
        [doubt] = await store.ledger.doubts(OVER, 10)
        assert (doubt.record, doubt.sender) == (await store.ledger.get(message.id), "whatsapp")
        assert (doubt.began_at, doubt.since) == (NOW, OVER)


async def check_the_longest_waiting_doubt_comes_first(scene: Scene) -> None:
    await scene.begin(3)
    claimed = (await scene.claim(3)).messages
    for message, minutes in zip(claimed, (3, 1, 2), strict=True):
        await scene.settle(speaks_of(message, MessageEvent.DOUBT, due_at=NOW + minutes * MINUTE))
    later = NOW + HOUR
    assert [doubt.record.id for doubt in await scene.store.ledger.doubts(later, 2)] == [claimed[1].id, claimed[2].id]
    assert [doubt.record.id for doubt in await scene.store.ledger.doubts(NOW + MINUTE, 9)] == [claimed[1].id]
    assert await scene.store.ledger.doubts(NOW + MINUTE - MS, 9) == []


async def check_a_look_is_put_off_and_the_doubt_stays_as_old_as_it_is(scene: Scene) -> None:
    [message] = await in_doubt(scene)
    await scene.store.ledger.look_again(message.id, OVER + HOUR)
    assert await scene.store.ledger.doubts(OVER + HOUR - MS, 10) == []
    [doubt] = await scene.store.ledger.doubts(OVER + HOUR, 10)
    assert (doubt.since, doubt.began_at) == (OVER, NOW)


async def check_only_doubts_are_looked_at_again(scene: Scene) -> None:
    campaign = await scene.begin(2)
    message = await scene.one()
    before = await scene.rows(campaign)
    for row in before:
        await scene.store.ledger.look_again(row.id, NOW + HOUR)
    await scene.store.ledger.look_again(MessageId("999", 1, "1"), NOW)
    assert await scene.rows(campaign) == before
    await scene.settle(speaks_of(message, MessageEvent.ACCEPT))
    await scene.store.ledger.look_again(message.id, NOW + HOUR)
    assert await scene.store.ledger.next_watch() is None


async def check_the_next_watch_is_the_first_lease_or_look(scene: Scene) -> None:
    assert await scene.store.ledger.next_watch() is None
    await scene.begin(3)
    assert await scene.store.ledger.next_watch() is None
    first = await scene.one(NOW)
    await scene.one(NOW + SECOND)
    assert await scene.other.ledger.next_watch() == OVER
    await scene.settle(speaks_of(first, MessageEvent.DOUBT, due_at=NOW))
    await scene.store.ledger.look_again(first.id, NOW + HOUR)
    assert await scene.store.ledger.next_watch() == OVER + SECOND
    await scene.store.ledger.lapse(OVER + SECOND, 10)
    assert await scene.store.ledger.next_watch() == OVER + SECOND
    [second] = [doubt.record.id for doubt in await scene.store.ledger.doubts(OVER + SECOND, 9)]
    await scene.settle(later_word(second, MessageEvent.DELIVER))
    assert await scene.store.ledger.next_watch() == NOW + HOUR


async def check_a_sweep_ends_all_that_was_not_begun_a_batch_at_a_time(scene: Scene) -> None:
    campaign = await scene.begin(5, steps=3)
    other = await scene.begin(2, "outra")
    sending = (await scene.claim(1)).messages
    if sending[0].id.campaign_id != campaign.id:
        sending = (await scene.claim(1)).messages
    rounds = []
    while done := await scene.store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 2):
        rounds.append(done)
        ended: dict[str, set[bool]] = {}
        for row in await scene.rows(campaign):
            if row.state is not MessageState.SENDING:
                ended.setdefault(row.id.contact_id, set()).add(row.state is MessageState.CANCELLED)
        assert all(len(together) == 1 for together in ended.values()), "a contact's rows end together"
        assert len(rounds) <= 6, "twice through the campaign at most"
    assert rounds[:3] == [5, 6, 3]
    rows = await scene.rows(campaign)
    assert [row.id for row in rows if row.state is MessageState.SENDING] == [sending[0].id]
    assert {(row.state, row.reason, row.due_at) for row in rows if row.state is not MessageState.SENDING} == {
        (MessageState.CANCELLED, "campaign_cancelled", None)
    }
    assert set(await scene.states(other)) <= {"due", "sending"}


async def check_a_sweep_that_is_over_begins_anew(scene: Scene) -> None:
    campaign = await scene.begin(3)
    message = await scene.one()

    async def ended_by_a_sweep() -> int:
        while await scene.store.ledger.sweep(campaign, MessageEvent.EXPIRE, "deadline", NOW, 2):
            pass
        expired = MessageFilter(campaign.id, frozenset({MessageState.EXPIRED}), reason="deadline")
        return len(await scene.store.ledger.page(expired, None, 9))

    assert await ended_by_a_sweep() == 2
    await scene.settle(speaks_of(message, MessageEvent.RELEASE, due_at=NOW))
    assert await ended_by_a_sweep() == 3


async def check_two_may_sweep_at_once(scene: Scene) -> None:
    campaign = await scene.begin(9, steps=2)
    ended = 0
    for turn in range(20):
        store = scene.other if turn % 2 else scene.store
        ended += await store.ledger.sweep(campaign, MessageEvent.CANCEL, "campaign_cancelled", NOW, 2)
    assert set(await scene.states(campaign)) == {"cancelled"}
    assert ended >= 18


async def check_one_holds_a_role_until_its_time_is_over(scene: Scene) -> None:
    until = NOW + 15 * SECOND
    assert await scene.store.ledger.hold_role("collect", "a", NOW, until)
    assert not await scene.other.ledger.hold_role("collect", "b", until - MS, until + MINUTE)
    assert await scene.other.ledger.hold_role("collect", "b", until, until + MINUTE)
    assert not await scene.store.ledger.hold_role("collect", "a", until, until + MINUTE)


async def check_a_holder_keeps_its_role_as_long_as_it_asks(scene: Scene) -> None:
    for second in range(0, 60, 10):
        at = NOW + timedelta(seconds=second)
        assert await scene.store.ledger.hold_role("collect", "a", at, at + 15 * SECOND)
        assert not await scene.other.ledger.hold_role("collect", "b", at, at + 15 * SECOND)


async def check_roles_are_apart(scene: Scene) -> None:
    assert await scene.store.ledger.hold_role("collect", "a", NOW, NOW + MINUTE)
    assert await scene.other.ledger.hold_role("outro", "b", NOW, NOW + MINUTE)


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
