"""Google Calendar that fails, as documented and otherwise: nothing raises, and what was not read is busy."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.adapters.calendars.google.calendar import GoogleCalendar
from disparo.adapters.calendars.google.credentials import parse
from disparo.adapters.calendars.google.errors import judge
from disparo.adapters.credentials import Credentials
from disparo.adapters.http_exchange import Answer
from disparo.domain.agenda.calendar_event import WriteResult
from disparo.domain.errors import InputError
from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.faults import FaultKind
from disparo.simulation.emulators.google_calendar import CALENDAR_ID, CalendarFault, error_body
from tests.contract.calendar_suite import DAY, HOUR, NINE, Timed, busy, event, put, times
from tests.contract.google_calendar_stage import HOST, SECRET, GoogleStage, Vault, over_google

F, R = FailureClass, WriteResult
OURS = {"permanent": F.PERMANENT, "transient": F.TRANSIENT, "throttled": F.THROTTLED, "auth": F.AUTH}
BESIDES = (frozenset[str](), frozenset({event().key}))
SEEING = pytest.mark.parametrize("besides", BESIDES, ids=["free_busy", "events"])


def documented() -> list[tuple[int, str, str]]:
    """Google's guide "Handle API errors", with our class of each; the contract's own list is checked below."""
    return [
        (400, "timeRangeEmpty", "permanent"),
        (400, "invalid", "permanent"),
        (400, "required", "permanent"),
        (401, "authError", "auth"),
        (403, "userRateLimitExceeded", "throttled"),
        (403, "rateLimitExceeded", "throttled"),
        (403, "quotaExceeded", "throttled"),
        (403, "forbiddenForNonOrganizer", "permanent"),
        (403, "insufficientPermissions", "auth"),
        (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", "auth"),
        (403, "accessNotConfigured", "auth"),
        (403, "SERVICE_DISABLED", "auth"),
        (404, "notFound", "permanent"),
        (409, "duplicate", "already_done"),
        (410, "deleted", "permanent"),
        (410, "fullSyncRequired", "permanent"),
        (410, "updatedMinTooLongAgo", "permanent"),
        (412, "conditionNotMet", "permanent"),
        (429, "rateLimitExceeded", "throttled"),
        (500, "backendError", "transient"),
        (503, "backendError", "transient"),
    ]


def test_the_contracts_list_is_the_one_that_is_tried(contracts: Path) -> None:
    told = json.loads((contracts / "google_calendar" / "errors.json").read_text())["errors"]
    listed = {(one["http"], reason, one["class"]) for one in told for reason in one["reason"].split(" / ")}
    assert listed == set(documented())


@pytest.mark.parametrize(("status", "reason", "told"), documented())
def test_every_documented_error_has_its_class(status: int, reason: str, told: str) -> None:
    fault = judge(Answer(status, {}, json.dumps(error_body(status, reason, "for ana@example.com")).encode()))
    assert fault.failure is OURS.get(told, F.PERMANENT)
    assert fault.code.isascii()
    assert "ana" not in fault.detail
    assert reason in fault.detail
    newer = {"error": {"code": status, "status": "X", "message": "y", "details": [{"reason": reason}]}}
    assert judge(Answer(status, {}, json.dumps(newer).encode())).failure is fault.failure


@pytest.mark.parametrize(("status", "reason", "told"), documented())
@SEEING
def test_a_calendar_that_answers_an_error_is_unreadable(
    status: int, reason: str, told: str, besides: frozenset[str]
) -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.order(*(CalendarFault(call=name, status=status, reason=reason, times=0) for name in READS))
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY, besides)
        assert not found.readable
        assert found.auth is (told == "auth")
        assert list(found.busy) == []

    over_google(use)


READS = ("freebusy.query", "events.list")


@pytest.mark.parametrize(("status", "reason", "told"), documented())
def test_a_write_that_fails_is_tried_again_unless_it_can_never_be(status: int, reason: str, told: str) -> None:
    async def use(stage: GoogleStage) -> None:
        first = await put(stage, event())
        stage.emulator.order(CalendarFault(call="events.patch", status=status, reason=reason, times=0))
        found = await stage.calendar.put(stage.host, event(sequence=2), first.etag)
        if status in (404, 410):
            assert found.result is R.CHANGED
        elif told == "permanent" and status != 412:
            assert (found.result, found.retry_after_s) == (R.REFUSED, None)
        elif status != 409:
            assert found.result is R.RETRY
        assert found.fault
        stage.emulator.clear()
        await put(stage, event(sequence=2), first.etag)

    over_google(use)


def test_how_long_to_wait_is_googles_word_or_the_kind_of_limit() -> None:
    async def use(stage: GoogleStage) -> None:
        insert = CalendarFault(call="events.insert", status=429, reason="rateLimitExceeded")
        stage.emulator.order(
            replace(insert, headers={"Retry-After": "17"}),
            replace(insert, headers={"Retry-After": "soon"}),
            replace(insert, status=403, reason="quotaExceeded"),
        )
        found = [await stage.calendar.put(stage.host, event(), "") for _ in range(3)]
        assert [(one.result, one.retry_after_s) for one in found] == [(R.RETRY, 17.0), (R.RETRY, None), (R.RETRY, 3600)]

    over_google(use)


NONSENSE = [
    (200, "<html><body>Sorry…</body></html>"),
    (200, ""),
    (200, "[]"),
    (200, "null"),
    (200, "{}"),
    (200, '{"calendars": {}}'),
    (200, '{"calendars": []}'),
    (200, json.dumps({"calendars": {"other@example.com": {"busy": []}}})),
    (200, json.dumps({"calendars": {CALENDAR_ID: None}})),
    (200, json.dumps({"calendars": {CALENDAR_ID: {"busy": {}}}})),
    (200, json.dumps({"calendars": {CALENDAR_ID: {"busy": [{"start": "2027-04-05T12:00:00Z"}]}}})),
    (200, json.dumps({"calendars": {CALENDAR_ID: {"busy": [{"start": "2027-04-05T12:00:00", "end": "x"}]}}})),
    (
        200,
        json.dumps(
            {"calendars": {CALENDAR_ID: {"busy": [{"start": "2027-04-05T12:00:00Z", "end": "2027-04-05T11:00:00Z"}]}}}
        ),
    ),
    (200, json.dumps({"calendars": {CALENDAR_ID: {"errors": [{"reason": "internalError"}], "busy": []}}})),
    (200, json.dumps({"calendars": {CALENDAR_ID: {"errors": "?", "busy": []}}})),
    (200, "[" * 5000),
    (302, ""),
    (403, "<html>Forbidden</html>"),
    (500, "<html>Error 500</html>"),
]


@pytest.mark.parametrize(("status", "body"), NONSENSE)
def test_nonsense_for_free_busy_is_unreadable(status: int, body: str) -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.order(CalendarFault(call="freebusy.query", status=status, body=body))
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert not found.readable
        assert "@" not in found.detail

    over_google(use)


EVENTS = [
    '{"items": {}}',
    '{"items": [null]}',
    '{"items": [{"id": "x"}]}',
    '{"items": [{"id": "x", "start": {"date": "2027-13-01"}, "end": {"date": "2027-04-06"}}]}',
    '{"items": [{"id": "x", "start": {"dateTime": "2027-04-05T12:00:00"}, "end": {"dateTime": "z"}}]}',
    '{"items": [], "timeZone": "Mars/Olympus"}',
    '{"items": [], "nextPageToken": 7}',
    '{"items": [], "nextPageToken": "again"}',
    "<html>",
    "",
    '{"items": [' + ",".join(['{"id": "x"}'] * 40_000),
]


@pytest.mark.parametrize("body", EVENTS, ids=range(len(EVENTS)))
def test_nonsense_for_events_is_unreadable_and_pages_have_an_end(body: str) -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.order(CalendarFault(call="events.list", status=200, body=body, times=0))
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY, frozenset({event().key}))
        assert not found.readable
        assert len(stage.emulator.calls) <= 50

    over_google(use)


@pytest.mark.parametrize("body", ["<html>", "", "{}", '{"id": "other", "etag": "\\"1\\""}', '{"id": 7}', "[]"])
def test_a_write_that_is_answered_by_nonsense_is_tried_again(body: str) -> None:
    async def use(stage: GoogleStage) -> None:
        for name in ("events.insert", "events.get"):
            stage.emulator.order(CalendarFault(FaultKind.ERROR_AFTER_TAKING, name, status=200, body=body))
            found = await stage.calendar.put(stage.host, event(), "")
            assert (found.result, found.fault) == (R.RETRY, "answer_not_understood")
        await put(stage, event())
        assert await times(stage, event()) == (NINE, NINE + HOUR)

    over_google(use)


@pytest.mark.parametrize("kind", [FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.SLOW])
@SEEING
def test_silence_is_unreadable(kind: FaultKind, besides: frozenset[str]) -> None:
    async def use(stage: GoogleStage) -> None:
        await stage.calendar.busy(stage.host, NINE, NINE + DAY)  # so that the token is there
        stage.emulator.order(*(CalendarFault(kind, name, seconds=0.7, times=0) for name in READS))
        begun = asyncio.get_running_loop().time()
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY, besides)
        assert (found.fault, found.auth) == ("no_answer", False)
        assert asyncio.get_running_loop().time() - begun < 2

    over_google(use, timeout_s=0.4)


def test_one_part_of_a_long_window_that_cannot_be_read_makes_it_unreadable() -> None:
    async def use(stage: GoogleStage) -> None:
        await stage.add(Timed(NINE, NINE + HOUR))
        for status in (503, 429):
            stage.emulator.order(CalendarFault(call="freebusy.query", status=status))
            assert not (await stage.calendar.busy(stage.host, NINE, NINE + 200 * DAY)).readable
        assert len(await busy(stage, NINE, NINE + 200 * DAY)) == 1
        assert not (await stage.calendar.busy(stage.host, NINE, NINE + 9000 * DAY)).readable

    over_google(use)


def test_a_calendar_that_is_no_longer_shared_is_said_to_need_a_person() -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.book.close(CALENDAR_ID)
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert (found.fault, found.auth) == ("calendar_not_found", True)
        for etag in ("", '"1"'):
            for attempt in (stage.calendar.put, stage.calendar.remove):
                written = await attempt(stage.host, event(), etag)
                assert (written.result, written.fault) == (R.RETRY, "calendar_not_found")
        stage.emulator.book.open(CALENDAR_ID, "UTC")
        await put(stage, event())

    over_google(use)


# --- tokens


def test_a_token_is_asked_for_once_for_all_and_used_until_shortly_before_its_end() -> None:
    async def use(stage: GoogleStage) -> None:
        await asyncio.gather(*(busy(stage) for _ in range(10)))
        stage.clock.at += timedelta(minutes=57)
        await busy(stage)
        assert stage.names.count("token") == 1
        stage.clock.at += timedelta(minutes=2)
        await asyncio.gather(*(busy(stage) for _ in range(10)))
        assert stage.names.count("token") == 2
        stage.clock.at -= timedelta(days=2)  # the clock was set back: nobody knows how old it is
        await busy(stage)
        assert stage.names.count("token") == 3

    over_google(use)


def test_a_token_that_google_no_longer_takes_is_renewed_once() -> None:
    async def use(stage: GoogleStage) -> None:
        await busy(stage)
        stage.emulator.account.revoke()
        await asyncio.gather(*(busy(stage) for _ in range(10)))
        assert stage.names.count("token") == 2
        stage.emulator.order(CalendarFault(call="freebusy.query", status=401, reason="authError", times=0))
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert (found.fault, found.auth) == ("credentials_refused", True)
        assert stage.names.count("token") == 3
        assert stage.names[-3:] == ["freebusy.query", "token", "freebusy.query"]

    over_google(use)


def test_whoever_is_cancelled_takes_no_token_from_the_others() -> None:
    async def use(stage: GoogleStage) -> None:
        waiting = [asyncio.create_task(busy(stage)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting[0].cancel()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [isinstance(one, asyncio.CancelledError) for one in found] == [True, False, False]
        assert found[1] == ()
        assert stage.names.count("token") == 1

    over_google(use)


def test_a_key_that_google_refuses_needs_a_person_until_the_secret_is_new() -> None:
    async def use(stage: GoogleStage) -> None:
        await busy(stage)
        origin = f"http://{stage.emulator.calls[0].headers['Host']}"
        old = stage.emulator.secret(origin)
        stage.emulator.account.renew_key()
        stage.emulator.account.revoke()
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert (found.fault, found.auth) == ("credentials_refused", True)
        assert "invalid_grant" in found.detail
        assert "@" not in found.detail
        both = Vault(old, stage.emulator.secret(origin))
        calendar = GoogleCalendar(Credentials(both, SECRET, parse), timeout_s=5, clock=stage.clock.now)
        assert (await calendar.busy(HOST, NINE, NINE + DAY)).readable
        await calendar.close()

    over_google(use)


TOKEN = CalendarFault(call="token", status=200)


@pytest.mark.parametrize(
    ("fault", "code", "auth"),
    [
        (replace(TOKEN, status=500), "provider_failed", False),
        (replace(TOKEN, status=429), "provider_throttled", False),
        (replace(TOKEN, status=403), "credentials_refused", True),
        (replace(TOKEN, body="<html>"), "answer_not_understood", False),
        (replace(TOKEN, body='{"access_token": "a b\\n", "expires_in": 9}'), "answer_not_understood", False),
        (replace(TOKEN, body='{"access_token": "x", "expires_in": "y"}'), "answer_not_understood", False),
        (replace(TOKEN, body='{"access_token": "x", "expires_in": -1}'), "answer_not_understood", False),
        (replace(TOKEN, kind=FaultKind.DROP_BEFORE), "no_answer", False),
    ],
)
def test_no_token_no_answer(fault: CalendarFault, code: str, auth: bool) -> None:
    async def use(stage: GoogleStage) -> None:
        stage.emulator.order(fault)
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert not found.readable
        assert (found.fault, found.auth) == (code, auth)
        stage.emulator.order(fault)
        assert (await stage.calendar.put(stage.host, event(), "")).result is R.RETRY
        assert await busy(stage) == ()

    over_google(use)


def test_on_whose_behalf_is_told_and_must_be_allowed() -> None:
    async def use(stage: GoogleStage) -> None:
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert (found.fault, found.auth) == ("credentials_refused", True)
        assert "unauthorized_client" in found.detail

    over_google(use, subject="chefe@example.com")


def test_nobody_listens() -> None:
    async def use(stage: GoogleStage) -> None:
        found = await stage.calendar.busy(stage.host, NINE, NINE + DAY)
        assert (found.fault, found.auth) == ("not_connected", False)

    over_google(use, endpoint="http://127.0.0.1:1/v3")
    over_google(use, token_uri="http://127.0.0.1:1/token")


def test_a_secret_that_cannot_be_used_makes_it_unreadable() -> None:
    class Broken(Vault):
        async def get(self, name: str) -> dict[str, str]:
            raise InputError(f"segredo {name}: não existe")

    async def run() -> None:
        calendar = GoogleCalendar(Credentials(Broken(), SECRET, parse), timeout_s=1, clock=lambda: NINE)
        found = await calendar.busy(HOST, NINE, NINE + DAY)
        assert (found.fault, found.auth) == ("secret_unusable", True)
        assert (await calendar.put(HOST, event(), "")).result is R.RETRY
        assert (await calendar.changes(HOST, "x")).fault == "secret_unusable"
        await calendar.close()

    asyncio.run(run())
