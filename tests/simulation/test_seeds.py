"""Many seeds, in portions that test processes can share. DISPARO_SEEDS sets how many.

Without it they are few enough for `make test` to end in ten minutes; `.ci/run` plays five times as many.
"""

from __future__ import annotations

import os

import pytest

from disparo.simulation.run import play_seed, told

SEEDS = int(os.environ.get("DISPARO_SEEDS") or (300 if "DISPARO_SLOW" in os.environ else 60))
CLOUD_SEEDS = SEEDS // 8
"""Worlds on DynamoDB take three to five times as long."""
PORTION = 15
CLOUD_PORTION = 4


@pytest.mark.seeds
@pytest.mark.parametrize("first", range(0, SEEDS, PORTION))
def test_every_promise_holds_in_every_world(first: int) -> None:
    for seed in range(first, min(first + PORTION, SEEDS)):
        result = play_seed(seed)
        assert result.violation is None, told(result)


@pytest.mark.seeds
@pytest.mark.parametrize("family", ["dynamo", "lambda"])
@pytest.mark.parametrize("first", range(0, CLOUD_SEEDS, CLOUD_PORTION))
def test_every_promise_holds_on_aws(family: str, first: int) -> None:
    for seed in range(first, min(first + CLOUD_PORTION, CLOUD_SEEDS)):
        result = play_seed(seed, family)
        assert result.violation is None, told(result, family)
