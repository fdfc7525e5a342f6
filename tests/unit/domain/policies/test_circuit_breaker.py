from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.policies.circuit_breaker import (
    CLOSED,
    Admission,
    Breaker,
    BreakerPolicy,
    abandon_probe,
    admit,
    begin_probe,
    observe,
)
from disparo.domain.policies.retry import FailureClass

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = BreakerPolicy(threshold=3)
TRANSIENT = FailureClass.TRANSIENT
MILLISECOND = timedelta(milliseconds=1)
PROVIDER = (FailureClass.TRANSIENT, FailureClass.THROTTLED, FailureClass.AUTH, FailureClass.UNKNOWN)
RECIPIENT = (FailureClass.RECIPIENT, FailureClass.PERMANENT)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def after(*failures: FailureClass | None, policy: BreakerPolicy = POLICY) -> Breaker:
    """A breaker that heard these outcomes, one a second, the last one at NOW."""
    breaker = CLOSED
    for number, failure in enumerate(failures, start=1 - len(failures)):
        breaker = observe(policy, breaker, failure, later(number))
    return breaker


def test_the_document_opens_after_ten_faults_for_a_minute() -> None:
    """Source document, "Estratégias de Retry e Backoff": threshold 10, timeout 60000 ms."""
    document = BreakerPolicy()
    nine, ten = after(*[TRANSIENT] * 9, policy=document), after(*[TRANSIENT] * 10, policy=document)
    assert admit(document, nine, NOW) == Admission(None, "closed")
    assert admit(document, ten, NOW) == Admission(0, "breaker_open", later(60))
    assert admit(document, ten, later(60) - MILLISECOND).allowed == 0
    assert admit(document, ten, later(60)) == Admission(1, "breaker_half_open")


@pytest.mark.parametrize("fault", PROVIDER)
def test_every_fault_of_the_provider_counts(fault: FailureClass) -> None:
    assert after(TRANSIENT, TRANSIENT, fault).opened_at == NOW


@pytest.mark.parametrize("recipients", RECIPIENT)
def test_what_is_wrong_with_a_recipient_never_opens_it(recipients: FailureClass) -> None:
    assert after(*[recipients] * 100) == CLOSED


@pytest.mark.parametrize("answer", [None, *RECIPIENT])
def test_any_answer_of_a_healthy_provider_starts_the_count_again(answer: FailureClass | None) -> None:
    assert after(TRANSIENT, TRANSIENT, answer) == CLOSED
    assert after(TRANSIENT, TRANSIENT, answer, TRANSIENT, TRANSIENT).opened_at is None


def test_a_threshold_of_one_opens_at_the_first_fault() -> None:
    assert after(TRANSIENT, policy=BreakerPolicy(threshold=1)).opened_at == NOW


@pytest.mark.parametrize("outcome", [None, TRANSIENT, FailureClass.RECIPIENT])
def test_while_open_what_was_on_its_way_changes_nothing(outcome: FailureClass | None) -> None:
    opened = after(*[TRANSIENT] * 3)
    assert observe(POLICY, opened, outcome, later(60) - MILLISECOND) == opened


def test_half_open_lets_one_through_at_a_time() -> None:
    probing = begin_probe(after(*[TRANSIENT] * 3), later(120))
    assert admit(POLICY, probing, later(61)) == Admission(0, "breaker_probing", later(120))
    assert admit(POLICY, probing, later(120) - MILLISECOND).allowed == 0


@pytest.mark.parametrize("answer", [None, *RECIPIENT])
def test_a_probe_that_is_answered_closes_it(answer: FailureClass | None) -> None:
    probing = begin_probe(after(*[TRANSIENT] * 3), later(120))
    closed = observe(POLICY, probing, answer, later(61))
    assert closed == CLOSED
    assert admit(POLICY, closed, later(61)) == Admission(None, "closed")


@pytest.mark.parametrize("fault", PROVIDER)
def test_a_probe_that_fails_opens_it_for_a_full_timeout(fault: FailureClass) -> None:
    probing = begin_probe(after(*[TRANSIENT] * 3), later(130))
    reopened = observe(POLICY, probing, fault, later(70))
    assert admit(POLICY, reopened, later(70)) == Admission(0, "breaker_open", later(130))
    assert admit(POLICY, reopened, later(130) - MILLISECOND).reason == "breaker_open"
    assert admit(POLICY, reopened, later(130)) == Admission(1, "breaker_half_open")


def test_after_closing_it_takes_the_whole_threshold_again() -> None:
    probing = begin_probe(after(*[TRANSIENT] * 3), later(120))
    breaker = observe(POLICY, probing, None, later(61))
    for second in (62, 63):
        breaker = observe(POLICY, breaker, TRANSIENT, later(second))
        assert breaker.opened_at is None
    assert observe(POLICY, breaker, TRANSIENT, later(64)).opened_at == later(64)


def test_a_lost_probe_is_followed_by_another() -> None:
    lost = begin_probe(after(*[TRANSIENT] * 3), later(120))
    assert admit(POLICY, lost, later(120)) == Admission(1, "breaker_half_open")
    second = begin_probe(lost, later(180))
    assert admit(POLICY, second, later(121)) == Admission(0, "breaker_probing", later(180))


def test_an_abandoned_probe_makes_room_at_once() -> None:
    probing = begin_probe(after(*[TRANSIENT] * 3), later(120))
    assert admit(POLICY, abandon_probe(probing), later(61)) == Admission(1, "breaker_half_open")


def test_abandoning_closes_nothing() -> None:
    opened = after(*[TRANSIENT] * 3)
    assert abandon_probe(begin_probe(opened, later(120))) == opened
    assert abandon_probe(after(TRANSIENT)) == after(TRANSIENT)


def test_a_late_answer_from_before_the_opening_decides_once_it_is_half_open() -> None:
    opened = after(*[TRANSIENT] * 3)
    assert observe(POLICY, opened, None, later(60)) == CLOSED
    assert observe(POLICY, opened, TRANSIENT, later(60)).opened_at == later(60)
