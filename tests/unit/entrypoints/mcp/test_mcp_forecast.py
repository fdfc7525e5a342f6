"""An assistant asks for a forecast that takes long: it is told how far it is, and asks again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from disparo.bootstrap import App, open_app
from disparo.domain.errors import InputError
from disparo.entrypoints import forecast_process
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.mcp import looking_campaigns
from disparo.settings import Settings
from tests.unit.entrypoints.forecast_stage import Stage, a_moment, made
from tests.unit.entrypoints.http.conftest import House
from tests.unit.entrypoints.mcp.conftest import Assistant


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    opened = open_app(Settings(data=tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def stage(app: App, monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage(app)
    monkeypatch.setattr(forecast_process, "play_beside", stage.play)
    monkeypatch.setattr(looking_campaigns, "FORECAST_WAIT_S", 0.05)
    return stage


@pytest.fixture
def assistant(app: App, stage: Stage) -> Iterator[Assistant]:
    """One at an installation on a file."""
    made = Assistant(cast(House, app))
    yield made
    stage.go_on.set()
    made.calls.foreseeing.close()


async def told(assistant: Assistant) -> Any:
    return await assistant.call("forecast_campaign", campaign="camp")


def test_what_takes_long_tells_how_far_it_is_and_when_to_ask_again(assistant: Assistant, stage: Stage) -> None:
    async def story() -> None:
        await made(stage.app, 5)
        first = await told(assistant)
        assert (first["ready"], first["forecast"]) == (False, None)
        assert "forecast_campaign again with the same arguments" in first["again"]
        while not (seen := await told(assistant))["progress"]:
            await a_moment()
        assert (seen["state"], seen["progress"], seen["left_s"]) == ("running", 0.4, 9)
        assert "in 10 s" in seen["again"]
        stage.go_on.set()
        while not (seen := await told(assistant))["ready"]:
            await a_moment()
        assert (seen["state"], seen["progress"], seen["again"]) == ("done", 1.0, None)
        assert (seen["forecast"]["messages"], seen["forecast"]["hours"]) == (5, [])
        assert stage.times == 1

    asyncio.run(story())


def test_what_fails_is_told_in_words(assistant: Assistant, stage: Stage) -> None:
    stage.error = InputError("a previsão não cabe em 512 MB de memória")
    stage.go_on.set()

    async def story() -> None:
        await made(stage.app, 5)
        with pytest.raises(InputError, match="512 MB"):
            while True:
                await told(assistant)

    asyncio.run(story())


def test_where_there_are_no_jobs_the_answer_comes_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        there = Assistant(House(tmp_path / "files"))
        await there.draft()
        seen = await there.call("forecast_campaign", campaign="oi")
        assert (seen["ready"], seen["forecast"]["messages"]) == (True, 2)

    asyncio.run(story())


def test_two_doors_share_one_forecast(app: App, stage: Stage) -> None:
    foreseeing = Foreseeing(app)
    one, other = (Assistant(cast(House, app)) for _ in range(2))
    one.calls.foreseeing = other.calls.foreseeing = foreseeing

    async def story() -> None:
        await made(app, 5)
        await asyncio.gather(told(one), told(other))
        assert stage.times == 1

    asyncio.run(story())
    foreseeing.close()
