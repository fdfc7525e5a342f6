"""When a failed attempt is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_WAIT = timedelta(days=365)
"""No delay is longer, lest a provider's absurd Retry-After or a steep backoff leaves the calendar."""


class FailureClass(StrEnum):
    """What a provider's refusal means for the message and for the provider."""

    RECIPIENT = "recipient"
    """This address cannot get messages; nobody else is concerned."""
    PERMANENT = "permanent"
    """The message itself will never be taken."""
    TRANSIENT = "transient"
    """The provider failed before taking it; it may work later."""
    THROTTLED = "throttled"
    """We were too fast; the message was not taken."""
    PACED = "paced"
    """We were too fast for this person; the message was not taken, and nobody else is concerned."""
    AUTH = "auth"
    """Our credentials were refused; the message was not taken."""
    UNKNOWN = "unknown"
    """It may or may not have been taken."""


class BackoffStrategy(StrEnum):
    """How the delay grows (source document, "Estratégias de Retry e Backoff")."""

    EXPONENTIAL = "exponential"
    LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`max_retries` after the first attempt, the first one `initial` later.

    Exponential gives 1, 2, 4, 8, 16 s and linear 1, 2, 3, 4, 5 s with the document's values. With `jitter` a delay
    is drawn between itself and half of itself. None is longer than `LONGEST_WAIT`.
    """

    max_retries: int = 3
    strategy: BackoffStrategy = BackoffStrategy.EXPONENTIAL
    initial: timedelta = timedelta(seconds=1)
    multiplier: float = 2.0
    jitter: bool = False

    def delay(self, retry: int, chance: float = 1.0) -> timedelta:
        """How long to wait before retry number `retry` (1 is the first); `chance` in [0, 1] draws the jitter."""
        factor = self.multiplier ** (retry - 1) if self.strategy is BackoffStrategy.EXPONENTIAL else retry
        seconds = self.initial.total_seconds() * factor * ((1 + chance) / 2 if self.jitter else 1)
        return timedelta(seconds=min(seconds, LONGEST_WAIT.total_seconds()))


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What happens to a message after a failed attempt: again at `at`, or never (None); and why."""

    at: datetime | None
    reason: str
    uses_retry: bool = False


def decide_retry(
    policy: RetryPolicy,
    failure: FailureClass,
    retries_used: int,
    now: datetime,
    *,
    retry_after: timedelta | None = None,
    chance: float = 1.0,
) -> RetryDecision:
    """Whether and when to try again after a failure that was surely not taken (`unknown` is nobody's retry).

    Throttling and refused credentials are waiting, not failing (I6): they come back without using a retry. A
    Retry-After wins when it is longer than the policy's delay.
    """
    if failure in (FailureClass.RECIPIENT, FailureClass.PERMANENT, FailureClass.UNKNOWN):
        return RetryDecision(None, failure.value)
    uses_retry = failure is FailureClass.TRANSIENT
    if uses_retry and retries_used >= policy.max_retries:
        return RetryDecision(None, "retries_used_up")
    delay = policy.delay(retries_used + 1, chance)
    if retry_after is not None:
        delay = max(delay, min(retry_after, LONGEST_WAIT))
    return RetryDecision(now + delay, failure.value, uses_retry)
