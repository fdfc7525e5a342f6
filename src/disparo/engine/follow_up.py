"""What a settled message means for the steps behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from disparo.domain.campaign import Campaign, When
from disparo.domain.message import SETTLED, MessageEvent, MessageRecord, MessageState
from disparo.domain.place import Place
from disparo.domain.sequence import advance
from disparo.domain.settlement import FollowUp, Settlement
from disparo.ports.ledger import Ledger


def follow_ups(
    campaign: Campaign, step: int, *, sent: bool, now: datetime, place: Place, skipped: bool = False
) -> Sequence[FollowUp]:
    """What follows when `step` ended at `now` for a contact at `place`.

    Nothing follows a message that was entered by itself: an answer, a notice.

    The store promotes the first of the promotions whose row still waits, so a step that was cancelled meanwhile
    (no address, opted out of one channel) is passed over and nobody is left waiting behind it.
    """
    if campaign.standing or step >= len(campaign.steps):
        return ()
    plan = advance(campaign.steps, step, sent, lambda _: None, skipped=skipped)
    follow = [FollowUp(number, MessageEvent.CANCEL, reason) for number, reason in plan.cancelled]
    if plan.next_step is None:
        return follow
    for number in range(plan.next_step, len(campaign.steps) + 1):
        behind = campaign.step(number)
        # A fallback is reached only over a step that was left out, and then follows at once.
        at_once = behind.when is When.PREVIOUS_FAILED or (plan.at_once and number == plan.next_step)
        due_at = now if at_once else behind.wait.after(now, campaign.hours, place)
        follow.append(FollowUp(number, MessageEvent.PROMOTE, due_at=due_at))
    return follow


async def stop_sequence(ledger: Ledger, campaign: Campaign, contact_id: str, reason: str, now: datetime) -> None:
    """End the unsent messages of a contact that a reply stops, and let those that go on all the same follow."""
    rows = await ledger.rows_of(campaign.id, contact_id)
    unsent = [row for row in rows if row.state in (MessageState.WAITING, MessageState.DUE)]
    stopped = [row for row in unsent if campaign.stops_on_reply(row.id.step)]
    if stopped:
        # With its fence, so that one that was claimed since we looked is left to its outcome.
        cancels = [Settlement(row.id, MessageEvent.CANCEL, row.attempts, reason) for row in stopped]
        await ledger.settle(cancels, now)
        await mend_sequence(ledger, campaign, contact_id, now)


async def mend_sequence(ledger: Ledger, campaign: Campaign, contact_id: str, now: datetime) -> bool:
    """Promote the first waiting step of a contact when none before it is under way; whether there was one."""
    if (head := waiting_head(await ledger.rows_of(campaign.id, contact_id))) is None:
        return False
    step = campaign.step(head.id.step)
    due_at = step.wait.after(now, campaign.hours, head.place)
    await ledger.settle([Settlement(head.id, MessageEvent.PROMOTE, due_at=due_at)], now)
    return True


def waiting_head(rows: Sequence[MessageRecord]) -> MessageRecord | None:
    """The first waiting row of a contact's sequence that nothing under way will promote, if there is one."""
    for row in rows:
        if row.state is MessageState.WAITING:
            return row
        if row.state not in SETTLED:
            return None
    return None
