"""When an alarm goes off, what is remembered of it, and how it is said."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.alarm import (
    STALE_AFTER,
    AlarmName,
    AlarmRule,
    AlarmStanding,
    AlarmState,
    Look,
    Unit,
    change_of,
    judged,
    told_by,
)
from disparo.domain.alarm_document import change_document, parse_change, parse_standing, standing_document
from disparo.domain.alarm_words import alarm_advice, alarm_sentence, alarm_title, change_title
from disparo.entrypoints.cli.app import COMMANDS

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ERRORS = AlarmRule(AlarmName.HIGH_ERROR_RATE, 10, Unit.COUNT, 2, 5 * MINUTE)
BREAKER = AlarmRule(AlarmName.BREAKER_OPEN, 0, Unit.COUNT, lasting=10 * MINUTE)
OK, ALARM, INSUFFICIENT = AlarmState.OK, AlarmState.ALARM, AlarmState.INSUFFICIENT


def looked(rule: AlarmRule, look: Look, before: AlarmStanding | None = None, at: datetime = NOW) -> AlarmStanding:
    return judged(rule, look, before, at)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ((11, 11), ALARM),
        ((10, 11), OK),  # above, not at it
        ((11, 10), OK),  # in each of the periods
        ((11, None), OK),  # nothing to measure is no breach
        ((None, 11), OK),
        ((11,), OK),
        ((), INSUFFICIENT),
        ((11, 11, 0), ALARM),  # what is older than its periods
    ],
)
def test_an_alarm_goes_off_when_each_of_its_periods_is_above_the_threshold(values, state) -> None:
    assert looked(ERRORS, Look(values)).state is state


def test_a_value_that_is_looked_at_has_to_stay_above_for_a_while() -> None:
    standing, states = None, []
    for minute in range(13):
        standing = looked(BREAKER, Look([0.0 if minute == 1 else 1.0]), standing, NOW + minute * MINUTE)
        states.append(standing.state)
    assert states == [OK] * 12 + [ALARM]
    assert standing is not None
    assert standing.since == NOW + 12 * MINUTE


def test_an_alarm_stands_since_it_changed_and_not_since_it_was_looked_at() -> None:
    first = looked(ERRORS, Look((20, 20)))
    second = looked(ERRORS, Look((30, 20)), first, NOW + MINUTE)
    assert (second.since, second.checked_at, second.value) == (NOW, NOW + MINUTE, 30)
    third = looked(ERRORS, Look((0, 30)), second, NOW + 2 * MINUTE)
    assert (third.state, third.since, third.above_since) == (OK, NOW + 2 * MINUTE, None)


def test_what_nobody_looked_at_for_a_while_does_not_count_as_above() -> None:
    before = looked(BREAKER, Look([1.0]))
    late = NOW + STALE_AFTER + 30 * MINUTE
    assert looked(BREAKER, Look([1.0]), before, late).state is OK
    assert looked(BREAKER, Look([1.0]), replace(before, checked_at=late - MINUTE), late).state is ALARM


def test_a_clock_that_was_set_back_begins_anew() -> None:
    before = looked(BREAKER, Look([1.0]), None, NOW + timedelta(days=1))
    again = looked(BREAKER, Look([1.0]), before, NOW)
    assert again.above_since == NOW
    assert again.state is OK


def test_whom_it_is_about_is_told_only_while_it_is_above() -> None:
    assert looked(BREAKER, Look([1.0], ("principal",))).about == ("principal",)
    assert looked(BREAKER, Look([0.0], ("principal",))).about == ()


def standing(state: AlarmState, at: datetime = NOW) -> AlarmStanding:
    return AlarmStanding(AlarmName.DLQ_MESSAGES, state, at, at, 3.0, 0.0, Unit.COUNT)


@pytest.mark.parametrize(
    ("before", "after", "remembered", "told"),
    [
        (None, OK, False, False),
        (None, INSUFFICIENT, False, False),
        (None, ALARM, True, True),
        (OK, OK, False, False),
        (OK, ALARM, True, True),
        (ALARM, ALARM, False, False),
        (ALARM, OK, True, True),
        (ALARM, INSUFFICIENT, True, True),
        (INSUFFICIENT, OK, True, False),
        (OK, INSUFFICIENT, True, False),
        (INSUFFICIENT, ALARM, True, True),
    ],
)
def test_people_are_told_when_an_alarm_goes_off_and_when_it_no_longer_does(before, after, remembered, told) -> None:
    change = change_of(None if before is None else standing(before), standing(after), ["email"])
    assert (change is not None) is remembered
    assert (change is not None and change.waiting == {"email"}) is told


def test_a_change_knows_by_which_ways_it_was_told() -> None:
    change = change_of(standing(OK), standing(ALARM), ["email", "webhook"])
    assert change is not None
    told = told_by(change, "email", NOW)
    assert (told.waiting, told.told, told.id) == ({"webhook"}, {"email": NOW}, change.id)


def test_a_change_has_the_same_id_each_time_and_sorts_by_its_instant() -> None:
    change = change_of(None, standing(ALARM), ())
    later = change_of(None, standing(ALARM, NOW + timedelta(milliseconds=1)), ())
    assert change is not None
    assert later is not None
    assert change.id == "1772452800000-dlq_messages"
    assert change.id < later.id


def test_documents_bring_back_what_they_were_made_of() -> None:
    full = replace(standing(ALARM), about=("a", "b"), above_since=NOW - MINUTE, value=None, unit=Unit.PERCENT)
    assert parse_standing(standing_document(full)) == full
    change = change_of(standing(OK), full, ["email"])
    assert change is not None
    assert parse_change(change_document(change), frozenset({"email"}), {}) == change


def test_an_alarm_of_another_version_is_not_known() -> None:
    document = {**standing_document(standing(OK)), "name": "of_next_year"}
    assert parse_standing(document) is None
    assert parse_change({"was": "ok", "standing": document}, frozenset(), {}) is None


@pytest.mark.parametrize("name", AlarmName)
def test_every_alarm_has_words_in_both_languages(name) -> None:
    one = replace(standing(ALARM), name=name)
    assert alarm_title(name, "pt") != alarm_title(name, "en")
    assert alarm_sentence(one, "pt") != alarm_sentence(one, "en")
    assert alarm_advice(name, "pt") != alarm_advice(name, "en")


@pytest.mark.parametrize("name", AlarmName)
def test_advice_names_commands_that_there_are(name) -> None:
    commands = set(re.findall(r"disparo ([a-z-]+(?: [a-z]+)?)", alarm_advice(name, "pt") + alarm_advice(name, "en")))
    assert {one if one in COMMANDS else one.split()[0] for one in commands} <= set(COMMANDS)


def test_sentences_tell_value_limit_and_whom_it_is_about() -> None:
    ringing = AlarmStanding(AlarmName.BREAKER_OPEN, ALARM, NOW, NOW, 2.0, 0.0, Unit.COUNT, ("principal", "reserva"))
    assert alarm_sentence(ringing, "pt") == (
        "remetentes cujo provedor falha sem parar, e cujas mensagens esperam: 2 (principal, reserva); limite: 0"
    )
    rate = AlarmStanding(AlarmName.FAILED_RATE, ALARM, NOW, NOW, 1234.56, 20, Unit.PERCENT)
    assert alarm_sentence(rate, "pt").endswith(": 1.234,6%; limite: 20%")
    assert alarm_sentence(rate, "en").endswith(": 1,234.6%; limit: 20%")
    slow = AlarmStanding(AlarmName.HIGH_LATENCY, ALARM, NOW, NOW, 12.5, 10, Unit.SECONDS)
    assert alarm_sentence(slow, "pt").endswith(": 12,5 s; limite: 10 s")
    assert ": 10 min;" in alarm_sentence(replace(slow, value=600.0), "en")
    assert "nada a medir" in alarm_sentence(replace(slow, value=None, state=OK), "pt")
    assert "not known here" in alarm_sentence(replace(slow, value=None, state=INSUFFICIENT), "en")
    change = change_of(None, ringing, ())
    assert change is not None
    assert change_title(change, "pt") == "Remetente parado: em alarme"
