from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.policies.retry import (
    LONGEST_WAIT,
    BackoffStrategy,
    FailureClass,
    RetryDecision,
    RetryPolicy,
    decide_retry,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
WAITING = (FailureClass.THROTTLED, FailureClass.AUTH)
FINAL = (FailureClass.RECIPIENT, FailureClass.PERMANENT, FailureClass.UNKNOWN)

# Source document, "Estratégias de Retry e Backoff", table "Comportamento": seconds before retries 1 to 5.
DOCUMENT_TABLE = {
    BackoffStrategy.EXPONENTIAL: (1, 2, 4, 8, 16),
    BackoffStrategy.LINEAR: (1, 2, 3, 4, 5),
}


def seconds(amount: float) -> timedelta:
    return timedelta(seconds=amount)


@pytest.mark.parametrize("strategy", DOCUMENT_TABLE)
def test_delays_are_those_of_the_source_document(strategy: BackoffStrategy) -> None:
    policy = RetryPolicy(max_retries=5, strategy=strategy)
    for used, delay in enumerate(DOCUMENT_TABLE[strategy]):
        decision = decide_retry(policy, FailureClass.TRANSIENT, used, NOW)
        assert decision == RetryDecision(NOW + seconds(delay), "transient", uses_retry=True)


def test_the_document_retries_three_times_and_then_gives_up() -> None:
    policy = RetryPolicy()
    decisions = [decide_retry(policy, FailureClass.TRANSIENT, used, NOW) for used in range(5)]
    assert [decision.at for decision in decisions] == [
        NOW + seconds(1),
        NOW + seconds(2),
        NOW + seconds(4),
        None,
        None,
    ]
    assert decisions[3] == decisions[4] == RetryDecision(None, "retries_used_up")


def test_without_retries_the_first_transient_failure_is_the_last() -> None:
    none = RetryPolicy(max_retries=0)
    assert decide_retry(none, FailureClass.TRANSIENT, 0, NOW) == RetryDecision(None, "retries_used_up")


def test_delays_grow_from_the_initial_one_by_the_multiplier() -> None:
    policy = RetryPolicy(initial=timedelta(milliseconds=500), multiplier=3)
    assert [policy.delay(retry) for retry in (1, 2, 3)] == [seconds(0.5), seconds(1.5), seconds(4.5)]


def test_linear_delays_ignore_the_multiplier() -> None:
    policy = RetryPolicy(strategy=BackoffStrategy.LINEAR, initial=seconds(2), multiplier=7)
    assert [policy.delay(retry) for retry in (1, 2, 3)] == [seconds(2), seconds(4), seconds(6)]


@pytest.mark.parametrize("failure", WAITING)
@pytest.mark.parametrize("used", [0, 3, 50])
def test_waiting_is_not_failing(failure: FailureClass, used: int) -> None:
    decision = decide_retry(RetryPolicy(max_retries=3, strategy=BackoffStrategy.LINEAR), failure, used, NOW)
    assert decision == RetryDecision(NOW + seconds(used + 1), failure.value, uses_retry=False)


@pytest.mark.parametrize("failure", FINAL)
def test_what_was_refused_for_good_or_may_have_been_taken_is_never_repeated(failure: FailureClass) -> None:
    decision = decide_retry(RetryPolicy(max_retries=9), failure, 0, NOW, retry_after=seconds(5))
    assert decision == RetryDecision(None, failure.value)


@pytest.mark.parametrize("failure", [*WAITING, FailureClass.TRANSIENT])
@pytest.mark.parametrize(("retry_after", "waited"), [(30, 30), (2.5, 2.5), (1, 2), (0, 2), (-9, 2)])
def test_retry_after_wins_when_it_is_longer(failure: FailureClass, retry_after: float, waited: float) -> None:
    decision = decide_retry(RetryPolicy(), failure, 1, NOW, retry_after=seconds(retry_after))
    assert decision.at == NOW + seconds(waited)


def test_retry_after_does_not_bring_back_a_retry_that_is_used_up() -> None:
    assert decide_retry(RetryPolicy(), FailureClass.TRANSIENT, 3, NOW, retry_after=seconds(9)).at is None


@pytest.mark.parametrize(("chance", "waited"), [(0.0, 2.0), (0.5, 3.0), (1.0, 4.0)])
def test_jitter_draws_between_half_the_delay_and_all_of_it(chance: float, waited: float) -> None:
    jittered = RetryPolicy(jitter=True)
    decision = decide_retry(jittered, FailureClass.TRANSIENT, 2, NOW, chance=chance)
    assert decision.at == NOW + seconds(waited)
    assert RetryPolicy().delay(3, chance) == seconds(4)


def test_jitter_never_shortens_what_the_provider_asked_for() -> None:
    decision = decide_retry(
        RetryPolicy(jitter=True), FailureClass.THROTTLED, 0, NOW, retry_after=seconds(60), chance=0.0
    )
    assert decision.at == NOW + seconds(60)


def test_no_wait_leaves_the_calendar() -> None:
    """What settings allow at most (100 retries, ten times the wait each), and a header that means nobody."""
    steep = RetryPolicy(max_retries=100, initial=timedelta(hours=1), multiplier=10.0)
    assert decide_retry(steep, FailureClass.TRANSIENT, 99, NOW).at == NOW + LONGEST_WAIT
    absurd = decide_retry(RetryPolicy(), FailureClass.THROTTLED, 0, NOW, retry_after=timedelta.max)
    assert absurd.at == NOW + LONGEST_WAIT
