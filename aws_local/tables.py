"""The product's tables, created without Terraform."""

from __future__ import annotations

from typing import Any

from disparo.adapters.aws.tables import KEYS_ONLY, TABLES, Table


def create_tables(client: Any, prefix: str, environment: str) -> None:
    """Create `<prefix>-<table>-<environment>` for every table of the product, on demand, ready when this returns."""
    for table in TABLES:
        client.create_table(TableName=f"{prefix}-{table.name}-{environment}", **_request(table))


def _request(table: Table) -> dict[str, Any]:
    keys = [(table.hash, table.range), *table.indexes.values()]
    attributes = sorted({name for pair in keys for name in pair if name is not None})
    request: dict[str, Any] = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        "KeySchema": _key(table.hash, table.range),
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": name,
                "KeySchema": _key(*key),
                "Projection": {"ProjectionType": "KEYS_ONLY" if name in KEYS_ONLY else "ALL"},
            }
            for name, key in table.indexes.items()
        ]
    return request


def _key(hash_name: str, range_name: str | None) -> list[dict[str, str]]:
    key = [{"AttributeName": hash_name, "KeyType": "HASH"}]
    return key if range_name is None else [*key, {"AttributeName": range_name, "KeyType": "RANGE"}]
