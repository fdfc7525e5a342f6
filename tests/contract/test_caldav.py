"""A real CalDAV server: finding the calendar, what other hands do in it, and what is no calendar; and bad servers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any
from urllib.parse import quote

import pytest

from disparo.adapters.calendars.caldav.calendar import CaldavCalendar
from disparo.domain.agenda.calendar_event import ChangeKind, WriteResult
from disparo.ports.calendars import Closes, TellsChanges
from tests.contract.calendar_suite import DAY, HOUR, NINE, event, span
from tests.contract.misbehaving_server import Server, saying, says_nothing, serving
from tests.contract.radicale_stage import (
    USER,
    Given,
    Radicale,
    RadicaleStage,
    a_calendar,
    a_host,
    changed,
    secret,
)

NUMBERS = count(1)
WINDOW = NINE, NINE + DAY


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    radicale = Radicale(tmp_path_factory.mktemp("radicale"))
    yield radicale
    radicale.stop()


@pytest.fixture
def stage(server: Radicale) -> RadicaleStage:
    return RadicaleStage(server, f"own-{next(NUMBERS)}")


def asked(calendar: CaldavCalendar, name: str = "") -> Any:
    async def scene() -> Any:
        try:
            return await calendar.busy(a_host(name), *WINDOW)
        finally:
            await calendar.close()

    return asyncio.run(scene())


def timed(number: int) -> list[str]:
    return [f"UID:there-{number}", "DTSTAMP:20270101T000000Z", "DTSTART:20270405T120000Z", "DTEND:20270405T130000Z"]


@pytest.mark.parametrize("where", ["", f"{quote(USER)}/", "calendar"])
def test_a_calendar_is_found_from_the_server_the_account_or_itself(server: Radicale, where: str) -> None:
    name = f"found-{next(NUMBERS)}"
    path = server.make_calendar(name, shown=f"Trabalho {name}")
    server.ask("PUT", path + "a.ics", _resource(timed(1)), {"Content-Type": "text/calendar"})
    url = server.url + (path if where == "calendar" else where)
    for called in (name, f"Trabalho {name}", f"/{USER}/{name}"):
        told = asked(a_calendar(secret(url)), called)
        assert told.busy == (span(NINE, NINE + HOUR),), (called, told)


def test_a_name_that_stands_for_none_or_several_is_no_free_calendar(server: Radicale) -> None:
    for number in range(2):
        server.make_calendar(f"double-{number}-{next(NUMBERS)}", shown="Duas vezes")
    for name, code in (
        ("nenhuma", "calendar_not_found"),
        ("Duas vezes", "calendar_ambiguous"),
        ("", "calendar_ambiguous"),
    ):
        told = asked(a_calendar(secret(server.url)), name)
        assert (told.fault, told.auth) == (code, True)


def test_a_home_is_no_calendar_that_is_free(server: Radicale) -> None:
    told = asked(a_calendar(secret(f"{server.url}bia/", username="bia", password="other")))
    assert told.fault == "calendar_not_found"


def test_a_wrong_password_is_for_a_person_and_a_newer_one_is_tried(server: Radicale) -> None:
    path = server.make_calendar(f"auth-{next(NUMBERS)}")
    wrong = secret(server.url + path, password="wrong")
    told = asked(a_calendar(wrong))
    assert (told.fault, told.auth) == ("credentials_refused", True)
    given = Given(wrong, secret(server.url + path))
    assert asked(a_calendar(given)).readable
    assert given.refreshed == 1


def test_a_calendar_that_is_gone_is_not_free_and_nothing_is_removed_from_it(
    server: Radicale, stage: RadicaleStage
) -> None:
    async def scene() -> None:
        written = await stage.calendar.put(stage.host, event(), "")
        assert server.ask("DELETE", stage.path)[0] in (200, 204)
        assert (await stage.calendar.busy(stage.host, *WINDOW)).fault == "calendar_not_found"
        for act in (stage.calendar.put, stage.calendar.remove):
            told = await act(stage.host, event(), written.etag)
            assert (told.result, told.fault) == (WriteResult.RETRY, "calendar_not_found")
        await stage.calendar.close()

    asyncio.run(scene())


def test_repetitions_are_busy_also_long_after_they_began(stage: RadicaleStage) -> None:
    series = ["UID:s", "DTSTAMP:20200101T000000Z", "DTSTART;TZID=America/Sao_Paulo:20200106T090000", "DURATION:PT1H"]
    stage.put("s.ics", [*series, "RRULE:FREQ=WEEKLY", "EXDATE;TZID=America/Sao_Paulo:20270412T090000"])

    async def scene() -> Any:
        told = await stage.calendar.busy(stage.host, NINE - DAY, NINE + 15 * DAY)
        await stage.calendar.close()
        return told

    found = asyncio.run(scene())
    assert found.busy == (span(NINE, NINE + HOUR), span(NINE + 14 * DAY, NINE + 14 * DAY + HOUR))


def test_one_event_that_is_not_understood_makes_the_calendar_unreadable(stage: RadicaleStage) -> None:
    assert stage.put("a.ics", timed(1)) == 201
    unknown = ["UID:u", "DTSTAMP:20270101T000000Z", "DTSTART;TZID=Nowhere/Land:20270405T120000", "DURATION:PT1H"]
    assert stage.put("u.ics", unknown) == 201
    told = asked(stage.calendar)
    assert (told.fault, list(told.busy)) == ("zone_unknown", [])


def test_what_other_hands_do_is_told_once_with_a_token(stage: RadicaleStage) -> None:
    moved, kept, gone = event(1), event(2, NINE + 3 * HOUR), event(3, NINE + 6 * HOUR)

    async def scene() -> None:
        calendar, host = stage.calendar, stage.host
        begun = await calendar.changes(host, None)
        assert (list(begun.changes), begun.fault) == ([], "")
        for one in (moved, kept, gone):
            await calendar.put(host, one, "")
        own = await calendar.changes(host, begun.token)
        assert changed(own) == []
        await stage.move(moved.key, NINE + DAY, NINE + DAY + HOUR)
        await stage.take_away(gone.key)
        stage.put("other.ics", timed(9))
        found = await calendar.changes(host, own.token)
        assert sorted(changed(found)) == sorted([(moved.key, "moved"), (gone.key, "removed")])
        [move] = [one for one in found.changes if one.kind is ChangeKind.MOVED]
        assert (move.start_at, move.end_at) == (NINE + DAY, NINE + DAY + HOUR)
        assert changed(await calendar.changes(host, found.token)) == []
        await calendar.close()

    asyncio.run(scene())


def test_a_token_that_is_none_begins_anew(stage: RadicaleStage) -> None:
    async def scene() -> None:
        await stage.calendar.put(stage.host, event(), "")
        for token in ("nonsense", "http://radicale.org/ns/sync/" + "0" * 64):
            found = await stage.calendar.changes(stage.host, token)
            assert (list(found.changes), found.fault) == ([], "")
            assert found.token not in (None, token)
        await stage.calendar.close()

    asyncio.run(scene())


def test_an_answer_of_the_contact_is_told(stage: RadicaleStage) -> None:
    async def scene() -> None:
        calendar, host = stage.calendar, stage.host
        await calendar.put(host, event(), "")
        token = (await calendar.changes(host, None)).token
        body = (stage.get(f"{event().key}.ics") or "").replace("\r\n ", "")
        assert stage.put_text(f"{event().key}.ics", body.replace("NEEDS-ACTION", "DECLINED")) in (201, 204)
        assert changed(await calendar.changes(host, token)) == [(event().key, "declined")]
        again = await calendar.put(host, event(), "")
        assert again.result is WriteResult.DONE
        await calendar.close()

    asyncio.run(scene())


def test_a_meeting_that_the_host_imported_already_is_for_a_person(stage: RadicaleStage) -> None:
    lines = [f"UID:{event().uid}", *timed(1)[1:]]
    assert stage.put("imported.ics", lines) == 201

    async def scene() -> Any:
        told = await stage.calendar.put(stage.host, event(), "")
        await stage.calendar.close()
        return told

    told = asyncio.run(scene())
    assert (told.result, told.fault) == (WriteResult.REFUSED, "uid_elsewhere")


def test_what_others_made_of_it_can_be_written_over_knowingly(stage: RadicaleStage) -> None:
    async def scene() -> None:
        calendar, host = stage.calendar, stage.host
        first = await calendar.put(host, event(), "")
        stage.edit(event().key, SUMMARY="Minha")
        newer = event(sequence=2)
        left = await calendar.put(host, newer, first.etag)
        assert (left.result, left.fault) == (WriteResult.CHANGED, "changed_there")
        assert (await calendar.put(host, newer, left.etag)).result is WriteResult.DONE
        assert (await calendar.put(host, replace(newer, cancelled=True), "")).result is WriteResult.DONE
        assert await stage.kept(newer.key) is None
        await calendar.close()

    asyncio.run(scene())


def _resource(lines: list[str]) -> str:
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//other//EN", "BEGIN:VEVENT", *lines, "END:VEVENT"]
    return "\r\n".join([*whole, "END:VCALENDAR", ""])


def _http(status: int, body: bytes = b"", *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 %d x" % status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


HERE = b"""<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:response><d:href>/c/</d:href><d:propstat><d:prop><d:resourcetype><c:calendar/></d:resourcetype></d:prop>
<d:status>HTTP/1.1 200 OK</d:status></d:propstat>
</d:response></d:multistatus>"""

BAD = {
    "empty": _http(207),
    "html": _http(200, b"<html>all free</html>"),
    "html as 207": _http(207, b"<html>all free</html>"),
    "broken xml": _http(207, HERE[:-3]),
    "a dtd": _http(207, b'<!DOCTYPE d [<!ENTITY a "b">]>' + HERE),
    "no data": _http(207, HERE),
    "truncated": _http(207, HERE.replace(b"<d:propstat>", b"<d:status>HTTP/1.1 507 x</d:status><d:propstat>", 1)),
    "elsewhere": _http(301, b"", b"Location: https://example.com/c/"),
    "for ever": _http(301, b"", b"Location: /c/"),
    **{str(status): _http(status) for status in (204, 400, 401, 403, 404, 405, 410, 412, 423, 429, 500, 502, 503, 507)},
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD)
def test_a_server_that_answers_badly_is_no_free_calendar(answer: bytes) -> None:
    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await server.read_request(reader):
            found = len(server.requests) == 1
            writer.write(_http(207, HERE) if found else answer)

    async def scene() -> None:
        async with serving(behave) as bad:
            calendar = a_calendar(secret(f"http://127.0.0.1:{bad.port}/c/"))
            told = await calendar.busy(a_host(), *WINDOW)
            assert not told.readable
            assert bad.requests[1].startswith(b"REPORT /c/ ")
            if told.auth:
                assert told.fault in ("credentials_refused", "access_refused", "elsewhere")
            await calendar.close()

    asyncio.run(scene())


@pytest.mark.parametrize("status", [401, 403, 413, 415, 429, 500, 503, 507])
def test_a_server_that_refuses_a_write_says_whether_it_may_be_tried_again(status: int) -> None:
    async def behave(server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await server.read_request(reader):
            writer.write(_http(207, HERE) if len(server.requests) == 1 else _http(status, b"", b"Retry-After: 7"))

    async def scene() -> None:
        async with serving(behave) as bad:
            calendar = a_calendar(secret(f"http://127.0.0.1:{bad.port}/c/"))
            told = await calendar.put(a_host(), event(), "")
            assert told.result is (WriteResult.REFUSED if status in (413, 415) else WriteResult.RETRY)
            assert told.retry_after_s == (600.0 if status in (401, 403) else 7.0)
            await calendar.close()

    asyncio.run(scene())


def test_a_server_that_says_nothing_or_hangs_up_is_no_free_calendar() -> None:
    async def scene(behave: Any, timeout_s: float) -> tuple[str, str]:
        async with serving(behave) as bad:
            calendar = a_calendar(secret(f"http://127.0.0.1:{bad.port}/c/"), timeout_s)
            told = await calendar.busy(a_host(), *WINDOW), await calendar.put(a_host(), event(), "")
            await calendar.close()
            return told[0].fault, told[1].fault

    assert asyncio.run(scene(says_nothing, 0.3)) == ("no_answer", "no_answer")
    assert asyncio.run(scene(saying(b"", abort=True), 5.0)) == ("no_answer", "no_answer")


def test_a_server_that_is_not_there_is_no_free_calendar() -> None:
    assert asked(a_calendar(secret("http://127.0.0.1:9/c/"))).fault == "not_connected"


def test_it_is_a_calendar_that_tells_changes_and_closes() -> None:
    calendar = a_calendar({})
    assert isinstance(calendar, TellsChanges)
    assert isinstance(calendar, Closes)
    assert asked(calendar).fault == "secret_unusable"
