"""What the sandbox does with each message is drawn from a seed: the same for the same, and as often as it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.channels.sandbox.script import ANSWERS, OPT_OUTS, Fate, Rates, Script
from disparo.domain.policies.retry import FailureClass
from disparo.domain.reply_intent import is_opt_out

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
MANY = 2000
NOTHING = Rates(read=0.0)


def fates(script: Script, at: datetime = NOW) -> list[Fate]:
    return [script.fate(f"1.1.{number}", f"+55419{number}", at) for number in range(MANY)]


def test_the_same_seed_message_and_instant_give_the_same() -> None:
    rates = Rates(recipient=0.1, transient=0.2, throttled=0.1, lost_answer=0.1, reply=0.2, opt_out=0.1)
    one, same, other = Script(1, rates), Script(1, rates), Script(2, rates)
    assert fates(one) == fates(same) != fates(other)
    assert [one.aftermath(f"1.1.{number}") for number in range(99)] == [
        same.aftermath(f"1.1.{number}") for number in range(99)
    ]


def test_a_later_attempt_may_fare_better_but_a_wrong_address_stays_wrong() -> None:
    transient = Script(1, Rates(transient=0.5))
    assert fates(transient) != fates(transient, NOW + timedelta(seconds=1))
    wrong = Script(1, Rates(recipient=0.3))
    first = [fate.failure for fate in fates(wrong)]
    assert [fate.failure for fate in fates(wrong, NOW + timedelta(days=1))] == first
    assert wrong.fate("9.2.7", "+55419500", NOW).failure == wrong.fate("1.1.500", "+55419500", NOW).failure


@pytest.mark.parametrize(
    ("rate", "failure", "taken"),
    [
        ("recipient", FailureClass.RECIPIENT, False),
        ("permanent", FailureClass.PERMANENT, False),
        ("transient", FailureClass.TRANSIENT, False),
        ("throttled", FailureClass.THROTTLED, False),
        ("auth", FailureClass.AUTH, False),
        ("lost_answer", FailureClass.UNKNOWN, True),
        ("lost_request", FailureClass.UNKNOWN, False),
    ],
)
def test_each_rate_gives_its_share_of_its_failure(rate: str, failure: FailureClass, taken: bool) -> None:
    drawn = fates(Script(1, replace(NOTHING, **{rate: 0.25})))
    failed = [fate for fate in drawn if fate.failure is not None]
    assert {(fate.failure, fate.taken) for fate in failed} == {(failure, taken)}
    assert 0.2 < len(failed) / MANY < 0.3
    assert all(fate.taken for fate in drawn if fate.failure is None)


def test_rates_add_up() -> None:
    rates = Rates(permanent=0.2, transient=0.2, throttled=0.2, auth=0.2, lost_answer=0.2)
    drawn = Counter(fate.failure for fate in fates(Script(1, rates)))
    assert None not in drawn
    assert all(0.16 < count / MANY < 0.24 for count in drawn.values())


def test_nothing_fails_by_default() -> None:
    assert {fate.failure for fate in fates(Script())} == {None}


def test_answers_take_their_time_and_silence_the_timeout() -> None:
    script = Script(1, Rates(lost_answer=0.3), latency_s=(0.1, 0.4), timeout_s=7.0)
    for fate in fates(script):
        assert fate.latency_s == 7.0 if fate.failure else 0.1 <= fate.latency_s < 0.4


def test_in_an_outage_everything_fails_as_the_providers_fault() -> None:
    end = NOW + timedelta(minutes=5)
    script = Script(1, Rates(recipient=1.0), outages=[(NOW, end)])
    assert {(fate.failure, fate.taken) for fate in fates(script)} == {(FailureClass.TRANSIENT, False)}
    assert {fate.failure for fate in fates(script, end - timedelta(milliseconds=1))} == {FailureClass.TRANSIENT}
    for outside in (end, NOW - timedelta(milliseconds=1)):
        assert {fate.failure for fate in fates(script, outside)} == {FailureClass.RECIPIENT}


def test_what_comes_back_comes_in_order() -> None:
    script = Script(1, Rates(read=0.7, reply=0.4, opt_out=0.2))
    for number in range(MANY):
        after = script.aftermath(f"1.1.{number}")
        assert after.delivered_after is not None
        assert after.failed_after is None
        if after.read_after is not None:
            assert after.read_after > after.delivered_after
        if after.reply_after is not None:
            assert after.reply_after > (after.read_after or after.delivered_after)
            assert after.reply in (*ANSWERS, *OPT_OUTS)


def test_replies_and_opt_outs_come_as_often_as_told() -> None:
    script = Script(1, Rates(reply=0.2, opt_out=0.1))
    replies = [after.reply for number in range(MANY) if (after := script.aftermath(f"1.1.{number}")).reply]
    assert 0.25 < len(replies) / MANY < 0.35
    assert 0.07 < sum(is_opt_out(text) for text in replies) / MANY < 0.13


def test_what_is_undelivered_is_neither_delivered_nor_read_nor_answered() -> None:
    script = Script(1, Rates(undelivered=1.0, read=1.0, reply=1.0))
    for number in range(100):
        after = script.aftermath(f"1.1.{number}")
        assert (after.delivered_after, after.read_after, after.reply_after) == (None, None, None)
        assert after.failed_after is not None


def test_every_opt_out_of_the_sandbox_is_one_and_no_answer_is() -> None:
    assert all(is_opt_out(text) for text in OPT_OUTS)
    assert not any(is_opt_out(text) for text in ANSWERS)
