"""`DynamoTables` on an emulator that throttles, refuses connections, and loses the answers of what it did."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import pytest

from disparo.adapters.aws.dynamo import DynamoTables
from disparo.adapters.aws.tables import (
    ABSENT,
    CONTROL,
    Change,
    Check,
    ConditionFailedError,
    Delete,
    Put,
    Tables,
    Update,
)
from disparo.domain.errors import StoreError
from tests.contract.tables_families import PREFIX, emulated, needs_emulator, new_environment

pytestmark = needs_emulator
KEY = {"pk": "papel", "sk": "1"}
OTHER = {"pk": "papel", "sk": "2"}

Story = Callable[[Tables], Awaitable[None]]


def door(path: str, method: str, body: object = None) -> Any:
    """Speak with the emulator about faults."""
    from tests.contract.emulator import emulator

    request = Request(f"{emulator()}/__disparo__/{path}", json.dumps(body).encode(), method=method)
    with urlopen(request) as answer:
        return json.load(answer)


@contextmanager
def faults(**kinds: object) -> Iterator[None]:
    """Let the emulator fail, and count its calls anew."""
    door("calls", "DELETE")
    door("faults", "POST", {"dynamodb": kinds})
    try:
        yield
    finally:
        door("faults", "POST", {})


def calls(operation: str) -> int:
    """How often an operation was called since the faults began."""
    counted = door("calls", "GET")
    return int(counted.get(f"dynamodb.{operation}", 0))


def tell(story: Story) -> None:
    """Run a story over empty tables."""

    async def told() -> None:
        with ThreadPoolExecutor(16) as pool:
            await story(emulated(new_environment(), pool))

    asyncio.run(told())


def test_what_is_throttled_is_done_in_the_end() -> None:
    async def story(tables: Tables) -> None:
        with faults(throttle=5):
            assert await tables.write(Put(CONTROL, {**KEY, "v": 1}, {"pk": ABSENT})) == {**KEY, "v": 1}
            assert calls("PutItem") == 6
        with faults(throttle=4):
            await tables.transact([Update(CONTROL, KEY, add={"v": 1}), Put(CONTROL, OTHER)])
        for ask in (
            lambda: tables.query(CONTROL, "papel"),
            lambda: tables.scan(CONTROL),
            lambda: tables.get_many([(CONTROL, KEY), (CONTROL, OTHER)]),
        ):
            with faults(throttle=3):
                assert {**KEY, "v": 2} in await ask()
        with faults(throttle=8):
            assert await tables.write_many([Put(CONTROL, {"pk": "a", "sk": str(n)}) for n in range(8)]) == [True] * 8

    tell(story)


def test_throttled_for_ever_is_an_error_that_says_what_to_do() -> None:
    async def story(tables: Tables) -> None:
        with faults(throttle=1000), pytest.raises(StoreError, match="excesso de pedidos"):
            await tables.write(Put(CONTROL, KEY))
        assert await tables.get(CONTROL, KEY) is None

    tell(story)


@pytest.mark.parametrize("lost", [1, 3])
@pytest.mark.parametrize("kind", ["drop", "refuse"])
def test_writes_whose_connection_broke_have_their_effect_once(kind: str, lost: int) -> None:
    async def story(tables: Tables) -> None:
        first: list[Change] = [Put(CONTROL, {**KEY, "v": 1}, {"pk": ABSENT}), Put(CONTROL, {**OTHER, "v": 1})]
        for change in first:
            with faults(**{kind: lost}):
                assert await tables.write(change) == change.item  # type: ignore[union-attr]
        with faults(**{kind: lost}):
            changed = await tables.write(Update(CONTROL, KEY, set={"v": 2}, add={"n": 1}, when={"v": 1}))
            assert calls("UpdateItem") == lost + 1
        assert changed == {**KEY, "v": 2, "n": 1} == await tables.get(CONTROL, KEY)
        with faults(**{kind: lost}):
            await tables.write(Delete(CONTROL, KEY, {"v": 2}))
        assert await tables.scan(CONTROL) == [{**OTHER, "v": 1}]

    tell(story)


def test_a_transaction_whose_answer_was_lost_is_had_once() -> None:
    async def story(tables: Tables) -> None:
        changes: list[Change | Check] = [
            Update(CONTROL, KEY, add={"left": -1}, when={"left": ABSENT}),
            Update(CONTROL, OTHER, add={"n": 1}),
        ]
        with faults(drop=2):
            await tables.transact(changes)
            assert calls("TransactWriteItems") == 3
        assert await tables.get_many([(CONTROL, KEY), (CONTROL, OTHER)]) == [{**KEY, "left": -1}, {**OTHER, "n": 1}]
        with faults(drop=1), pytest.raises(ConditionFailedError):
            await tables.transact(changes)
        assert await tables.get(CONTROL, OTHER) == {**OTHER, "n": 1}

    tell(story)


def test_after_a_lost_answer_nobody_calls_another_ones_item_a_lost_race() -> None:
    async def story(tables: Tables) -> None:
        await tables.write(Put(CONTROL, {**KEY, "v": 1}, {"pk": ABSENT}))
        for change in (
            Put(CONTROL, {**KEY, "v": 2}, {"pk": ABSENT}),
            Update(CONTROL, KEY, set={"v": 2}, when={"v": 7}),
            Delete(CONTROL, KEY, {"v": 7}),
        ):
            with faults(drop=1), pytest.raises(StoreError, match="se perdeu") as raised:
                await tables.write(change)
            assert not isinstance(raised.value, ConditionFailedError)
        assert await tables.get(CONTROL, KEY) == {**KEY, "v": 1}

    tell(story)


@pytest.mark.parametrize("skip", range(8))
def test_lost_answers_lose_and_double_nothing_of_a_race(skip: int) -> None:
    async def story(tables: Tables) -> None:
        await tables.write(Put(CONTROL, {**KEY, "v": 0}))

        async def seen() -> tuple[int, frozenset[str]]:
            item = await tables.get(CONTROL, KEY) or {}
            version, names = item["v"], item.get("names", frozenset())
            assert isinstance(version, int)
            assert isinstance(names, frozenset)
            return version, names

        async def join(name: str) -> None:
            while name not in (read := await seen())[1]:  # it may be there after a doubt
                add = {"names": frozenset({name})}
                try:
                    await tables.write(Update(CONTROL, KEY, set={"v": read[0] + 1}, add=add, when={"v": read[0]}))
                except ConditionFailedError:
                    assert name not in (await seen())[1], "nothing was done"
                except StoreError:
                    continue
                else:
                    return

        with faults(throttle=3, drop=3, skip=skip, operations=["UpdateItem"]):
            await asyncio.gather(*map(join, "abcdefgh"))
        assert await tables.get(CONTROL, KEY) == {**KEY, "v": 8, "names": frozenset("abcdefgh")}

    tell(story)


def test_a_table_that_is_not_there_is_named() -> None:
    async def story(tables: Tables) -> None:
        del tables
        with ThreadPoolExecutor(1) as pool, pytest.raises(StoreError, match=f"{PREFIX}-control-nenhum.*Terraform"):
            await emulated("nenhum", pool).write(Put(CONTROL, KEY))

    tell(story)


def test_nobody_listening_is_an_error_that_says_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    from disparo.adapters.aws.dynamo_client import dynamo_client

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "y"),
        ("AWS_DEFAULT_REGION", "sa-east-1"),
    ):
        monkeypatch.setenv(name, value)
    client = dynamo_client("http://127.0.0.1:9")

    async def story() -> None:
        with ThreadPoolExecutor(1) as pool:
            tables = DynamoTables(client, PREFIX, "dev", pool=pool, first_delay_s=0)
            for ask in (
                tables.get(CONTROL, KEY),
                tables.write(Put(CONTROL, KEY)),
                tables.transact([Put(CONTROL, KEY)]),
            ):
                with pytest.raises(StoreError, match=r"não foi alcançado.*AWS_ENDPOINT_URL"):
                    await ask

    asyncio.run(story())
