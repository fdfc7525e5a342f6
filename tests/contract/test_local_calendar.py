"""The calendar that is kept with us, and which calendar each host gets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from disparo.adapters.calendars.caldav.calendar import CaldavCalendar
from disparo.adapters.calendars.google.calendar import GoogleCalendar
from disparo.adapters.calendars.local import LocalCalendar
from disparo.adapters.calendars.mcp.calendar import McpCalendar
from disparo.adapters.calendars.resting import RestingCalendar
from disparo.bootstrap.calendars import EachKind
from disparo.domain.agenda.calendar_event import WriteResult
from disparo.domain.agenda.host import CalendarKind, CalendarRef
from disparo.domain.errors import InputError
from disparo.ports.calendars import Calendar
from tests.contract.calendar_suite import DAY, NINE, event
from tests.contract.radicale_stage import Given, a_host

HOST = a_host()


def each_kind(*, live: bool = True) -> EachKind:
    return EachKind(Given({}), lambda: datetime(2026, 11, 23, tzinfo=UTC), timeout_s=5, live=live)


def kept(kind: CalendarKind, secret: str | None = "s") -> Calendar:
    return each_kind().of(replace(HOST, calendar=CalendarRef(kind, secret)))


def inner(calendar: Calendar) -> Calendar:
    """The calendar that is left alone while it does not answer."""
    assert isinstance(calendar, RestingCalendar)
    return calendar._calendar


def test_nothing_outside_keeps_a_local_host_busy_and_every_write_is_done() -> None:
    async def scene() -> None:
        calendar = LocalCalendar()
        for _ in range(2):
            assert (await calendar.put(HOST, event(), "")).result is WriteResult.DONE
            busy = await calendar.busy(HOST, NINE, NINE + DAY)
            assert (busy.readable, list(busy.busy)) == (True, [])
            assert (await calendar.remove(HOST, event(), "")).result is WriteResult.DONE

    asyncio.run(scene())


def test_each_host_gets_a_calendar_of_their_kind() -> None:
    assert isinstance(kept(CalendarKind.LOCAL, None), LocalCalendar)
    assert isinstance(inner(kept(CalendarKind.CALDAV)), CaldavCalendar)
    assert isinstance(inner(kept(CalendarKind.GOOGLE)), GoogleCalendar)
    assert isinstance(inner(kept(CalendarKind.MCP)), McpCalendar)


def test_hosts_of_one_secret_share_a_calendar_and_others_do_not() -> None:
    calendars = each_kind()
    refs = [CalendarRef(CalendarKind.CALDAV, "a", "x"), CalendarRef(CalendarKind.CALDAV, "a", "y")]
    first, second = (inner(calendars.of(replace(HOST, calendar=ref))) for ref in refs)
    assert first is second
    for other in (CalendarRef(CalendarKind.CALDAV, "b"), CalendarRef(CalendarKind.GOOGLE, "a")):
        assert inner(calendars.of(replace(HOST, calendar=other))) is not first
    asyncio.run(calendars.close_all())


def test_a_calendar_without_a_secret_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"anfitrião ana: calendar\.secret"):
        kept(CalendarKind.CALDAV, None)


def test_without_live_calendars_are_read_and_nothing_is_written() -> None:
    async def scene() -> None:
        calendars = each_kind(live=False)
        calendar = calendars.of(replace(HOST, calendar=CalendarRef(CalendarKind.CALDAV, "s")))
        assert (await calendar.busy(HOST, NINE, NINE + DAY)).fault == "secret_unusable"
        assert (await calendar.put(HOST, event(), "")).result is WriteResult.DONE
        assert (await calendar.remove(HOST, event(), "")).result is WriteResult.DONE
        await calendars.close_all()

    asyncio.run(scene())
