from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.webhook import Endpoint, Event, EventType, Proof, ProofKind
from disparo.domain.webhook_delivery import UNPROVEN_FOR, WAITS, Attempt, Delivery, DeliveryState, excerpt_of

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def event(**more: object) -> Event:
    return Event.of(EventType.MEETING_HELD, NOW, {"a": 1}, key=("12", "3"), **more)  # type: ignore[arg-type]


def delivery(**more: object) -> Delivery:
    return Delivery.of(event(**more), "wh_1", True, NOW)


def test_an_events_id_is_that_of_its_type_and_key_alone() -> None:
    same = Event.of(EventType.MEETING_HELD, NOW + SECOND, {"b": 2}, key=("12", "3"))
    other = Event.of(EventType.MEETING_NO_SHOW, NOW, {"a": 1}, key=("12", "3"))
    split = Event.of(EventType.MEETING_HELD, NOW, {"a": 1}, key=("1", "23"))
    assert event().id == same.id
    assert len({event().id, other.id, split.id}) == 3


def test_personal_data_are_kept_only_for_who_asked() -> None:
    told = event(personal={"text": "oi"})
    assert b"oi" in Delivery.of(told, "wh_1", True, NOW).body({})
    assert b"oi" not in Delivery.of(told, "wh_1", False, NOW).body({})


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_waits_are_those_of_the_specification_and_a_tenth_longer_at_most(chance: float) -> None:
    one = delivery()
    for wait in WAITS:
        one = one.after(Attempt(NOW, SECOND, 500), chance)
        assert one.due_at is not None
        assert wait <= one.due_at - NOW - SECOND <= wait * 1.1
    last = one.after(Attempt(NOW, SECOND, 500), chance)
    assert (last.state, last.due_at) == (DeliveryState.FAILED, None)


def test_an_endpoint_that_asks_for_a_longer_wait_gets_it_and_for_a_shorter_not() -> None:
    asked = delivery().after(Attempt(NOW, SECOND, 503), 0.0, NOW + timedelta(hours=3))
    assert asked.due_at == NOW + timedelta(hours=3)
    assert delivery().after(Attempt(NOW, SECOND, 503), 0.0, NOW).due_at == NOW + 6 * SECOND


def test_a_proof_is_looked_for_ever_more_rarely_and_for_a_day() -> None:
    one: Delivery | None = delivery(proof=Proof(ProofKind.MESSAGE, "3.1.57", "accept", 1))
    looks = 0
    at = NOW
    while one is not None:
        assert one.due_at is not None
        assert one.due_at > at
        at = one.due_at
        one = one.postponed(at)
        looks += 1
    assert at - NOW >= UNPROVEN_FOR
    assert looks < 80


def test_an_endpoint_rests_longer_with_each_failure_and_five_minutes_at_most() -> None:
    one = Endpoint("wh_1", "https://x.example/", "s", NOW)
    rests = []
    for number in range(12):
        one = one.failed(NOW + number * SECOND)
        assert one.rests_until is not None
        rests.append((one.rests_until - NOW - number * SECOND).total_seconds())
    assert rests[:4] == [5, 10, 20, 40]
    assert rests[-1] == 300


@pytest.mark.parametrize(
    "said",
    [
        "ana.souza+x@mail.exemplo.com.br",
        "+55 (41) 98888-7777",
        "41988887777",
        "529.982.247-25",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)
def test_what_looks_personal_or_secret_is_masked_in_what_is_kept_of_answers(said: str) -> None:
    kept = excerpt_of(f"antes {said} depois".encode())
    assert kept.startswith("antes ")
    assert kept.endswith(" depois")
    assert said not in kept
    assert not any(part in kept for part in ("98888", "souza", "MfKQ", "982"))
