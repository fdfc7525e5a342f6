from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.requests import Request

from disparo.domain.errors import StoreError
from disparo.domain.principal import MACHINE, Principal
from disparo.entrypoints.http.app import create_app
from tests.unit.entrypoints.http.conftest import Client, House, campaign
from tests.unit.entrypoints.http.test_application import problem

KEY = {"idempotency-key": "3f6d0a9e-cc01"}


def test_a_request_that_is_sent_twice_has_its_effect_once(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        first = await client.post("/api/v1/campaigns", campaign(), headers=KEY)
        again = await client.post("/api/v1/campaigns", campaign(), headers=KEY)
        assert (first.status, again.status, again.body) == (201, 201, first.body)
        assert again.headers["location"] == first.headers["location"]
        assert ("idempotency-replay" in first.headers, again.headers["idempotency-replay"]) == (False, "true")
        assert first.headers["idempotency-key"] == KEY["idempotency-key"]
        assert len((await client.get("/api/v1/campaigns")).json["items"]) == 1

    asyncio.run(story())


def test_without_a_key_every_request_counts(client: Client) -> None:
    async def story() -> None:
        for _ in range(2):
            await client.post("/api/v1/imports", {"file": "a.csv"})
        assert len((await client.get("/api/v1/imports")).json["items"]) == 2

    asyncio.run(story())


def test_a_refusal_is_replayed_too(client: Client) -> None:
    async def story() -> None:
        first = await client.post("/api/v1/campaigns", campaign(), headers=KEY)
        await client.house.people(1)  # now it could be made
        again = await client.post("/api/v1/campaigns", campaign(), headers=KEY)
        assert (first.status, again.status, again.body) == (404, 404, first.body)
        assert again.headers["content-type"] == "application/problem+json"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/imports", {"file": "b.csv"}),
        ("/api/v1/imports?x=1", {"file": "a.csv"}),
        ("/api/v1/campaigns", {"file": "a.csv"}),
    ],
)
def test_a_key_stands_for_one_request(client: Client, path: str, body: object) -> None:
    async def story() -> None:
        await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)
        problem(await client.post(path, body, headers=KEY), 422, "other-request")
        assert len((await client.get("/api/v1/imports")).json["items"]) == 1

    asyncio.run(story())


def test_of_two_at_once_one_waits(client: Client, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        entered, go_on = asyncio.Event(), asyncio.Event()
        create = house.imports.create

        async def slow(new: Any) -> Any:
            entered.set()
            await go_on.wait()
            return await create(new)

        monkeypatch.setattr(house.imports, "create", slow)
        first = asyncio.create_task(client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY))
        await entered.wait()
        second = await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)
        problem(second, 409, "in-flight")
        assert second.headers["retry-after"] == "1"
        go_on.set()
        assert (await first).status == 201
        assert (await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)).body == (await first).body

    asyncio.run(story())


def test_a_key_is_forgotten_after_a_day(client: Client) -> None:
    async def story() -> None:
        await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)
        client.house.clock.at += timedelta(hours=24)
        answer = await client.post("/api/v1/imports", {"file": "b.csv"}, headers=KEY)
        assert (answer.status, answer.json["file"]) == (201, "b.csv")

    asyncio.run(story())


@pytest.mark.parametrize("error", [StoreError("disk"), ZeroDivisionError("x")])
def test_what_we_could_not_do_may_be_tried_again(
    client: Client, house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fails(_: object) -> None:
        raise error

    async def story() -> None:
        with monkeypatch.context() as patched:
            patched.setattr(house.imports, "create", fails)
            assert (await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)).status >= 500
        assert (await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)).status == 201

    asyncio.run(story())


def test_a_request_that_is_cut_off_frees_its_key(client: Client, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        entered = asyncio.Event()

        async def for_ever(_: object) -> None:
            entered.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as patched:
            patched.setattr(house.imports, "create", for_ever)
            task = asyncio.create_task(client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY))
            await entered.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert (await client.post("/api/v1/imports", {"file": "a.csv"}, headers=KEY)).status == 201

    asyncio.run(story())


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_has_a_length(client: Client, key: str) -> None:
    answer = asyncio.run(client.post("/api/v1/imports", {"file": "a.csv"}, headers={"idempotency-key": key}))
    problem(answer, 400, "idempotency-key")


def test_keys_of_two_callers_are_two(house: House) -> None:
    async def by_name(request: Request) -> Principal:
        return replace(MACHINE, id=request.headers["x-caller"])

    async def story() -> None:
        client = Client(create_app(house, by_name), house)
        for caller in ("ana", "bia"):
            answer = await client.post("/api/v1/imports", {"file": f"{caller}.csv"}, headers=KEY | {"x-caller": caller})
            assert answer.status == 201

    asyncio.run(story())


def test_a_key_on_anything_but_a_post_says_nothing(client: Client) -> None:
    async def story() -> None:
        assert (await client.get("/api/v1/imports", headers=KEY)).json["items"] == []
        await client.post("/api/v1/imports", {"file": "a.csv"})
        assert len((await client.get("/api/v1/imports", headers=KEY)).json["items"]) == 1

    asyncio.run(story())
