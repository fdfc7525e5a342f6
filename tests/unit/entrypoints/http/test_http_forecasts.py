"""Forecasts over HTTP, in this process and in one of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from disparo.bootstrap import App, open_app
from disparo.domain.audit import AuditFilter
from disparo.domain.campaign import CampaignState
from disparo.domain.campaign_document import parse_campaign
from disparo.domain.errors import InputError
from disparo.entrypoints import forecast_process
from disparo.entrypoints.forecast_jobs import ForecastJob
from disparo.entrypoints.forecast_orders import Order, TooLongError
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.prefer import wait_of
from disparo.settings import Settings
from tests.unit.entrypoints.forecast_stage import MONDAY, Stage, a_moment, enter, made
from tests.unit.entrypoints.http.conftest import Client, campaign
from tests.unit.entrypoints.http.test_application import problem


def test_a_kept_campaign_and_a_document_are_foreseen_alike(client: Client) -> None:
    async def story() -> tuple[Any, Any]:
        await client.house.people(5)
        await client.post("/api/v1/campaigns", campaign())
        kept = await client.post("/api/v1/forecasts", {"campaign": "camp"})
        draft = await client.post("/api/v1/forecasts", {"document": campaign(name="outra")})
        assert (kept.status, draft.status) == (200, 200)
        assert (await client.get("/api/v1/campaigns/camp")).json["state"] == "draft"
        return kept.json, draft.json

    kept, draft = asyncio.run(story())
    assert (kept["messages"], kept["steps"][0]["messages"], kept["timezone"]) == (5, 5, "America/Sao_Paulo")
    assert sum(hour["total"] for hour in kept["hours"]) == 5
    assert {**draft, "campaign": "camp"} == kept


@pytest.mark.parametrize("body", [{}, {"campaign": "a", "document": {}}, {"document": {"name": "x"}}])
def test_what_is_no_campaign_is_refused(client: Client, body: dict[str, Any]) -> None:
    problem(asyncio.run(client.post("/api/v1/forecasts", body)), 422, "input")


def test_a_campaign_that_has_ended_has_nothing_to_foresee(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        await client.post("/api/v1/campaigns/camp/cancel")
        problem(await client.post("/api/v1/forecasts", {"campaign": "camp"}), 422, "input")
        problem(await client.post("/api/v1/forecasts", {"campaign": "nenhuma"}), 404, "not-found")

    asyncio.run(story())


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """An installation on a file."""
    opened = open_app(Settings(data=tmp_path))
    yield opened
    opened.close()


def test_an_installation_on_a_file_foresees_beside_itself(app: App) -> None:
    async def story() -> None:
        order = Order(await made(app, 20), MONDAY)
        foreseeing = Foreseeing(app)
        turns, over = 0, False

        async def others() -> None:
            nonlocal turns
            while not over:
                turns += 1
                await asyncio.to_thread(int)  # a turn of the loop, and back

        beside = asyncio.create_task(others())
        job = await foreseeing.answer(order)
        over = True
        await beside
        assert job.forecast is not None
        assert (job.state, job.forecast.messages) == ("done", 20)
        assert turns > 50

    asyncio.run(story())


def test_a_forecast_that_takes_too_long_is_ended(app: App) -> None:
    async def story() -> None:
        order = replace(Order(await made(app, 5), MONDAY), limit_s=0.05)
        began = time.monotonic()
        foreseeing = Foreseeing(app)
        with pytest.raises(TooLongError, match="disparo forecast camp"):
            await foreseeing.answer(order)
        assert time.monotonic() - began < 5
        assert foreseeing.desk is not None
        assert [one.state for one in foreseeing.desk.all()] == ["failed"]

    asyncio.run(story())


def test_what_another_process_refuses_is_refused_here(app: App) -> None:
    async def story() -> None:
        ended = replace(await made(app, 1), state=CampaignState.COMPLETED)
        with pytest.raises(InputError, match="já terminou"):
            await Foreseeing(app).answer(Order(ended, MONDAY))

    asyncio.run(story())


def test_where_there_are_no_jobs_it_is_answered_at_once_or_refused_in_words(client: Client) -> None:
    async def story() -> None:
        await client.house.people(2_500)
        await client.post("/api/v1/campaigns", campaign())
        there = cast(Any, client.house)
        found = replace(Order(await client.house.store.campaigns.get("camp"), MONDAY), limit_s=0.01)
        with pytest.raises(TooLongError, match="no terminal, que não tem limite: disparo forecast camp"):
            await Foreseeing(there).answer(found)
        assert (await client.get("/api/v1/forecasts")).json == {"items": [], "next": None}
        problem(await client.get("/api/v1/forecasts/1"), 404, "not-found")
        problem(await client.post("/api/v1/forecasts/1/cancel"), 404, "not-found")

    asyncio.run(story())


def test_a_campaign_that_is_not_kept_is_to_be_kept_for_the_terminal() -> None:
    draft = parse_campaign({**campaign(), "deadline": "2d"}, created_at=MONDAY)
    assert "guarde a campanha como rascunho" in str(TooLongError(Order(draft, MONDAY)))
    assert "30 min" in str(TooLongError(Order(draft, MONDAY)))


@pytest.fixture
def stage(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    made = Stage(app)
    monkeypatch.setattr(forecast_process, "play_beside", made.play)
    yield made
    made.go_on.set()


@pytest.fixture
def caller(app: App, stage: Stage) -> Iterator[Client]:
    """A client of an installation on a file."""
    api = create_app(app)
    yield Client(api, cast(Any, app))
    stage.go_on.set()
    api.state.foreseeing.close()


ASYNC = {"prefer": "respond-async"}
WANTED = {"campaign": "camp"}


async def ended(caller: Client, path: str) -> Any:
    """The job at an address, once it has ended."""
    while (found := (await caller.get(path)).json)["state"] in ("queued", "running"):
        await a_moment()
    return found


def test_what_takes_long_is_a_job_that_tells_how_far_it_is(caller: Client, app: App, stage: Stage) -> None:
    async def story() -> None:
        await made(app, 5)
        told = await caller.post("/api/v1/forecasts", WANTED, headers=ASYNC)
        assert (told.status, told.json["campaign"], told.json["forecast"]) == (202, "camp", None)
        path = told.headers["location"]
        assert path == f"/api/v1/forecasts/{told.json['id']}"
        again = await caller.post("/api/v1/forecasts", WANTED, headers={"prefer": "wait=0"})
        assert (again.status, again.headers["location"]) == (202, path)
        while not (seen := (await caller.get(path)).json)["progress"]:
            await a_moment()
        assert (seen["state"], seen["progress"], seen["played"], seen["left_s"]) == ("running", 0.4, 2, 9.0)
        stage.go_on.set()
        seen = await ended(caller, path)
        assert (seen["state"], seen["progress"], seen["left_s"], seen["stale"]) == ("done", 1.0, None, False)
        assert seen["forecast"]["messages"] == 5
        assert stage.times == 1
        [listed] = (await caller.get("/api/v1/forecasts")).json["items"]
        assert listed == {**seen, "forecast": None}
        events = (await caller.get(f"{path}/events")).body.decode()
        assert '"state":"done"' in events
        assert '"forecast"' not in events

    asyncio.run(story())


def test_what_is_quick_is_answered_at_once_as_ever(caller: Client, app: App, stage: Stage) -> None:
    async def story() -> None:
        await made(app, 5)
        stage.go_on.set()
        first = await caller.post("/api/v1/forecasts", WANTED)
        assert (first.status, first.json["messages"]) == (200, 5)
        assert (await caller.post("/api/v1/forecasts", WANTED)).status == 200
        assert stage.times == 2, "time goes on, so that a quick one is played anew"

    asyncio.run(story())


def test_two_who_wait_get_the_same_answer(caller: Client, app: App, stage: Stage) -> None:
    async def story() -> None:
        await made(app, 5)
        waiting = [asyncio.create_task(caller.post("/api/v1/forecasts", WANTED)) for _ in range(2)]
        while not stage.times:
            await a_moment()
        stage.go_on.set()
        first, second = await asyncio.gather(*waiting)
        assert (first.status, first.json) == (200, second.json)
        assert stage.times == 1

    asyncio.run(story())


def test_a_result_says_when_it_is_no_longer_true(caller: Client, app: App, stage: Stage) -> None:
    async def stale(path: str) -> bool:
        return bool((await caller.get(path)).json["stale"])

    async def asked(body: dict[str, Any]) -> str:
        told = await caller.post("/api/v1/forecasts", body, headers={**ASYNC})
        assert told.status == 202
        return str(told.headers["location"])

    async def story() -> None:
        await made(app, 5)
        kept, document = await asked(WANTED), await asked({"document": campaign(name="outra")})
        stage.go_on.set()
        for path in (kept, document):
            assert (await ended(caller, path))["stale"] is False
        limits = await caller.ask("PATCH", "/api/v1/campaigns/camp", {"limits": {"email": {"hourly": 2}}})
        assert limits.status == 200, limits.body
        assert (await stale(kept), await stale(document)) == (True, False)
        await enter(app, 1, first=9)
        assert await stale(document)

    asyncio.run(story())


def test_a_job_is_cancelled_for_whoever_waits(caller: Client, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    desk = caller.api.state.foreseeing.desk
    ask = desk.ask

    def counted(*order: Any, **more: Any) -> ForecastJob:
        job: ForecastJob = ask(*order, **more)
        asked.append(job.id)
        return job

    monkeypatch.setattr(desk, "ask", counted)

    async def story() -> None:
        await made(app, 5)
        told = await caller.post("/api/v1/forecasts", WANTED, headers=ASYNC)
        waiting, path = asyncio.create_task(caller.post("/api/v1/forecasts", WANTED)), told.headers["location"]
        while len(asked) < 2:
            await a_moment()
        cancelled = await caller.post(f"{path}/cancel")
        assert (cancelled.status, cancelled.json["state"]) == (200, "cancelled")
        assert (await caller.post(f"{path}/cancel")).status == 200
        problem(await waiting, 409, "transition")
        assert [one.action for one in await app.store.audit.page(AuditFilter(), None, 5)] == [
            *("forecasts.cancel", "forecasts.cancel", "forecasts.create")
        ]

    asyncio.run(story())


def test_whoever_waits_is_let_go_when_the_server_stops(caller: Client, app: App) -> None:
    async def story() -> None:
        await made(app, 5)
        caller.api.state.stopping = lambda: True
        assert (await caller.post("/api/v1/forecasts", WANTED)).status == 202

    asyncio.run(story())


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        (None, 25.0),
        ("respond-async", 0.0),
        ("Respond-Async, wait=5", 5.0),
        ('wait="7"', 7.0),
        ("wait=90", 25.0),
        ("wait=-1, return=minimal", 25.0),
    ],
)
def test_how_long_to_wait_is_the_clients_to_prefer(said: str | None, waits: float) -> None:
    assert wait_of(said, 25.0) == waits
