"""What holds for every test: no network, reproducible examples, and where the providers' specifications are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

TESTS = Path(__file__).parent
WITH_SOCKETS = (TESTS / "contract", TESTS / "e2e", TESTS / "terraform" / "test_apply.py")

# `fast` and `ci` always try the same examples, so that a change and not chance turns a build red; `search` looks for
# new ones: HYPOTHESIS_PROFILE=search make test ARGS=tests/property
settings.register_profile("fast", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("ci", settings.get_profile("fast"), max_examples=300, print_blob=True)
settings.register_profile(
    "search",
    deadline=None,
    derandomize=False,
    max_examples=3000,
    print_blob=True,
    phases=tuple(Phase),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of real programs and local servers may open sockets, all others may not (see addopts)."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in WITH_SOCKETS):
            item.add_marker("enable_socket")


@pytest.fixture(scope="session")
def contracts() -> Path:
    """The folder of the providers' own specifications: DISPARO_CONTRACTS, else beside the repository; else a skip."""
    named = os.environ.get("DISPARO_CONTRACTS")
    folder = Path(named) if named else TESTS.parents[1] / "shared" / "contracts"
    if not folder.is_dir():
        pytest.skip(f"{folder} is no folder, and DISPARO_CONTRACTS names no other: no specifications of providers")
    return folder
