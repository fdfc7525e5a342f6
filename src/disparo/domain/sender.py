"""A sender is what a channel sends from: a number, an e-mail account. Limits, health and doubt belong to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from disparo.domain.contact import Channel
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import RetryPolicy


class DoubtPolicy(StrEnum):
    """What to do with a message of unknown outcome that no receipt has settled in time (I2)."""

    HOLD = "hold"
    """Never repeat it: to the dead letters, for a person to decide."""
    RESEND = "resend"
    """Repeat it: a second copy is accepted as the lesser harm."""


@dataclass(frozen=True, slots=True)
class Sender:
    """How one sender behaves; `doubt_wait` is how long a doubtful message waits for its receipt."""

    name: str
    channel: Channel
    limits: Limits = field(default_factory=Limits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)
    doubt_policy: DoubtPolicy = DoubtPolicy.HOLD
    doubt_wait: timedelta = timedelta(hours=72)
    lease: timedelta = timedelta(seconds=60)
    weight: int = 1
    """Its share of the channel's traffic, next to the weights of the channel's other senders."""
    recovery: timedelta = timedelta(minutes=10)
    """How long it takes to get its whole share again after its breaker was open."""

    def campaign_book(self, campaign_id: str) -> str:
        """The name of the permit book in which a campaign's own limits at this sender are kept."""
        return f"{self.name}/{campaign_id}"
