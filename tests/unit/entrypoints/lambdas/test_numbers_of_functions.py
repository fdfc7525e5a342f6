"""What the functions write for numbers and alarms, beside what CloudWatch has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from disparo.adapters.signed_links import SignedLinks
from disparo.domain.alarm import AlarmName, AlarmState
from disparo.domain.errors import StoreError
from disparo.domain.figure import Counted, figure_of
from disparo.entrypoints.lambdas import runtime, schedule
from tests.unit.entrypoints.lambdas.functions import Context, Functions, set_up
from tests.unit.usecases.conftest import MONDAY

TICK, STEPS = {"task": "tick"}, {"task": "steps"}
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    made = set_up(monkeypatch)
    object.__setattr__(made.app, "link_key", lambda: KEY)  # else Secrets Manager would be asked
    object.__setattr__(made.app, "links", SignedLinks("https://disparo.example.com", lambda: KEY))
    yield made
    runtime._runner().close()


def test_a_tick_is_a_sign_of_life(functions: Functions) -> None:
    assert functions.run(functions.app.store.numbers.last_beat()) is None
    schedule.handler(TICK, Context())
    beat = functions.run(functions.app.store.numbers.last_beat())
    assert beat is not None
    assert MONDAY <= beat < MONDAY + timedelta(minutes=1)


def test_the_steps_look_at_alarms_and_say_what_only_cloudwatch_knows(functions: Functions) -> None:
    schedule.handler(STEPS, Context())
    standings = functions.run(functions.app.store.alarms.standings())
    states = {one.name: one.state for one in standings}
    unknown = {AlarmName.HIGH_ERROR_RATE, AlarmName.HIGH_LATENCY, AlarmName.FAILED_RATE, AlarmName.DISK_NEARLY_FULL}
    assert {name for name, state in states.items() if state is AlarmState.INSUFFICIENT} == unknown
    assert {name for name, state in states.items() if state is AlarmState.OK} == set(AlarmName) - unknown


def test_the_steps_keep_what_came_of_meetings(functions: Functions) -> None:
    functions.app.agenda.figures.unreadable = 2
    schedule.handler(STEPS, Context())
    ever = functions.run(functions.app.store.numbers.ever())
    assert {series.name for series in ever} == {Counted.UNREADABLE}
    assert figure_of(ever).unreadable == 2


def test_counts_that_cannot_be_written_are_no_fault_of_the_work(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise StoreError("tabela cheia de ana@exemplo.com.br")

    monkeypatch.setattr(functions.app.store.numbers, "add", full)
    monkeypatch.setattr(functions.app.store.numbers, "beat", full)
    functions.app.agenda.figures.unreadable = 1
    assert schedule.handler(TICK, Context())["idle"] is False
    assert schedule.handler(STEPS, Context())["idle"] is False
    failed = [line for line in functions.lines() if line["message"] == "not_written"]
    assert [line["what"] for line in failed] == ["beat", "counts"]
    assert all("exemplo" not in json.dumps(line) for line in failed)
