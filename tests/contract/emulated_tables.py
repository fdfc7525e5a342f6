"""DynamoDB's tables on the emulator, a set of its own for each test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from disparo.adapters.aws.dynamo import DynamoTables
from tests.contract.emulator import client, create_tables


@contextmanager
def emulated_tables() -> Iterator[tuple[DynamoTables, DynamoTables]]:
    """Empty tables, as two processes have them."""
    dynamodb = client("dynamodb", retries={"total_max_attempts": 1})
    prefix = f"t{uuid.uuid4().hex[:12]}"
    create_tables(dynamodb, prefix, "test")
    with ThreadPoolExecutor(16) as one, ThreadPoolExecutor(16) as other:
        yield DynamoTables(dynamodb, prefix, "test", pool=one), DynamoTables(dynamodb, prefix, "test", pool=other)
