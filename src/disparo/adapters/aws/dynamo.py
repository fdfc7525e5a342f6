"""`Tables` on Amazon DynamoDB."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex, token_urlsafe
from typing import Any

from disparo.adapters.aws.attribute_values import decoded_item, encoded_item
from disparo.adapters.aws.change_rules import (
    key_of,
    refuse_key,
    refuse_wrong,
    refuse_wrong_query,
    refuse_wrong_transaction,
)
from disparo.adapters.aws.dynamo_batches import batchable, get_batched, write_batched
from disparo.adapters.aws.dynamo_calls import ConditionRefusedError, DynamoCalls
from disparo.adapters.aws.expressions import Request, change_request, query_request
from disparo.adapters.aws.tables import (
    TOKEN,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Item,
    Key,
    Put,
    Table,
    Update,
)
from disparo.domain.errors import StoreError

FIRST_DELAY_S = 0.025

_OPERATIONS: dict[type, tuple[str, str]] = {
    Put: ("put_item", "Put"),
    Update: ("update_item", "Update"),
    Delete: ("delete_item", "Delete"),
    Check: ("", "ConditionCheck"),
}
_REFUSED = "o item já não é como a gravação esperava; nada foi gravado"
_DOUBTFUL = "a resposta de uma gravação no DynamoDB se perdeu e o item já é outro: repita a operação"


class DynamoTables:
    """`Tables` on DynamoDB, through botocore's low-level client, whose calls block and so run in the pool's threads.

    A call whose answer was lost is made again, and its effect is had once: a conditional Put or Update knows its own
    token in the item, a transaction its own request token, everything else writes the same twice. When such a write
    finds its condition failed and another's token, nobody can tell a lost race from a write of ours that another one
    followed: that is a StoreError, for which a write may have been done, and never a ConditionFailedError. What stays
    open: an unconditional Update that adds to a number may add twice; a conditional Delete counts as done when its
    answer was lost and the item is gone, whoever removed it. In a task that was cancelled a write may be done later.
    """

    def __init__(
        self,
        client: Any,
        prefix: str,
        environment: str,
        *,
        pool: ThreadPoolExecutor,
        first_delay_s: float = FIRST_DELAY_S,
    ) -> None:
        self._calls = DynamoCalls(client, pool, first_delay_s)
        self._prefix = prefix
        self._environment = environment

    async def get(self, table: Table, key: Key) -> Item | None:
        """See `Tables.get`."""
        refuse_key(table, key)
        request = {"TableName": self._name(table), "Key": encoded_item(key), "ConsistentRead": True}
        answer = await self._calls.call("get_item", request)
        return decoded_item(answer["Item"]) if "Item" in answer else None

    async def get_many(self, wanted: Sequence[tuple[Table, Key]]) -> list[Item | None]:
        """See `Tables.get_many`."""
        for table, key in wanted:
            refuse_key(table, key)
        asked = [(self._name(table), tuple(table.key_of(key).items())) for table, key in wanted]
        tables = {self._name(table): table for table, _ in wanted}
        got = await get_batched(self._calls, dict.fromkeys(asked))
        found = {(name, tuple(tables[name].key_of(item).items())): item for name, item in got}
        return [found.get(one) for one in asked]

    async def write(self, change: Change) -> Item | None:
        """See `Tables.write`."""
        refuse_wrong(change)
        token = token_urlsafe(9) if change.when and not isinstance(change, Delete) else None
        request = change_request(change, self._name(change.table), token)
        if change.when:
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if isinstance(change, Update):
            request["ReturnValues"] = "ALL_NEW"
        try:
            answer = await self._calls.call(_OPERATIONS[type(change)][0], request)
        except ConditionRefusedError as refused:
            return _own(change, token, refused)
        match change:
            case Put(_, item):
                return dict(item)
            case Update():
                return decoded_item(answer["Attributes"])
            case Delete():
                return None

    async def write_many(self, changes: Sequence[Change]) -> list[bool]:
        """See `Tables.write_many`; what has no condition goes in batches.

        After a StoreError any part may have been done; none is still under way.
        """
        for change in changes:
            refuse_wrong(change)
        batched = batchable(changes, lambda change: (change.table.name, key_of(change)))
        alone = [change for place, change in enumerate(changes) if place not in batched]
        writes = [(self._name(change.table), change) for change in batched.values()]
        outcomes = await asyncio.gather(
            write_batched(self._calls, writes), *map(self.write, alone), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, ConditionFailedError):
                raise outcome
        done = (not isinstance(outcome, ConditionFailedError) for outcome in outcomes[1:])
        return [place in batched or next(done) for place in range(len(changes))]

    async def transact(self, changes: Sequence[Change | Check]) -> None:
        """See `Tables.transact`."""
        refuse_wrong_transaction(changes)
        items = [{_OPERATIONS[type(change)][1]: change_request(change, self._name(change.table))} for change in changes]
        try:
            await self._calls.call(
                "transact_write_items", {"TransactItems": items, "ClientRequestToken": token_hex(16)}
            )
        except ConditionRefusedError:
            raise ConditionFailedError(_REFUSED) from None

    async def query(
        self,
        table: Table,
        value: str,
        *,
        index: str | None = None,
        lowest: str | None = None,
        highest: str | None = None,
        descending: bool = False,
        limit: int | None = None,
    ) -> list[Item]:
        """See `Tables.query`."""
        refuse_wrong_query(table, value, index, (lowest, highest), limit)
        if lowest is not None and highest is not None and lowest > highest:
            return []  # DynamoDB refuses such a BETWEEN
        keys = (table.hash, table.range) if index is None else table.indexes[index]
        request = query_request(keys, value, lowest, highest)
        request |= {"TableName": self._name(table), "ScanIndexForward": not descending}
        request |= {"ConsistentRead": True} if index is None else {"IndexName": index}
        return await self._pages("query", request, limit)

    async def scan(self, table: Table) -> list[Item]:
        """See `Tables.scan`."""
        return await self._pages("scan", {"TableName": self._name(table), "ConsistentRead": True}, None)

    async def _pages(self, operation: str, request: Request, limit: int | None) -> list[Item]:
        items: list[Item] = []
        while True:
            left: Request = {} if limit is None else {"Limit": limit - len(items)}
            answer = await self._calls.call(operation, request | left)
            items += map(decoded_item, answer["Items"])
            if "LastEvaluatedKey" not in answer or len(items) == limit:
                return items
            request = {**request, "ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _name(self, table: Table) -> str:
        return f"{self._prefix}-{table.name}-{self._environment}"


def _own(change: Change, token: str | None, refused: ConditionRefusedError) -> Item | None:
    """The new image, when the condition failed only because an earlier try of the same write had been done."""
    item = refused.item
    if item is not None and token is not None and item.get(TOKEN) == {"S": token}:
        return decoded_item(item)
    if isinstance(change, Delete) and item is None and refused.doubtful:
        return None
    if refused.doubtful:
        raise StoreError(_DOUBTFUL)
    raise ConditionFailedError(_REFUSED)
