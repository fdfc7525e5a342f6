"""The timed steps in rounds: fair, within their time, and each for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from disparo.engine.housekeeping import Housekeeping
from disparo.engine.launch import Launch
from disparo.usecases import campaigns
from disparo.worker.rounds import Rounds
from tests.unit.worker.queue_story import ENOUGH, Line, on_the_line


def test_a_campaign_goes_from_its_start_to_its_end() -> None:
    async def story(line: Line) -> None:
        await line.house.people(2500)
        await line.house.create()
        await campaigns.start(line.house.store, "camp", line.clock.now())
        done = await _rounds(line).run(line.clock.now() + ENOUGH)
        assert await line.states() == {"due": 2500}
        assert done.calls["launch"] >= 3
        assert not done.unfinished
        await line.carry(await line.claim())
        await campaigns.cancel(line.house.store, "camp", line.clock.now())
        await _rounds(line).run(line.clock.now() + ENOUGH)
        assert (await line.house.store.campaigns.get("camp")).state == "cancelled"
        assert "due" not in await line.states()

    on_the_line(story)


def test_a_step_with_a_backlog_lets_the_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        monkeypatch.setattr(Launch, "run", _slow_and_endless(line))
        monkeypatch.setattr(Housekeeping, "run", _slow_and_endless(line))
        done = await _rounds(line).run(line.clock.now() + timedelta(seconds=20))
        assert abs(done.calls["launch"] - done.calls["housekeeping"]) <= 1
        assert done.calls["reconcile"] == done.calls["collect"] == 1
        assert set(done.unfinished) == {"launch", "housekeeping"}

    on_the_line(story)


def test_a_step_that_breaks_is_told_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        monkeypatch.setattr(Launch, "run", _breaks)
        done = await _rounds(line).run(line.clock.now() + ENOUGH)
        assert set(done.broken) == {"launch"}
        assert set(done.calls) == {"launch", "reconcile", "housekeeping", "collect"}

    on_the_line(story)


def test_one_process_at_a_time_does_rounds_and_the_next_may_begin_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(line: Line) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(Launch, "run", _slow_and_endless(line))
            until = line.clock.now() + timedelta(seconds=10)
            done = await asyncio.gather(_rounds(line, "a").run(until), _rounds(line, "b").run(until))
        assert [one.idle for one in done] == [False, True]
        assert not (await _rounds(line, "c").run(line.clock.now() + ENOUGH)).idle

    on_the_line(story)


def _rounds(line: Line, holder: str = "r1") -> Rounds:
    return Rounds(line.engine, line.clock, holder=holder)


def _slow_and_endless(line: Line) -> Callable[[object, datetime], Awaitable[datetime]]:
    async def run(_step: object, now: datetime) -> datetime:
        await line.passes(1)
        return now

    return run


async def _breaks(_step: object, _now: datetime) -> datetime:
    raise ZeroDivisionError
