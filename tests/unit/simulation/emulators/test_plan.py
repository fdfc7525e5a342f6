from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.plan import Plan, plan_of, shares

ADDRESS = "+5511999990000"


def plan(seed: int = 1, **rates: float) -> Plan:
    return Plan(Script(seed, Rates(**rates), (0.1, 0.3)))


def test_the_same_seed_gives_the_same_fate() -> None:
    first, again, other = plan(transient=0.5), plan(transient=0.5), plan(2, transient=0.5)
    keys = [f"3.1.{number}" for number in range(100)]
    fates = [first.attempt(key, ADDRESS, 1) for key in keys]
    assert fates == [again.attempt(key, ADDRESS, 1) for key in keys]
    assert fates != [other.attempt(key, ADDRESS, 1) for key in keys]


def test_each_attempt_has_a_fate_of_its_own() -> None:
    fates = {plan(transient=0.5).attempt("3.1.1", ADDRESS, number).failure for number in range(20)}
    assert fates == {None, FailureClass.TRANSIENT}


def test_rates_are_kept() -> None:
    found = Counter(plan(throttled=0.2, auth=0.1).attempt(str(n), ADDRESS, 1).failure for n in range(4000))
    assert found[FailureClass.THROTTLED] == pytest.approx(800, rel=0.15)
    assert found[FailureClass.AUTH] == pytest.approx(400, rel=0.2)


def test_a_lost_answer_is_silence_or_an_error_that_proves_nothing() -> None:
    fates = [plan(lost_answer=1.0).attempt(str(n), ADDRESS, 1) for n in range(300)]
    assert {fate.taken for fate in fates} == {True}
    assert 150 < sum(fate.silent for fate in fates) < 270


def test_some_requests_are_slow() -> None:
    slow = replace(plan(), slow=0.5, slow_s=9.0)
    latencies = [slow.attempt(str(n), ADDRESS, 1).latency_s for n in range(200)]
    assert 60 < sum(latency > 9 for latency in latencies) < 140
    assert all(0.1 <= latency % 9 <= 0.3 for latency in latencies)


def test_nothing_is_drawn_where_nothing_can_happen() -> None:
    quiet = Plan(Script(latency_s=(0.05, 0.05)))
    assert quiet.attempt("3.1.1", ADDRESS, 1).latency_s == 0.05
    assert quiet.attempt("3.1.1", ADDRESS, 1).failure is None


def test_pace_speeds_up_what_comes_back() -> None:
    slow, fast = plan(read=1.0).aftermath("3.1.1"), replace(plan(read=1.0), pace=0.5).aftermath("3.1.1")
    assert slow.delivered_after is not None
    assert fast.delivered_after == pytest.approx(slow.delivered_after / 2, abs=timedelta(milliseconds=1))
    assert replace(plan(read=1.0), pace=0.0).aftermath("3.1.1").read_after == timedelta(0)


def test_a_plan_is_made_of_shares() -> None:
    given = {name: 0.5 for name in shares()}
    made = plan_of(given, seed=7, latency_s=0.01, pace=0.1, window=False)
    assert (made.script.seed, made.pace, made.window) == (7, 0.1, False)
    assert {made.script.rates.reply, made.posting.twice, made.slow, made.old_ids, made.deferred} == {0.5}
    assert plan_of({}, seed=1, latency_s=0.0, pace=1.0, window=True) == Plan(Script(1, Rates(), (0.0, 0.0)))


def test_what_is_taken_late_is_drawn_request_by_request() -> None:
    def late(share: float) -> int:
        plan = plan_of({"taken_late": share}, seed=1, latency_s=0.1, pace=0.0, window=True)
        return sum(plan.attempt(f"1.1.{number}", "+5541988880001", 1).late for number in range(200))

    assert (late(0.0), late(1.0)) == (0, 200)
    assert 60 < late(0.5) < 140
