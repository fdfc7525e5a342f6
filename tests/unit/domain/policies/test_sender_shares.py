"""Senders of a channel share its traffic by weight, and nobody waits for one that cannot send."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.policies.sender_shares import SenderShares

NOON = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def play(
    shares: SenderShares, seconds: int, count: int = 50, idle: frozenset[str] = frozenset(), start: datetime = NOON
) -> Counter[str]:
    """Everybody but the idle asks ten times a second, in the order of their names."""
    got: Counter[str] = Counter()
    for tenth in range(seconds * 10):
        now = start + tenth * SECOND / 10
        for name in shares.weights:
            if name not in idle:
                allowed = shares.allowance(name, count, now)
                shares.took(name, allowed, now)
                got[name] += allowed
    return got


@pytest.mark.parametrize("weights", [{"a": 1, "b": 1}, {"a": 3, "b": 1}, {"a": 7, "b": 2, "c": 1}, {"a": 1, "b": 1000}])
def test_traffic_is_shared_by_weight(weights: dict[str, int]) -> None:
    got = play(SenderShares(weights, timedelta(minutes=10)), 60)
    for name, weight in weights.items():
        assert got[name] / got.total() == pytest.approx(weight / sum(weights.values()), rel=0.05, abs=0.002)


def test_the_first_to_ask_does_not_take_everything() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    assert shares.allowance("a", 500, NOON) == 250


def test_an_open_breaker_gives_its_traffic_to_the_others_at_once() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    play(shares, 5)
    shares.away("b", NOON + timedelta(hours=1), sick=True)
    assert shares.allowance("a", 500, NOON + 6 * SECOND) == 500


def test_one_that_comes_back_drifts_back_slowly_and_is_owed_nothing() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    play(shares, 5)
    away_at = NOON + 5 * SECOND
    shares.away("b", away_at + timedelta(minutes=1), sick=True)
    play(shares, 60, idle=frozenset({"b"}), start=away_at)
    back_at = away_at + timedelta(minutes=1)
    early = play(shares, 30, start=back_at)
    late = play(shares, 30, start=back_at + timedelta(minutes=11))
    assert 0.05 < early["b"] / early.total() < 0.15
    assert late["b"] / late.total() == pytest.approx(0.5, abs=0.02)


def test_a_limit_that_is_used_up_is_no_sickness() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    shares.away("b", NOON + SECOND, sick=False)
    assert shares.allowance("a", 100, NOON) == 100
    got = play(shares, 30, start=NOON + 2 * SECOND)
    assert got["b"] / got.total() == pytest.approx(0.5, abs=0.02)


def test_nobody_waits_for_one_that_does_not_ask() -> None:
    shares = SenderShares({"a": 1, "b": 9}, timedelta(minutes=10))
    got = play(shares, 10, idle=frozenset({"b"}))
    assert shares.allowance("a", 100, NOON + 11 * SECOND) == 100
    assert got["a"] > 3000


def test_without_a_time_of_recovery_it_is_back_at_once() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(0))
    shares.away("b", NOON, sick=True)
    got = play(shares, 30, start=NOON + SECOND)
    assert got["b"] / got.total() == pytest.approx(0.5, abs=0.02)


@given(
    weights=st.lists(st.integers(1, 1000), min_size=2, max_size=5),
    events=st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from(("ask", "sick", "limit", "nothing")),
            st.integers(0, 5_000),
            st.integers(1, 2000),
        ),
        max_size=60,
    ),
)
def test_somebody_always_gets_something(weights: list[int], events: list[tuple[int, str, int, int]]) -> None:
    shares = SenderShares({str(number): weight for number, weight in enumerate(weights)}, timedelta(minutes=10))
    now = NOON
    for sender, what, later_ms, count in events:
        name = str(sender % len(weights))
        now += timedelta(milliseconds=later_ms)
        if what == "ask":
            allowed = shares.allowance(name, count, now)
            assert 0 <= allowed <= count
            shares.took(name, allowed, now)
        elif what == "nothing":
            shares.found_less(name, now)
        else:
            shares.away(name, now + SECOND, sick=what == "sick")
    now += timedelta(hours=1)
    assert any(shares.allowance(name, 10, now) for name in shares.weights)


def test_nobody_waits_for_one_for_whom_there_is_nothing() -> None:
    """A campaign that goes by `a` only, while `b` has lanes of others and asks every second."""
    shares = SenderShares({"a": 1, "b": 9}, timedelta(minutes=10))
    got = 0
    for tenth in range(100):
        now = NOON + tenth * SECOND / 10
        if tenth % 10 == 0:
            assert shares.allowance("b", 50, now)
            shares.found_less("b", now)
        got += (allowed := shares.allowance("a", 50, now))
        shares.took("a", allowed, now)
    assert got > 4_700


def test_one_for_whom_there_was_nothing_is_not_owed_what_others_got() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    for tenth in range(100):
        now = NOON + tenth * SECOND / 10
        shares.took("a", shares.allowance("a", 50, now), now)
        shares.allowance("b", 50, now)
        shares.found_less("b", now)
    got = play(shares, 2, start=NOON + 10 * SECOND)
    assert got["b"] / got.total() == pytest.approx(0.5, abs=0.1)


def test_now_and_then_a_message_is_shared_by_weight_too() -> None:
    """Each second one message comes for whoever asks first; `a` always would."""
    shares = SenderShares({"a": 3, "b": 1}, timedelta(minutes=10))
    got: Counter[str] = Counter()
    for second in range(200):
        due = 1
        for tenth in (0, 1):
            now = NOON + second * SECOND + tenth * SECOND / 10
            for name in ("a", "b"):
                if shares.allowance(name, 20, now):
                    if due:
                        shares.took(name, 1, now)
                        got[name] += 1
                        due = 0
                    shares.found_less(name, now)
    assert got.total() == 200
    assert got["a"] / got.total() == pytest.approx(0.75, abs=0.05)


def test_a_slow_provider_does_not_slow_down_the_others() -> None:
    """`b` gets all that it asks for, every 1.3 seconds; `a` could take 500 a second."""
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    got = 0
    for tenth in range(300):
        now = NOON + tenth * SECOND / 10
        if tenth % 13 == 0:
            shares.took("b", shares.allowance("b", 13, now), now)
        got += (allowed := shares.allowance("a", 50, now))
        shares.took("a", allowed, now)
    assert got > 300 * 50 / 2


def test_one_that_cannot_send_nobody_knows_until_when_is_not_waited_for() -> None:
    shares = SenderShares({"a": 1, "b": 1}, timedelta(minutes=10))
    shares.allowance("b", 10, NOON)
    shares.away("b", None, sick=False)
    assert shares.allowance("a", 100, NOON) == 100
