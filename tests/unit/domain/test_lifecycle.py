from __future__ import annotations

from enum import StrEnum

import pytest

from disparo.domain.errors import TransitionError
from disparo.domain.lifecycle import Lifecycle


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    LATE_AMBER = "late_amber"


class Turn(StrEnum):
    GO = "go"
    STOP = "stop"


TRAFFIC: Lifecycle[Light, Turn] = Lifecycle(
    "traffic light",
    Light.RED,
    {
        (Light.RED, Turn.GO): Light.GREEN,
        (Light.GREEN, Turn.STOP): Light.LATE_AMBER,
        (Light.LATE_AMBER, Turn.STOP): Light.RED,
    },
    {light: f"o sinal está {light}" for light in Light},
    {turn: f"fazer {turn}" for turn in Turn},
)


def test_an_event_leads_where_the_table_says() -> None:
    assert TRAFFIC.after(Light.RED, Turn.GO) is Light.GREEN
    assert TRAFFIC.after(Light.LATE_AMBER, Turn.STOP) is Light.RED


def test_every_event_outside_the_table_is_refused_by_names() -> None:
    for state, event in [(Light.RED, Turn.STOP), (Light.GREEN, Turn.GO), (Light.LATE_AMBER, Turn.GO)]:
        assert not TRAFFIC.allows(state, event)
        with pytest.raises(TransitionError) as refused:
            TRAFFIC.after(state, event)
        assert str(refused.value) == f"o sinal está {state.value}; não é possível fazer {event.value}"


def test_what_is_allowed_is_what_leads_somewhere() -> None:
    assert {pair for pair in TRAFFIC.table if TRAFFIC.allows(*pair)} == set(TRAFFIC.table)


def test_the_diagram_is_the_table() -> None:
    assert TRAFFIC.mermaid() == (
        "stateDiagram-v2\n"
        "    [*] --> red\n"
        "    red --> green: go\n"
        "    green --> late_amber: stop\n"
        "    late_amber --> red: stop"
    )
