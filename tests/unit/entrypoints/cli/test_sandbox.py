from __future__ import annotations

import pytest

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.sandbox import _plan
from tests.unit.entrypoints.cli.conftest import Cli


def test_shares_are_read() -> None:
    plan = _plan(("lost_answer=0.05", "webhooks_twice=1", "reply=0"), 7, 50, 0.1, True)
    assert (plan.script.seed, plan.script.latency_s, plan.pace, plan.window) == (7, (0.05, 0.05), 0.1, False)
    assert (plan.script.rates.lost_answer, plan.posting.twice, plan.script.rates.reply) == (0.05, 1.0, 0.0)


def test_without_shares_people_answer_and_nothing_fails() -> None:
    rates = _plan((), 1, 50, 0.02, False).script.rates
    assert rates.reply > 0
    assert rates.opt_out > 0
    assert rates.lost_answer == rates.transient == rates.recipient == 0


@pytest.mark.parametrize("text", ["lost_answer", "lost=0.1", "reply=2", "reply=-1", "reply=nan", "reply=muito"])
def test_a_wrong_share_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--errors"):
        _plan((text,), 1, 50, 0.02, False)


@pytest.mark.parametrize(
    ("seed", "latency_ms", "pace"), [(-1, 0, 1.0), (1, -1, 1.0), (1, 0, -0.1), (1, 0, float("nan"))]
)
def test_numbers_begin_at_zero(seed: int, latency_ms: int, pace: float) -> None:
    with pytest.raises(InputError):
        _plan((), seed, latency_ms, pace, False)


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_there_is_none_of_is_refused(call: Cli, port: str) -> None:
    """A socket takes the rest of a division by 65536 without a word."""
    told = call("sandbox", "serve", f"--port={port}")
    assert told.code == 2
    assert f"--port {port}" in told.err
