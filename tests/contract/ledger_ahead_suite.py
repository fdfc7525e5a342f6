"""What every ledger does with messages that are claimed ahead of their moment; each check gets an empty scene."""

from __future__ import annotations

from dataclasses import replace

from disparo.domain.message import Claimed, MessageEvent, MessageState
from disparo.domain.policies.rate_limit import MOMENT_TOLERANCE, Limits, Pace
from disparo.domain.suppression import Suppression
from disparo.domain.ticket import Ticket
from tests.contract.scene import HOUR, MINUTE, MS, NOW, SECOND, WHATSAPP, Scene, later_word, speaks_of

SLOW = replace(WHATSAPP, limits=Limits(burst=1))
STRETCHED = MINUTE + MOMENT_TOLERANCE


async def ahead(scene: Scene, people: int = 1) -> list[Claimed]:
    """So many messages of a campaign, claimed with a minute's horizon."""
    await scene.begin(people)
    return [*(await scene.claim(people, horizon=MINUTE)).messages]


async def check_what_is_claimed_ahead_has_not_begun(scene: Scene) -> None:
    [message] = await ahead(scene)
    assert (message.begun, message.fence, message.lease_until) == (False, 1, NOW + WHATSAPP.lease)
    row = await scene.store.ledger.get(message.id)
    assert row.state in (MessageState.DUE, MessageState.CLAIMED)
    assert not (await scene.claim(9, store=scene.other)).messages, "it is in one worker's hands"


async def check_a_ticket_brings_all_that_sending_needs(scene: Scene) -> None:
    [message] = await ahead(scene)
    assert await scene.other.ledger.pick_up(Ticket.of(message), NOW + SECOND) == message


async def check_a_message_begins_once(scene: Scene) -> None:
    [message] = await ahead(scene)
    assert await scene.store.ledger.begin(message, NOW + SECOND)
    assert not await scene.other.ledger.begin(message, NOW + SECOND)
    assert await scene.other.ledger.pick_up(Ticket.of(message), NOW + SECOND) is None, "a duplicate finds nothing"
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.attempts, row.changed_at) == (MessageState.SENDING, 1, NOW + SECOND)
    assert await scene.store.ledger.clear_to_send(message, WHATSAPP, NOW + SECOND) is None
    assert await scene.settle(speaks_of(message, MessageEvent.ACCEPT)) == [True]
    assert not await scene.other.ledger.begin(message, NOW + SECOND)


async def check_what_never_began_is_due_again_when_its_lease_is_over(scene: Scene) -> None:
    [message] = await ahead(scene)
    over = message.lease_until
    await scene.store.ledger.lapse(over, 10)
    row = await scene.store.ledger.get(message.id)
    assert (row.state, row.retries_used) == (MessageState.DUE, 0), "surely not sent, and that is not an attempt"
    assert await scene.store.ledger.pick_up(Ticket.of(message), over) is None
    assert not await scene.store.ledger.begin(message, over)
    [again] = (await scene.claim(1, over)).messages
    assert again.id == message.id


async def check_what_began_and_was_not_heard_of_is_a_doubt(scene: Scene) -> None:
    [message] = await ahead(scene)
    assert await scene.store.ledger.begin(message, NOW + SECOND)
    assert await scene.other.ledger.lapse(message.lease_until - MS, 10) == 0
    assert await scene.store.ledger.lapse(message.lease_until, 10) == 1
    [doubt] = await scene.store.ledger.doubts(message.lease_until, 10)
    assert (doubt.record.id, doubt.sender, doubt.began_at) == (message.id, "whatsapp", NOW + SECOND)


async def check_what_began_may_go_back_to_its_lane(scene: Scene) -> None:
    [message] = await ahead(scene)
    await scene.store.ledger.begin(message, NOW)
    back = speaks_of(message, MessageEvent.RELEASE, reason="missed_its_moment", due_at=NOW + SECOND)
    assert await scene.settle(back) == [True]
    assert not await scene.store.ledger.begin(message, NOW + SECOND)
    [again] = (await scene.claim(1, NOW + SECOND)).messages
    assert (again.id, again.fence, again.begun) == (message.id, 2, True)


async def check_giving_back_what_never_began_spends_no_retry(scene: Scene) -> None:
    [message] = await ahead(scene)
    await scene.settle(speaks_of(message, MessageEvent.RELEASE, reason="shutdown", due_at=NOW))
    [again] = (await scene.claim(1, message.lease_until)).messages
    assert (again.id, again.retries_used) == (message.id, 0)


async def check_an_opt_out_wins_over_what_waits_for_its_moment(scene: Scene) -> None:
    [message] = await ahead(scene)
    await scene.other.suppressions.add([Suppression(message.keys[0], None, "opted_out", "reply", NOW)])
    ledger = scene.store.ledger
    if await ledger.pick_up(Ticket.of(message), NOW) is not None and await ledger.begin(message, NOW):
        assert await ledger.clear_to_send(message, WHATSAPP, NOW) == "opted_out"


async def check_late_evidence_ends_what_waits_for_its_moment(scene: Scene) -> None:
    [message] = await ahead(scene)
    delivered = later_word(message.id, MessageEvent.DELIVER)
    if await scene.settle(delivered) == [True]:
        assert not await scene.store.ledger.begin(message, NOW)


async def check_a_horizon_spreads_messages_under_the_limit(scene: Scene) -> None:
    await scene.begin(5)
    claim = await scene.claim(5, sender=SLOW, horizon=STRETCHED)
    assert [one.permit_at - NOW for one in claim.messages] == [0 * SECOND, STRETCHED]
    assert claim.blocked
    more = await scene.claim(5, NOW + STRETCHED, sender=SLOW, horizon=STRETCHED, store=scene.other)
    assert [one.permit_at - NOW for one in more.messages] == [2 * STRETCHED]
    assert len({one.id for one in [*claim.messages, *more.messages]}) == 3


async def check_a_pace_spreads_what_may_go_at_once(scene: Scene) -> None:
    await scene.begin(7)
    pace = Pace(2, SECOND)
    claim = await scene.claim(5, horizon=MINUTE, pace=pace)
    assert [one.permit_at - NOW for one in claim.messages] == [SECOND * after for after in (0, 0, 1, 1, 2)]
    assert (claim.next_at, claim.blocked) == (NOW, False)
    more = await scene.claim(5, horizon=MINUTE, pace=pace, store=scene.other)
    assert [one.permit_at - NOW for one in more.messages] == [SECOND * 3] * 2


async def check_a_pace_ends_with_the_horizon(scene: Scene) -> None:
    await scene.begin(9)
    claim = await scene.claim(9, horizon=3 * SECOND, pace=Pace(2, SECOND))
    assert (len(claim.messages), claim.blocked, claim.reason) == (8, True, "pace")
    assert claim.next_at == NOW + 4 * SECOND


async def check_what_is_due_behind_the_horizons_beginning_is_left(scene: Scene) -> None:
    await scene.begin(2, due_at=NOW + 30 * SECOND)
    assert not (await scene.claim(5, horizon=MINUTE)).messages
    assert len((await scene.claim(5, NOW + HOUR, horizon=MINUTE)).messages) == 2


CHECKS = tuple(check for name, check in globals().items() if name.startswith("check_"))
