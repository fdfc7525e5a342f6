"""A sender whose provider is sick is left alone for a while, then tried with one message.

It counts consecutive faults only: no rates, no windows, no gradual recovery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from disparo.domain.policies.retry import FailureClass

PROVIDER_FAULTS = frozenset({FailureClass.TRANSIENT, FailureClass.THROTTLED, FailureClass.AUTH, FailureClass.UNKNOWN})
"""Classes that speak of the provider; what is wrong with a recipient or a message never opens a breaker (I7)."""


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Open after `threshold` consecutive faults, for `timeout` (source document: 10 and 60,000 ms)."""

    threshold: int = 10
    timeout: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Consecutive `faults`; `opened_at` while open or half-open; `probe_until` while one message is trying."""

    faults: int = 0
    opened_at: datetime | None = None
    probe_until: datetime | None = None


CLOSED = Breaker()


@dataclass(frozen=True, slots=True)
class Admission:
    """How many messages may start now: all (None), one as a probe, or none until `changes_at`."""

    allowed: int | None
    reason: str
    changes_at: datetime | None = None


def admit(policy: BreakerPolicy, breaker: Breaker, now: datetime) -> Admission:
    """Whether a message may start: closed all, open none, half-open one at a time."""
    if breaker.opened_at is None:
        return Admission(None, "closed")
    half_open_at = breaker.opened_at + policy.timeout
    if now < half_open_at:
        return Admission(0, "breaker_open", half_open_at)
    if breaker.probe_until is not None and now < breaker.probe_until:
        return Admission(0, "breaker_probing", breaker.probe_until)
    return Admission(1, "breaker_half_open")


def still_admits(policy: BreakerPolicy, breaker: Breaker, now: datetime, probe_until: datetime | None) -> bool:
    """Whether a message that was admitted earlier may leave now; `probe_until` is its lease's end if it is a probe.

    Half-open, only the probe that is being waited for: what was admitted before the breaker opened has to wait.
    """
    if breaker.opened_at is None:
        return True
    half_open = now >= breaker.opened_at + policy.timeout
    return half_open and probe_until is not None and probe_until == breaker.probe_until


def begin_probe(breaker: Breaker, until: datetime) -> Breaker:
    """The one message of a half-open breaker is on its way; if nothing is heard by `until`, another may try."""
    return Breaker(breaker.faults, breaker.opened_at, until)


def abandon_probe(breaker: Breaker) -> Breaker:
    """The probe was never sent (its contact opted out, its moment passed): another may try at once."""
    return Breaker(breaker.faults, breaker.opened_at)


def observe(policy: BreakerPolicy, breaker: Breaker, failure: FailureClass | None, now: datetime) -> Breaker:
    """The breaker after one outcome (None is success).

    While it is open, what was already on its way changes nothing; once half-open, one answer decides.
    """
    fault = failure in PROVIDER_FAULTS
    if breaker.opened_at is not None:
        if now < breaker.opened_at + policy.timeout:
            return breaker
        return Breaker(breaker.faults, now) if fault else CLOSED
    if not fault:
        return CLOSED
    faults = breaker.faults + 1
    return Breaker(faults, now if faults >= policy.threshold else None)
