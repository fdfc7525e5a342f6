"""A calendar that does not answer costs its timeout once, and is left alone for two minutes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from disparo.adapters.calendars.resting import NOT_ANSWERING, REST_S, Rests, resting
from disparo.domain.agenda.calendar_event import Attendee, BusyTimes, CalendarEvent, Changes, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.engine.agenda.watch import EVERY
from disparo.ports.calendars import Calendar, TellsChanges
from disparo.simulation.virtual_time import run_virtually
from tests.agenda_scene import MONDAY, host

TIMEOUT_S = 10.0
HOUR = timedelta(hours=1)
EVENT = CalendarEvent("u@disparo", 1, "Demo", MONDAY, MONDAY + HOUR, "UTC", Attendee("Ana"))


@dataclass
class Slow:
    """A calendar that takes so long for each call, and fails with `fault` then."""

    takes_s: float = TIMEOUT_S
    fault: str = "timeout"
    asked: list[str] = field(default_factory=list)

    async def busy(self, host: Host, *_: object) -> BusyTimes:
        await self._takes("busy", host)
        return BusyTimes(fault=self.fault)

    async def put(self, host: Host, *_: object) -> Written:
        await self._takes("put", host)
        return Written(WriteResult.RETRY if self.fault else WriteResult.DONE, fault=self.fault)

    async def remove(self, host: Host, *_: object) -> Written:
        await self._takes("remove", host)
        return Written(WriteResult.RETRY if self.fault else WriteResult.DONE, fault=self.fault)

    async def _takes(self, what: str, host: Host) -> None:
        self.asked.append(f"{what} {host.id}")
        await asyncio.sleep(self.takes_s)


class SlowTeller(Slow):
    async def changes(self, host: Host, token: str | None) -> Changes:
        await self._takes("changes", host)
        return Changes(token=token, fault=self.fault)


def _elapsed_s() -> float:
    return asyncio.get_running_loop().time()


def test_after_a_timeout_nothing_is_asked_for_two_minutes_and_everything_counts_as_busy() -> None:
    async def story() -> None:
        slow = SlowTeller()
        calendar, ana = resting(slow, Rests(TIMEOUT_S)), host("ana")
        assert not (await calendar.busy(ana, MONDAY, MONDAY + HOUR)).readable
        before = _elapsed_s()
        assert (await calendar.busy(ana, MONDAY, MONDAY + HOUR)).fault == NOT_ANSWERING
        written = await calendar.put(ana, EVENT, "")
        assert (written.result, written.fault, written.retry_after_s) == (WriteResult.RETRY, NOT_ANSWERING, REST_S)
        assert (await calendar.remove(ana, EVENT, "")).result is WriteResult.RETRY
        assert isinstance(calendar, TellsChanges)
        assert await calendar.changes(ana, "t7") == Changes(token="t7", fault=NOT_ANSWERING)
        assert _elapsed_s() == before
        assert slow.asked == ["busy ana"]
        await asyncio.sleep(REST_S)
        slow.fault = ""
        assert (await calendar.busy(ana, MONDAY, MONDAY + HOUR)).readable

    run_virtually(story())


@pytest.mark.parametrize(("takes_s", "fault"), [(0.5, "credentials_refused"), (TIMEOUT_S, "")])
def test_a_quick_refusal_and_a_slow_success_are_no_reason_to_rest(takes_s: float, fault: str) -> None:
    async def story() -> None:
        slow = Slow(takes_s, fault)
        calendar = resting(slow, Rests(TIMEOUT_S))
        for _ in range(2):
            await calendar.put(host("ana"), EVENT, "")
        assert slow.asked == ["put ana", "put ana"]

    run_virtually(story())


def test_others_who_share_its_access_are_asked_still() -> None:
    async def story() -> None:
        slow = Slow()
        calendar = resting(slow, Rests(TIMEOUT_S))
        for name in ("ana", "bia", "ana"):
            await calendar.put(host(name), EVENT, "")
        assert slow.asked == ["put ana", "put bia"]

    run_virtually(story())


def test_a_calendar_that_tells_nothing_is_not_made_to_tell() -> None:
    rests = Rests(TIMEOUT_S)
    assert not isinstance(resting(Slow(), rests), TellsChanges)
    teller: Calendar = resting(SlowTeller(), rests)
    assert isinstance(teller, TellsChanges)


def test_the_watch_asks_anew_each_time() -> None:
    assert timedelta(seconds=REST_S + TIMEOUT_S) < EVERY
