from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.place import Place
from disparo.domain.policies.rate_limit import PermitBook
from disparo.simulation.hours_oracle import DaySpec, HoursSpec
from disparo.simulation.run import main, play_seed, told
from disparo.simulation.scenario import FaultRates, Scenario, quiet
from disparo.simulation.world import FAMILIES, play


def test_a_seed_is_always_the_same_world() -> None:
    first = play_seed(5)
    play_seed(6)
    assert play_seed(5) == first
    assert first.requests > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_seed_is_the_same_world_in_another_process_whatever_its_hashes(family: str) -> None:
    def output(hash_seed: str) -> str:
        command = [sys.executable, "-m", "disparo.simulation", "--family", family, "--seed", "7"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        return done.stdout.splitlines()[0]

    assert play_seed(7, family).digest in output("1")
    assert output("1") == output("2")


def test_seeds_differ() -> None:
    assert Scenario.of(1) != Scenario.of(2)
    assert play_seed(1).digest != play_seed(2).digest


def test_a_failure_names_seed_and_invariant_and_shows_the_last_steps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(PermitBook, "earliest", lambda self, *_: (self.last_at_ms, 1 << 60, "free"))
    failing = next(result for seed in range(50) if (result := play_seed(seed)).violation)
    assert failing.violation is not None
    assert failing.violation.invariant == "I4"
    text = told(failing)
    assert text.startswith(f"seed {failing.seed} broke I4")
    assert text.endswith(f"python -m disparo.simulation --seed {failing.seed}")
    assert "requests" in text
    assert len(failing.violation.steps) <= 40
    assert main(["--seed", str(failing.seed)]) == 1
    assert text in capsys.readouterr().out


def test_a_quiet_world_sends_everything_it_may() -> None:
    scenario = quiet(Scenario.of(11))
    provider = replace(scenario.providers["email-1"], rates={}, outages=())
    result = play(replace(scenario, providers=dict.fromkeys(scenario.senders, provider), faults=FaultRates()))
    assert result.violation is None
    assert result.requests > 0


NINE_TO_FIVE = HoursSpec(DaySpec((1, 2, 3, 4, 5), "09:00", "17:00", ("12:00", "13:00")))
NIGHT = HoursSpec(DaySpec((5,), "22:00", "03:00", ("23:30", "00:30")), public=False)
SAO_PAULO = Place("America/Sao_Paulo", "BR-SP")


@pytest.mark.parametrize(
    ("spec", "at", "expected"),
    [
        (NINE_TO_FIVE, datetime(2026, 11, 23, 12, 0, tzinfo=UTC), True),  # Monday 09:00
        (NINE_TO_FIVE, datetime(2026, 11, 23, 11, 59, tzinfo=UTC), False),
        (NINE_TO_FIVE, datetime(2026, 11, 23, 15, 0, tzinfo=UTC), False),  # lunch
        (NINE_TO_FIVE, datetime(2026, 11, 23, 20, 0, tzinfo=UTC), False),
        (NINE_TO_FIVE, datetime(2026, 11, 20, 12, 0, tzinfo=UTC), False),  # Consciência Negra
        (NINE_TO_FIVE, datetime(2026, 7, 9, 12, 0, tzinfo=UTC), False),  # São Paulo's own holiday
        (NIGHT, datetime(2026, 11, 28, 5, 59, tzinfo=UTC), True),  # Saturday 02:59 belongs to Friday
        (NIGHT, datetime(2026, 11, 28, 3, 0, tzinfo=UTC), False),  # its lunch, over midnight
        (NIGHT, datetime(2026, 11, 27, 5, 0, tzinfo=UTC), False),  # Thursday's night is none
    ],
)
def test_the_oracle_reads_the_wall_clock(spec: HoursSpec, at: datetime, expected: bool) -> None:
    assert spec.open_at(SAO_PAULO, at) is expected


def test_the_oracle_knows_no_time_that_a_clock_skips() -> None:
    early = HoursSpec(DaySpec((7,), "02:00", "03:00", None), public=False)
    new_york = Place("America/New_York")
    midnight = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
    assert not any(early.open_at(new_york, midnight + timedelta(minutes=minute)) for minute in range(24 * 60))
