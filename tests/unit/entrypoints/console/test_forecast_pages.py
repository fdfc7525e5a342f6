"""The page of a forecast that takes long: how far it is, its result, cancelling it, and when it is no longer true."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from disparo.bootstrap import App, open_app
from disparo.domain.audit import AuditFilter
from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.errors import InputError
from disparo.entrypoints import forecast_jobs, forecast_process
from disparo.entrypoints.console.campaigns import wizard_forecast
from disparo.entrypoints.http.app import create_app
from disparo.settings import Settings
from tests.unit.entrypoints.console.test_campaign_pages import PAGE, onward, seen
from tests.unit.entrypoints.forecast_stage import MONDAY, STEPS, Stage, a_moment, enter
from tests.unit.entrypoints.http.conftest import Client

PATH = "/console/campaigns/new/s1/forecast"
DOCUMENT: dict[str, Any] = {"name": "verao", "list": "lista", "steps": STEPS}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = open_app(Settings(data=tmp_path))

    async def prepare() -> None:
        await enter(opened, 5)
        await opened.store.sketches.put(CampaignSketch("s1", DOCUMENT, "Ana"), MONDAY)

    asyncio.run(prepare())
    yield opened
    opened.close()


@pytest.fixture
def stage(app: App, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(app)
    monkeypatch.setattr(forecast_process, "play_beside", made.play)
    monkeypatch.setattr(wizard_forecast, "WAIT_S", 0.05)
    return made


@pytest.fixture
def client(app: App, stage: Stage) -> Iterator[Client]:
    api = create_app(app)
    yield Client(api, cast(Any, app))
    stage.go_on.set()
    api.state.foreseeing.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever takes any time is slow."""
    monkeypatch.setattr(forecast_jobs, "SLOW", -forecast_jobs.SLOW)


async def done(client: Client, stage: Stage) -> str:
    """The part that changes, once it is done."""
    stage.go_on.set()
    while "data-live-done" not in (part := await seen(client, f"{PATH}/standing")):
        await a_moment()
    return part


async def rewrite(client: Client, **more: Any) -> None:
    sketches = client.house.store.sketches
    await sketches.put(replace(await sketches.get("s1"), document={**DOCUMENT, **more}), MONDAY)


def test_a_page_begins_a_forecast_and_shows_how_far_it_is(client: Client, stage: Stage) -> None:
    async def story() -> None:
        page = await seen(client, PATH)
        assert f'data-fetch="{PATH}/result"' in page
        assert stage.times == 0
        begun = await seen(client, f"{PATH}/result")
        assert f'data-live="{PATH}/standing"' in begun
        assert f'data-live-events="{PATH}/events"' in begun
        while "40%" not in (part := await seen(client, f"{PATH}/standing")):
            await a_moment()
        assert "faltam cerca de 9 s" in part
        assert "2 de 5 mensagens, no máximo" in part
        assert "data-live" not in part
        assert "40% forecast" in await seen(client, f"{PATH}/standing", "en")
        page = await seen(client, PATH)
        assert "data-fetch" not in page
        assert f'data-live="{PATH}/standing"' in page
        assert "Passo a passo" in await done(client, stage)
        assert stage.times == 1

    asyncio.run(story())


def test_leaving_the_page_is_harmless_and_the_result_is_there_afterwards(
    client: Client, stage: Stage, slow: None
) -> None:
    async def story() -> None:
        await seen(client, f"{PATH}/result")
        await done(client, stage)
        for _ in range(2):
            page = await seen(client, PATH)
            assert "Passo a passo" in page
            assert "<svg" in page
            assert "data-fetch" not in page
            assert "mudaram depois" not in page
        assert "Passo a passo" in await seen(client, f"{PATH}/result")
        assert stage.times == 1

    asyncio.run(story())


def test_without_a_script_a_link_begins_it_and_another_looks_again(client: Client, stage: Stage) -> None:
    async def story() -> None:
        assert f'href="{PATH}?run=1"' in await seen(client, PATH)
        answer = await client.get(f"{PATH}?run=1", headers=PAGE)
        assert (answer.status, answer.headers["location"]) == (303, PATH)
        assert re.search(rf'href="{PATH}" data-without-script>.*Atualizar', await seen(client, PATH), re.S)
        await done(client, stage)
        assert "Passo a passo" in await seen(client, PATH)
        assert stage.times == 1

    asyncio.run(story())


def test_a_quick_one_is_shown_at_once(client: Client, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wizard_forecast, "WAIT_S", 10)
    stage.go_on.set()

    async def story() -> None:
        assert "Passo a passo" in await seen(client, f"{PATH}?run=1")
        assert "data-live-done" in await seen(client, f"{PATH}/result")
        assert stage.times == 1, "what is known is shown"
        assert "Passo a passo" in await seen(client, f"{PATH}?run=1")
        assert stage.times == 2

    asyncio.run(story())


def test_a_result_whose_campaign_was_changed_is_shown_as_that(
    client: Client, stage: Stage, slow: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        await seen(client, f"{PATH}/result")
        await done(client, stage)
        await rewrite(client, limits={"email": {"hourly": 2}})
        page = await seen(client, PATH)
        assert "A campanha, a lista, os horários ou os limites mudaram depois desta previsão." in page
        assert "Passo a passo" in page
        assert f'href="{PATH}?run=1"' in page
        assert stage.times == 1
        monkeypatch.setattr(wizard_forecast, "WAIT_S", 10)
        await seen(client, f"{PATH}?run=1")
        assert "mudaram depois" not in await seen(client, PATH)

    asyncio.run(story())


def test_a_quick_result_that_is_no_longer_true_is_played_anew(client: Client, stage: Stage) -> None:
    async def story() -> None:
        await seen(client, f"{PATH}/result")
        await done(client, stage)
        await rewrite(client, limits={"email": {"hourly": 2}})
        assert f'data-fetch="{PATH}/result"' in await seen(client, PATH)
        await seen(client, f"{PATH}/result")
        assert stage.times == 2

    asyncio.run(story())


def test_what_was_changed_while_it_is_played_can_be_played_anew(client: Client, stage: Stage) -> None:
    async def story() -> None:
        await seen(client, f"{PATH}/result")
        await rewrite(client, limits={"email": {"hourly": 2}})
        assert "mudaram desde que esta previsão começou" in await seen(client, PATH)
        assert (await client.get(f"{PATH}?run=1", headers=PAGE)).status == 303
        assert "mudaram desde" not in await seen(client, PATH)
        states = [one["state"] for one in (await client.get("/api/v1/forecasts")).json["items"]]
        assert states == ["running", "cancelled"]

    asyncio.run(story())


def test_it_is_cancelled_by_a_button_and_stays_so_until_it_is_asked_for_again(client: Client, stage: Stage) -> None:
    async def story() -> None:
        part = await seen(client, f"{PATH}/result")
        assert f'action="{PATH}/cancel"' in part
        assert await onward(client, f"{PATH}/cancel") == PATH
        page = await seen(client, PATH)
        assert "Previsão cancelada" in page
        assert "data-fetch" not in page
        assert "Previsão cancelada" in await seen(client, f"{PATH}/result")
        assert stage.times == 1
        assert await onward(client, f"{PATH}/cancel") == PATH
        [entry, *_] = await client.house.store.audit.page(AuditFilter(), None, 5)
        assert entry.action == "campaigns.cancel_forecast"
        assert (await client.get(f"{PATH}?run=1", headers=PAGE)).status == 303
        assert stage.times == 2

    asyncio.run(story())


def test_one_that_broke_says_why(client: Client, stage: Stage) -> None:
    stage.error = InputError("a previsão não cabe em 512 MB de memória")

    async def story() -> None:
        await seen(client, f"{PATH}/result")
        part = await done(client, stage)
        assert "não cabe em 512 MB" in part
        assert f'href="{PATH}?run=1"' in part

    asyncio.run(story())


def test_events_say_that_it_moves_and_when_it_is_over(client: Client, stage: Stage) -> None:
    async def story() -> None:
        assert b"event: done" in (await client.get(f"{PATH}/events")).body, "nothing is begun by looking"
        await seen(client, f"{PATH}/result")
        following = asyncio.create_task(client.get(f"{PATH}/events"))
        await a_moment()
        await done(client, stage)
        told = (await following).body
        assert told.index(b"event: changed") < len(told)
        assert (await client.get(f"{PATH}/events")).body.count(b"event: done") == 1

    asyncio.run(story())
