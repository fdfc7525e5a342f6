"""Many seeds, in portions that test processes can share. DISPARO_SEEDS sets how many."""

from __future__ import annotations

import os

import pytest

from disparo.simulation.run import play_seed, told

SEEDS = int(os.environ.get("DISPARO_SEEDS", "300"))
PORTION = 15


@pytest.mark.seeds
@pytest.mark.parametrize("first", range(0, SEEDS, PORTION))
def test_every_promise_holds_in_every_world(first: int) -> None:
    for seed in range(first, min(first + PORTION, SEEDS)):
        result = play_seed(seed)
        assert result.violation is None, told(result)
