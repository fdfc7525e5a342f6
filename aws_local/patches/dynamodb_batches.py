"""Gap: BatchWriteItem takes any number of requests, where DynamoDB refuses more than 25 and two of one item.

Source: Amazon DynamoDB API reference, BatchWriteItem.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.responses import DynamoHandler

from aws_local.patches.seam import wrap

MOST_REQUESTS = 25


def apply() -> None:
    """A batch of 26 is refused, and so is one that names an item twice."""
    wrap(DynamoHandler, "batch_write_item", _within_limits)


def _within_limits(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def batch_write_item(self: DynamoHandler) -> Any:
        tables: dict[str, list[dict[str, Any]]] = self.body["RequestItems"]
        if sum(map(len, tables.values())) > MOST_REQUESTS:
            raise MockValidationException("Too many items requested for the BatchWriteItem call")
        keys = [_key(self, table, request) for table, requests in tables.items() for request in requests]
        if len(set(keys)) < len(keys):
            raise MockValidationException("Provided list of item keys contains duplicates")
        return original(self)

    return batch_write_item


def _key(handler: DynamoHandler, table_name: str, request: dict[str, Any]) -> str:
    what, wanted = next(iter(request.items()))
    table = handler.dynamodb_backend.get_table(table_name)
    item = wanted["Item"] if what == "PutRequest" else wanted["Key"]
    return json.dumps(
        [table.name, {name: item.get(name) for name in table.table_key_attrs}], sort_keys=True, default=repr
    )
