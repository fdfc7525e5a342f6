"""Many items in few calls: what DynamoDB did not get to in a batch it gives back, and is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from itertools import chain
from typing import Any, TypeVar

from disparo.adapters.aws.attribute_values import decoded_item, encoded_item
from disparo.adapters.aws.dynamo_calls import TRIES, DynamoCalls
from disparo.adapters.aws.dynamo_faults import WHAT_TO_DO, Fault
from disparo.adapters.aws.expressions import Request
from disparo.adapters.aws.tables import Change, Delete, Item, Put
from disparo.domain.errors import StoreError

KEYS_IN_BATCH = 100
WRITES_IN_BATCH = 25
"""BatchGetItem and BatchWriteItem (Amazon DynamoDB API reference)."""

Asked = tuple[str, tuple[tuple[str, str], ...]]
"""A table's name on AWS, and the names and values of a key."""
T = TypeVar("T")


async def get_batched(calls: DynamoCalls, asked: Collection[Asked]) -> list[tuple[str, Item]]:
    """The items that exist of those asked for, each once, with their tables' names; strongly consistent."""
    batches = _split(list(asked), KEYS_IN_BATCH)
    return list(chain.from_iterable(await asyncio.gather(*(_get_batch(calls, batch) for batch in batches))))


async def write_batched(calls: DynamoCalls, writes: Sequence[tuple[str, Put | Delete]]) -> None:
    """Puts and Deletes without conditions, all of different items, in tables of these names; in no order.

    When one batch cannot be done the others are, and its error is raised.
    """
    batches = _split(writes, WRITES_IN_BATCH)
    outcomes = await asyncio.gather(*(_write_batch(calls, batch) for batch in batches), return_exceptions=True)
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def batchable(changes: Sequence[Change], key_of: Callable[[Change], object]) -> dict[int, Put | Delete]:
    """Of several changes those that a batch can take, by their place: the first of each item, without condition."""
    first: dict[object, int] = {}
    for place, change in enumerate(changes):
        first.setdefault(key_of(change), place)
    return {
        place: change
        for place in first.values()
        if not (change := changes[place]).when and isinstance(change, Put | Delete)
    }


async def _get_batch(calls: DynamoCalls, asked: Sequence[Asked]) -> list[tuple[str, Item]]:
    wanted: Request = {}
    for name, key in asked:
        wanted.setdefault(name, {"Keys": [], "ConsistentRead": True})["Keys"].append(encoded_item(dict(key)))
    answers = await _rounds(calls, "batch_get_item", "UnprocessedKeys", wanted)
    return [
        (name, decoded_item(item))
        for answer in answers
        for name, items in answer["Responses"].items()
        for item in items
    ]


async def _write_batch(calls: DynamoCalls, writes: Sequence[tuple[str, Put | Delete]]) -> None:
    wanted: Request = {}
    for name, change in writes:
        wanted.setdefault(name, []).append(
            {"PutRequest": {"Item": encoded_item(change.item)}}
            if isinstance(change, Put)
            else {"DeleteRequest": {"Key": encoded_item(change.key)}}
        )
    await _rounds(calls, "batch_write_item", "UnprocessedItems", wanted)


async def _rounds(calls: DynamoCalls, operation: str, left_over: str, wanted: Request) -> list[dict[str, Any]]:
    """The answers until nothing is left over. StoreError when so many in a row get nothing done."""
    answers: list[dict[str, Any]] = []
    fruitless = 0
    while wanted:
        answer = await calls.call(operation, {"RequestItems": wanted})
        answers.append(answer)
        left = answer.get(left_over) or {}
        fruitless = fruitless + 1 if _size(left) == _size(wanted) else 0
        if fruitless == TRIES:
            raise StoreError(WHAT_TO_DO[Fault.BUSY])
        if left:
            await calls.pause(fruitless)
        wanted = left
    return answers


def _size(wanted: Request) -> int:
    return sum(len(of_table["Keys"] if isinstance(of_table, dict) else of_table) for of_table in wanted.values())


def _split(every: Sequence[T], size: int) -> list[Sequence[T]]:
    return [every[first : first + size] for first in range(0, len(every), size)]
