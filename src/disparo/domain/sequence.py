"""Which step comes after which: waits, fallbacks and stops of a campaign's sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from disparo.domain.campaign import OnFailure, Step, When

Unreachable = Callable[[Step], str | None]
"""Why a contact cannot get a step at all (no address for its channel), or None."""


@dataclass(frozen=True, slots=True)
class Advance:
    """What follows a settled step: `next_step` becomes due (at once, or after its wait), others are cancelled."""

    next_step: int | None
    at_once: bool
    cancelled: tuple[tuple[int, str], ...]


def advance(
    steps: Sequence[Step], settled: int, sent: bool, unreachable: Unreachable, *, skipped: bool = False
) -> Advance:
    """What comes after step number `settled` (0 is the start, which counts as sent) ended for one contact.

    A failed step with `on_failure = stop` ends the sequence; with `next`, the next step follows at once. A step that
    cannot reach the contact is left out, and counts as not sent for a fallback behind it; `skipped` says that the
    settled step itself was left out so.
    """
    following = range(settled + 1, len(steps) + 1)
    sent = sent or settled == 0
    failed = not sent and not skipped
    if failed and steps[settled - 1].on_failure is OnFailure.STOP:
        return Advance(None, False, tuple((number, "previous_step_failed") for number in following))
    cancelled: list[tuple[int, str]] = []
    reached = sent
    for number in following:
        step = steps[number - 1]
        if step.when is When.PREVIOUS_FAILED and reached:
            cancelled.append((number, "not_needed"))
        elif reason := unreachable(step):
            cancelled.append((number, reason))
            reached = False
        else:
            return Advance(number, failed or step.when is When.PREVIOUS_FAILED, tuple(cancelled))
    return Advance(None, False, tuple(cancelled))
