"""Gap: TransactWriteItems ignores ClientRequestToken (a repeated one is applied twice) and copies whole tables to undo.

Here a token holds for ten minutes as on AWS, conditions are all looked at before anything is written, and only the
items touched are put back when a write fails. Also TransactGetItems takes 100 items, as on AWS, where moto stops at 25.
Source: Amazon DynamoDB API reference, TransactWriteItems and TransactGetItems.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb import responses
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    DynamodbException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.responses import DynamoHandler

from aws_local.patches.seam import replace, wrap

TOKEN_LIFE_S = 600
MOST_ITEMS = 100

Write = tuple[str, dict[str, Any], dict[str, Any]]
"""What to do (Put, Update, Delete or ConditionCheck), its request and the key of its item."""


class IdempotentParameterMismatchError(DynamodbException):  # type: ignore[misc, unused-ignore]
    """The token was used for another request within ten minutes."""

    def __init__(self) -> None:
        super().__init__(
            "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request.",
        )


def apply() -> None:
    """Tokens that are honoured, and transactions that are all or nothing and cost what they touch."""
    if responses.TRANSACTION_MAX_ITEMS != MOST_ITEMS:
        replace(responses, "TRANSACTION_MAX_ITEMS", MOST_ITEMS)
    wrap(DynamoDBBackend, "transact_write_items", lambda _: _transact_write_items)
    wrap(DynamoHandler, "transact_write_items", _once_per_token)


def _once_per_token(original: Callable[..., Any]) -> Callable[..., Any]:
    done: dict[tuple[str, str, str], tuple[float, str]] = {}

    @wraps(original)
    def transact_write_items(self: DynamoHandler) -> Any:
        now = time.monotonic()
        for old in [name for name, (at, _) in done.items() if now - at > TOKEN_LIFE_S]:
            del done[old]
        token = self.body.get("ClientRequestToken")
        if token is None:
            return original(self)
        name = (self.current_account, self.region, token)
        request = json.dumps(self.body["TransactItems"], sort_keys=True, default=repr)
        if name in done:
            if done[name][1] != request:
                raise IdempotentParameterMismatchError
            return ActionResult({})
        result = original(self)
        done[name] = (now, request)
        return result

    return transact_write_items


def _transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    if len(transact_items) > MOST_ITEMS:
        raise TooManyTransactionsException
    writes = [_write_of(self, item) for item in transact_items]
    targets = [(request["TableName"], json.dumps(key, sort_keys=True)) for _, request, key in writes]
    if len(set(targets)) < len(targets):
        raise MultipleTransactionsException
    refusals = [_refusal(self, request, key) for _, request, key in writes]
    if any(code for code, _, _ in refusals):
        raise TransactionCanceledException(refusals)
    before = [(request["TableName"], key, copy.deepcopy(_item(self, request, key))) for _, request, key in writes]
    try:
        for what, request, key in writes:
            _do(self, what, request, key)
    except Exception:
        for table, key, image in before:
            _put_back(self, table, key, image)
        raise


def _write_of(backend: DynamoDBBackend, item: dict[str, Any]) -> Write:
    if len(item) != 1:
        raise TransactWriteSingleOpException
    what, request = next(iter(item.items()))
    if what != "Put":
        return what, request, request["Key"]
    table = backend.get_table(request["TableName"])
    return what, request, {name: request["Item"][name] for name in table.table_key_attrs}


def _item(backend: DynamoDBBackend, request: dict[str, Any], key: dict[str, Any]) -> Any:
    return backend.get_item(request["TableName"], key)


def _refusal(backend: DynamoDBBackend, request: dict[str, Any], key: dict[str, Any]) -> tuple[Any, Any, Any]:
    current = _item(backend, request, key)
    condition = get_filter_expression(
        request.get("ConditionExpression"),
        request.get("ExpressionAttributeNames"),
        request.get("ExpressionAttributeValues"),
    )
    if condition.expr(current):
        return None, None, None
    shown = current is not None and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    return (
        "ConditionalCheckFailed",
        "The conditional request failed",
        current.to_json()["Attributes"] if shown else None,
    )


def _do(backend: DynamoDBBackend, what: str, request: dict[str, Any], key: dict[str, Any]) -> None:
    table = request["TableName"]
    if what == "Put":
        backend.put_item(table, request["Item"], overwrite=True)
    elif what == "Delete":
        backend.delete_item(table, key)
    elif what == "Update":
        backend.update_item(
            table,
            key,
            request["UpdateExpression"],
            request.get("ExpressionAttributeNames") or {},
            request.get("ExpressionAttributeValues") or {},
        )


def _put_back(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], image: Any) -> None:
    table = backend.get_table(table_name)
    hash_value, range_value = (DynamoType(key[name]) if name else None for name in _key_names(table))
    assert hash_value is not None
    if image is None:
        table.delete_item(hash_value, range_value)
    elif range_value is None:
        table.items[hash_value] = image
    else:
        table.items[hash_value][range_value] = image


def _key_names(table: Any) -> tuple[str, str | None]:
    return table.hash_key_attr, table.range_key_attr
