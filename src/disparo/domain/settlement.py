"""What happened to a message, what follows from it, and the rule by which a ledger writes it down (I1, I2, I11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from disparo.domain.instants import to_ms
from disparo.domain.message import MESSAGE_LIFECYCLE, SETTLED, MessageEvent, MessageId, MessageState
from disparo.domain.policies.circuit_breaker import Breaker, abandon_probe, observe
from disparo.domain.policies.retry import FailureClass
from disparo.domain.sender import Sender


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a settled message means for another step of the same contact: promoted at `due_at`, or cancelled."""

    step: int
    event: MessageEvent
    reason: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """One thing that happened to one message, and what follows from it.

    The first PROMOTE among `follow_ups` whose row still waits is made, unless an earlier one is under way already.
    A REDRIVE starts the row's retries anew.

    `fence` is the claim it speaks of: None for what is true of any (a receipt, a person's order). `heard` says that
    the provider answered or failed to, which the sender's breaker wants to know; `failure` is what it answered.
    """

    id: MessageId
    event: MessageEvent
    fence: int | None = None
    reason: str = ""
    detail: str = ""
    due_at: datetime | None = None
    uses_retry: bool = False
    provider_id: str | None = None
    sender: Sender | None = None
    heard: bool = False
    probe_until: datetime | None = None
    """The end of its lease, when it was the one message that a half-open breaker had let through."""
    failure: FailureClass | None = None
    event_id: str | None = None
    follow_ups: Sequence[FollowUp] = field(default=())


@dataclass(slots=True)
class StepRow:
    """A ledger row while something happens to it; `due_ms` is when it is looked at next."""

    state: MessageState
    reason: str = ""
    due_ms: int | None = None
    fence: int = 0
    retries: int = 0
    provider_id: str | None = None


UNBEGUN = frozenset({MessageState.WAITING, MessageState.DUE})

EVIDENCE = frozenset({MessageEvent.ACCEPT, MessageEvent.DELIVER, MessageEvent.READ})
"""What stays true although the claim that it speaks of has been given up."""

BY_TEMPLATE = "by_template"
"""Why a message is due again that its provider took and then refused: as its text needed an open window."""

Moved = Callable[[int, MessageState, str, StepRow], None]
"""Is told of each row that changed: its step, the state and reason that it had, and the row as it is now."""


def apply_settlement(one: Settlement, row_of: Callable[[int], StepRow | None], moved: Moved) -> bool:
    """Move a message's row, and those of its follow-ups, by one settlement; whether the message's own row changed.

    Rows move along their lifecycle only: what is no transition, or carries an old fence, changes nothing. `row_of`
    gives the row of a step of the same campaign and contact.
    """
    row = row_of(one.id.step)
    if row is None or (one.fence is not None and one.fence != row.fence and one.event not in EVIDENCE):
        return False
    if not MESSAGE_LIFECYCLE.allows(row.state, one.event):
        return False
    # The refusal came first: that it had been taken is known, and is true of what goes no more.
    if one.event is MessageEvent.ACCEPT and row.state is MessageState.DUE and row.reason == BY_TEMPLATE:
        return False
    row.retries = 0 if one.event is MessageEvent.REDRIVE else row.retries + one.uses_retry
    row.provider_id = one.provider_id or row.provider_id
    _move(one.id.step, row, one.event, one.reason, one.due_at, moved)
    _follow(one.follow_ups, row_of, moved)
    return True


def _follow(follow_ups: Sequence[FollowUp], row_of: Callable[[int], StepRow | None], moved: Moved) -> None:
    """Cancel what is to be cancelled; promote the first row that still waits, unless one is under way."""
    promoting = True
    for follow in follow_ups:
        if (row := row_of(follow.step)) is None:
            continue
        if follow.event is MessageEvent.PROMOTE:
            if not promoting or row.state in SETTLED:
                continue
            promoting = False
        # What has begun is left alone: its outcome is what happened.
        if row.state in UNBEGUN and MESSAGE_LIFECYCLE.allows(row.state, follow.event):
            _move(follow.step, row, follow.event, follow.reason, follow.due_at, moved)


def _move(step: int, row: StepRow, event: MessageEvent, reason: str, due_at: datetime | None, moved: Moved) -> None:
    before, old_reason = row.state, row.reason
    row.state, row.reason = MESSAGE_LIFECYCLE.after(row.state, event), reason
    row.due_ms = None if due_at is None else to_ms(due_at)
    moved(step, before, old_reason, row)


def breaker_after(breaker: Breaker, sender: Sender, one: Settlement, now: datetime) -> Breaker:
    """The sender's breaker after a settlement: it heard something, or its probe was never sent."""
    if one.heard:
        return observe(sender.breaker, breaker, one.failure, now)
    # Only the probe that the breaker waits for: one whose lease ran out may come back beside a newer one.
    if one.probe_until is not None and one.probe_until == breaker.probe_until:
        return abandon_probe(breaker)
    return breaker
