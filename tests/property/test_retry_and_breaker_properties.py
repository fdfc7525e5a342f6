"""Retries and breaker under any order of outcomes, against models that only count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from disparo.domain.policies.circuit_breaker import (
    CLOSED,
    BreakerPolicy,
    abandon_probe,
    admit,
    begin_probe,
    observe,
)
from disparo.domain.policies.retry import BackoffStrategy, FailureClass, RetryPolicy, decide_retry

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FAULTS = {FailureClass.TRANSIENT, FailureClass.THROTTLED, FailureClass.AUTH, FailureClass.UNKNOWN}
OUTCOMES = st.none() | st.sampled_from(list(FailureClass))
POLICIES = st.builds(
    RetryPolicy,
    max_retries=st.integers(0, 100),
    strategy=st.sampled_from(list(BackoffStrategy)),
    initial=st.integers(0, 3_600_000).map(lambda ms: timedelta(milliseconds=ms)),
    multiplier=st.floats(1, 10),
    jitter=st.booleans(),
)
"""What the settings allow."""


@given(
    policy=POLICIES,
    failures=st.lists(st.sampled_from(list(FailureClass)), max_size=300),
    chance=st.floats(0, 1),
)
def test_only_transient_failures_use_retries_and_never_more_than_there_are(
    policy: RetryPolicy, failures: list[FailureClass], chance: float
) -> None:
    used = transient = 0
    for failure in failures:
        decision = decide_retry(policy, failure, used, NOW, chance=chance)
        used += decision.uses_retry
        transient += failure is FailureClass.TRANSIENT
        assert used == min(transient, policy.max_retries)
        if decision.at is None:
            assert not decision.uses_retry
            if failure is not FailureClass.TRANSIENT:
                assert failure not in (FailureClass.THROTTLED, FailureClass.AUTH)
            else:
                assert decision.reason == "retries_used_up"
        else:
            assert decision.at >= NOW


@given(
    policy=POLICIES,
    failure=st.sampled_from([FailureClass.TRANSIENT, FailureClass.THROTTLED, FailureClass.AUTH]),
    used=st.integers(0, 99),
    retry_after=st.timedeltas(timedelta(0), timedelta(days=300)),
    chance=st.floats(0, 1),
)
def test_a_message_never_comes_back_before_its_provider_wants_it(
    policy: RetryPolicy, failure: FailureClass, used: int, retry_after: timedelta, chance: float
) -> None:
    decision = decide_retry(policy, failure, used, NOW, retry_after=retry_after, chance=chance)
    delay = policy.delay(used + 1, chance)
    assert decision.at in (None, NOW + max(retry_after, delay))
    assert (decision.at is None) == (failure is FailureClass.TRANSIENT and used >= policy.max_retries)


@given(policy=POLICIES, retry=st.integers(1, 100), chance=st.floats(0, 1))
def test_delays_never_shrink_and_jitter_keeps_at_least_half(policy: RetryPolicy, retry: int, chance: float) -> None:
    rounding = timedelta(microseconds=1)
    whole = policy.delay(retry, 1.0)
    assert policy.delay(retry + 1, 1.0) >= whole
    assert whole / 2 - rounding <= policy.delay(retry, chance) <= whole


class Provider(RuleBasedStateMachine):
    """One sender whose messages are admitted one by one and answered in any order, late or never."""

    @initialize(threshold=st.integers(1, 4), timeout_s=st.integers(1, 60))
    def begin(self, threshold: int, timeout_s: int) -> None:
        self.policy = BreakerPolicy(threshold, timedelta(seconds=timeout_s))
        self.breaker = CLOSED
        self.now = NOW
        self.faults = 0
        self.opened_at: datetime | None = None
        self.probe_until: datetime | None = None

    @property
    def half_open(self) -> bool:
        return self.opened_at is not None and self.now >= self.opened_at + self.policy.timeout

    @rule(ms=st.integers(0, 70_000) | st.sampled_from([999, 1_000, 1_001, 60_000]))
    def time_passes(self, ms: int) -> None:
        self.now += timedelta(milliseconds=ms)

    @precondition(lambda self: self.opened_at is not None)
    @rule()
    def its_timeout_ends(self) -> None:
        assert self.opened_at is not None
        self.now = max(self.now, self.opened_at + self.policy.timeout)

    @rule(lease_s=st.integers(1, 60))
    def a_message_wants_to_start(self, lease_s: int) -> None:
        admission = admit(self.policy, self.breaker, self.now)
        probing = self.probe_until is not None and self.now < self.probe_until
        if self.opened_at is None:
            assert (admission.allowed, admission.changes_at) == (None, None)
        elif not self.half_open:
            assert (admission.allowed, admission.changes_at) == (0, self.opened_at + self.policy.timeout)
        elif probing:
            assert (admission.allowed, admission.changes_at) == (0, self.probe_until)
        else:
            assert (admission.allowed, admission.changes_at) == (1, None)
            self.probe_until = self.now + timedelta(seconds=lease_s)
            self.breaker = begin_probe(self.breaker, self.probe_until)

    @rule(outcome=OUTCOMES)
    def something_is_heard(self, outcome: FailureClass | None) -> None:
        if self.opened_at is None:
            self.faults = self.faults + 1 if outcome in FAULTS else 0
            if self.faults == self.policy.threshold:
                self.opened_at = self.now
        elif self.half_open:
            self.opened_at = self.now if outcome in FAULTS else None
            self.faults, self.probe_until = 0, None
        self.breaker = observe(self.policy, self.breaker, outcome, self.now)
        assert self.breaker.opened_at == self.opened_at

    @rule()
    def the_probe_is_not_sent(self) -> None:
        self.breaker, self.probe_until = abandon_probe(self.breaker), None
        assert self.breaker.opened_at == self.opened_at


def test_it_opens_after_exactly_the_threshold_and_never_has_two_probes() -> None:
    run_state_machine_as_test(Provider, settings=settings(max_examples=200, stateful_step_count=40, deadline=None))
