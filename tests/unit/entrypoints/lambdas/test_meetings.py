"""The functions and the agenda: meetings are attended to by the timed steps, measured, and no connection is left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from disparo.adapters.signed_links import SignedLinks
from disparo.bootstrap.calendars import EachKind
from disparo.domain.agenda.calendar_event import BusyTimes, WriteResult, Written
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.entrypoints.lambdas import api, runtime, schedule
from disparo.ports.desk import Wish
from tests.agenda_scene import MONDAY, SAO_PAULO, FakeCalendar, host, meeting_type
from tests.unit.entrypoints.lambdas.conftest import http_event
from tests.unit.entrypoints.lambdas.functions import Context, Functions, set_up

STEPS = {"task": "steps"}
KEY = b"0123456789abcdef0123456789abcdef"


@dataclass
class Connected(FakeCalendar):
    """A calendar behind a connection."""

    closed: int = 0

    async def close(self) -> None:
        self.closed += 1


class Broken(Connected):
    """Of which nothing can be read, written or closed."""

    async def busy(self, host: Host, *_: object) -> BusyTimes:
        return BusyTimes(fault="unreachable")

    async def put(self, host: Host, *_: object) -> Written:
        return Written(WriteResult.RETRY, fault="unreachable")

    async def close(self) -> None:
        await super().close()
        raise OSError("ana@example.com")


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    made = set_up(monkeypatch, live=True, public_url="https://disparo.example.com")
    monkeypatch.setattr("disparo.entrypoints.lambdas.api.installed", lambda: made.app)
    made.app.__dict__["own_routes"] = {}
    object.__setattr__(made.app, "link_key", lambda: KEY)  # else Secrets Manager would be asked
    object.__setattr__(made.app, "links", SignedLinks("https://disparo.example.com", lambda: KEY))
    yield made
    runtime._runner().close()


@pytest.fixture
def calendar(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> Connected:
    return connect(functions, Connected())


def connect(functions: Functions, calendar: Connected) -> Connected:
    """Every host's calendar is this one."""
    calendars: EachKind = functions.app.calendars
    one = host("ana").calendar
    calendars._made[one.kind, one.secret] = calendar
    return calendar


def agreed(functions: Functions) -> Meeting:
    """A meeting that was agreed just now."""

    async def story() -> Meeting:
        store, now = functions.app.store, functions.app.clock.now()
        await store.hosts.put_host(host("ana"))
        await store.hosts.put_type(meeting_type())
        wish = Wish("demo", "1", Channel.WHATSAPP, SAO_PAULO, "one")
        answer = await functions.app.desk.propose(wish, now)
        assert answer.meeting is not None
        taken = await functions.app.desk.take(answer.meeting.id, answer.meeting.offers[0].start_at, now, "contact")
        assert taken.meeting is not None
        return taken.meeting

    return functions.run(story())


async def outcome(functions: Functions, meeting: Meeting, held: bool) -> None:
    await functions.app.desk.outcome(meeting.id, held, functions.app.clock.now(), "host")


def slot_of(meeting: Meeting) -> Slot:
    assert meeting.slot is not None
    return meeting.slot


def measured(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The values of every metric that was printed."""
    found: dict[str, Any] = {}
    for line in capsys.readouterr().out.splitlines():
        document = json.loads(line)
        for metric in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]:
            found[metric["Name"]] = document[metric["Name"]]
    return found


def test_the_steps_write_calendars_and_measure_what_came_of_meetings(
    functions: Functions, calendar: Connected, capsys: pytest.CaptureFixture[str]
) -> None:
    meeting = agreed(functions)
    done = schedule.handler(STEPS, Context())
    assert done["idle"] is False
    [event] = calendar.written.values()
    assert event.start_at == slot_of(meeting).start_at
    assert measured(capsys) == {"ConfirmationRate": [100.0]}
    functions.sleep((slot_of(meeting).end_at - MONDAY).total_seconds())
    functions.run(outcome(functions, meeting, held=False))
    schedule.handler(STEPS, Context())
    assert measured(capsys) == {"NoShowRate": [100.0]}
    schedule.handler(STEPS, Context())
    assert measured(capsys) == {}


def test_a_calendar_that_cannot_be_read_is_counted_every_five_minutes(
    functions: Functions, calendar: Connected, capsys: pytest.CaptureFixture[str]
) -> None:
    agreed(functions)
    schedule.handler(STEPS, Context())
    measured(capsys)
    connect(functions, Broken())
    functions.sleep(300)
    schedule.handler(STEPS, Context())
    assert measured(capsys) == {"CalendarUnreadable": [1.0]}


def test_the_steps_close_calendars_though_nothing_was_sent(functions: Functions, calendar: Connected) -> None:
    agreed(functions)
    schedule.handler(STEPS, Context())
    assert calendar.closed == 1
    assert calendar.written  # and it is used again
    functions.sleep(300)
    schedule.handler(STEPS, Context())
    assert calendar.closed == 2


def test_what_cannot_be_closed_is_logged_without_whose_it_is(functions: Functions) -> None:
    calendar = connect(functions, Broken())
    functions.run(functions.app.store.hosts.put_host(host("ana")))
    schedule.handler(STEPS, Context())
    assert calendar.closed == 1
    [line] = [line for line in functions.lines() if line["message"] == "channels_not_closed"]
    assert line["error"] == "ExceptionGroup"
    assert "ana@example.com" not in functions.said.getvalue()


def test_a_page_that_asked_a_calendar_leaves_no_connection(
    functions: Functions, calendar: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed(functions)
    api.application.cache_clear()
    page = api.handler(http_event("GET", "/agendar/demo", caller=None), Context())
    api.application.cache_clear()
    assert page["statusCode"] == 200
    assert "Demonstra" in page["body"]
    assert page["isBase64Encoded"] is False
    assert calendar.closed == 1
