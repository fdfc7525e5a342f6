"""The implementations of `Tables`, each opened twice over empty tables."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from itertools import count
from typing import Any

import pytest

from disparo.adapters.aws.dynamo import DynamoTables
from disparo.adapters.aws.tables import Tables
from disparo.simulation.memory_tables import MemoryTables

needs_emulator = pytest.mark.skipif(
    find_spec("moto") is None or find_spec("botocore") is None,
    reason="moto and botocore are not installed: the AWS emulator is of the development group",
)
FAMILIES = (pytest.param("memory"), pytest.param("emulator", marks=needs_emulator))
PREFIX = "alquimista-disparo"

_environments = count(1)


@contextmanager
def opened_tables(family: str) -> Iterator[tuple[Tables, Tables]]:
    """Empty tables of an implementation, twice: as two processes have them."""
    if family == "memory":
        memory = MemoryTables()
        yield memory, memory.sibling()
    else:
        environment = new_environment()
        with ThreadPoolExecutor(16) as pool, ThreadPoolExecutor(16) as other:
            yield emulated(environment, pool), emulated(environment, other)


def new_environment() -> str:
    """Empty tables on the emulator; the environment of their names."""
    from tests.contract.emulator import create_tables

    environment = f"t{next(_environments)}"
    create_tables(emulator_client(), PREFIX, environment)
    return environment


def emulated(environment: str, pool: ThreadPoolExecutor) -> DynamoTables:
    """A handle on tables of the emulator, which waits little between tries."""
    return DynamoTables(emulator_client(), PREFIX, environment, pool=pool, first_delay_s=0.002)


@cache
def emulator_client() -> Any:
    """One client for all tests, that like the product's does not try again by itself."""
    from tests.contract.emulator import client

    return client("dynamodb", retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False)
