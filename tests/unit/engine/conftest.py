"""The engine over the real store in memory, with a provider that does as told."""

from __future__ import annotations

import pytest

from tests.unit.usecases.conftest import House


@pytest.fixture
def house() -> House:
    """An installation with nothing in it, at ten o'clock on a Monday."""
    return House()
