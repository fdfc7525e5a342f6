"""Google Calendar does what every calendar does; all that is asked and answered is within the API's description."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import ValidationError

from disparo.adapters.calendars.google.token import SCOPES
from disparo.simulation.emulators.google_calendar_fields import (
    EVERYWHERE,
    FREE_BUSY,
    NOT_WITH_SYNC_TOKEN,
    OF_CHANGES,
    PARAMETERS,
    WRITABLE,
)
from disparo.simulation.emulators.google_calendar_tokens import KNOWN_SCOPES
from tests.contract import calendar_suite
from tests.contract.google_calendar_stage import GoogleStage, stage
from tests.contract.google_discovery import Discovery

DELEGATED = pytest.mark.parametrize("delegated", [False, True], ids=["alone", "delegated"])


@DELEGATED
@pytest.mark.parametrize("check", calendar_suite.SUITE, ids=lambda check: check.__name__)
def test_google(check: calendar_suite.Check, delegated: bool) -> None:
    async def run() -> None:
        async with stage(delegated=delegated) as found:
            await check(found)

    asyncio.run(run())


@DELEGATED
def test_what_is_asked_and_answered_is_within_the_description(contracts: Path, delegated: bool) -> None:
    discovery = Discovery(contracts)

    async def run() -> set[str]:
        names: set[str] = set()
        for check in calendar_suite.SUITE:
            async with stage(delegated=delegated) as found:
                token = (await found.calendar.changes(found.host, None)).token
                await check(found)
                await online_meeting(found)
                assert not (await found.calendar.changes(found.host, token)).fault
            calls = [call for call in found.emulator.calls if call.name != "token"]
            names |= {call.name for call in calls}
            for call in calls:
                discovery.check(call)
        return names

    assert asyncio.run(run()) == {
        "events.insert",
        "events.get",
        "events.patch",
        "events.delete",
        "events.list",
        "freebusy.query",
    }


async def online_meeting(found: GoogleStage) -> None:
    online = replace(calendar_suite.event(77, calendar_suite.NINE + 300 * calendar_suite.DAY), online=True)
    written = await calendar_suite.put(found, online)
    found.emulator.book.finish_conferences()
    await calendar_suite.put(found, online, written.etag)


def test_the_description_catches_what_is_not_within_it(contracts: Path) -> None:
    discovery = Discovery(contracts)

    async def run() -> None:
        async with stage() as found:
            await calendar_suite.put(found, calendar_suite.event())
        [call] = [one for one in found.emulator.calls if one.name == "events.insert"]
        discovery.check(call)
        wrong = replace(call, path=f"{call.path}/x"), replace(call, query={"sendUpdates": "some"})
        for one in (*wrong, replace(call, method="PUT")):
            with pytest.raises(AssertionError):
                discovery.check(one)
        for change in ({"colour": "1"}, {"summary": 7}, {"start": {"date": "x"}}):
            with pytest.raises(ValidationError):
                discovery.check(replace(call, body={**call.body, **change}))

    asyncio.run(run())


def test_the_emulator_takes_what_the_description_names(contracts: Path) -> None:
    discovery = Discovery(contracts)
    paths = {"calendarId", "eventId"}
    for name, known in {**PARAMETERS, "events.patch": OF_CHANGES, "events.update": OF_CHANGES}.items():
        assert known | EVERYWHERE == set(discovery.parameters(name)) - paths, name
    assert set(discovery.document["schemas"]["Event"]["properties"]) >= WRITABLE
    assert set(discovery.document["schemas"]["FreeBusyRequest"]["properties"]) == FREE_BUSY
    told = discovery.parameters("events.list")["syncToken"]["description"]
    assert all(f"- {name}" in told for name in NOT_WITH_SYNC_TOKEN)
    assert set(discovery.document["auth"]["oauth2"]["scopes"]) >= KNOWN_SCOPES


def test_our_scopes_allow_each_method_that_we_call(contracts: Path) -> None:
    discovery = Discovery(contracts)
    for name in ("events.insert", "events.get", "events.patch", "events.delete", "events.list", "freebusy.query"):
        assert set(discovery.method(name)["scopes"]) & set(SCOPES), name
