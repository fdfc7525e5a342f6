"""Requests that nobody sends by mistake: each is refused in words, soon, and leaves everything as it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
from starlette.requests import Request

from disparo.domain.principal import Role
from disparo.entrypoints.http import body_limit, sse
from disparo.entrypoints.http.sse import EventStream, Snapshot
from tests.account_scene import signed_in
from tests.standing_app import standing_app
from tests.unit.entrypoints.console.visitor import Visitor
from tests.unit.entrypoints.http.conftest import MONDAY, Client, House, campaign

A_RUNAWAY_S = 10.0
JSON = {"content-type": "application/json"}


def ask(client: Client, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> int:
    """The status, which came soon and is none of ours to be ashamed of."""
    began = time.perf_counter()
    answer = asyncio.run(client.ask(method, path, body, headers))
    assert time.perf_counter() - began < A_RUNAWAY_S
    assert answer.status < 500, answer.body[:300]
    return answer.status


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b'{"steps":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"name": "a", "name": "b"}',
        b'{"name": 1e400}',
        b'{"name": ' + b"9" * 20_000 + b"}",
        b'{"name": "\\ud800"}',
        b'{"name": "\\u0000", "list": "\\u0000", "steps": []}',
        b'{"name": NaN}',
        b"\xef\xbb\xbf{}",
        '{"name": "x"}'.encode("utf-16"),
        b"\x00",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/campaigns", "/api/v1/contacts", "/api/v1/imports", "/api/v1/templates"])
def test_json_that_is_a_trap_is_refused(client: Client, path: str, body: bytes) -> None:
    assert ask(client, "POST", path, body, JSON) in (400, 422)


@pytest.mark.parametrize("since", ["141312859", "1e9", "0", "2026-11-24", "2026-11-24T14:00:00"])
def test_an_instant_is_no_number_and_has_its_offset(client: Client, since: str) -> None:
    assert ask(client, "GET", f"/api/v1/audit?since={since}") == 422
    assert ask(client, "GET", "/api/v1/audit?since=2026-11-24T14:00:00-03:00") == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "application/json; charset=no-such"},
        {"content-type": "multipart/form-data"},
        {"content-type": "multipart/form-data; boundary="},
        {"content-type": "multipart/form-data; boundary=" + "x" * 60_000},
        {"content-type": 'multipart/form-data; boundary="\\""'},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "\xff/\xfe"},
        {"content-length": "-1"},
        {"content-length": "9" * 5_000},
        {"content-length": "\u00b2"},
        {"if-match": '"\u00b2"'},
        {"if-match": '"' + "9" * 5_000 + '"'},
        {"idempotency-key": "\xff\xfe"},
        {"idempotency-key": "x" * 60_000},
        {"authorization": "Bearer dk_" + "\xff" * 1_000},
        {"cookie": "disparo_session=" + "\xff" * 1_000 + "; =; ;;; a=b=c"},
        {"accept-language": "en;q=1" + " " * 60_000 + "x"},
        {"origin": "null"},
        {"x-forwarded-for": "a, b, \xff"},
    ],
)
def test_headers_of_odd_bytes_and_lengths_break_nothing(client: Client, headers: Mapping[str, str]) -> None:
    sent = {"content-type": "application/json", **headers}
    for method, path in (
        ("POST", "/api/v1/imports"),
        ("POST", "/api/v1/campaigns"),
        ("PUT", "/api/v1/hosts/ana"),
        ("POST", "/console/sign-in"),
        ("POST", "/webhooks/sandbox"),
    ):
        written = {key: value.encode("utf-8").decode("latin-1") for key, value in sent.items()}
        assert ask(client, method, path, b"--x\r\n{}", written) >= 400
    assert ask(client, "GET", "/console/sign-in", None, {"accept": "text/html", **headers}) < 500


@pytest.mark.parametrize(
    "query",
    [
        "limit=" + "9" * 60_000,
        "limit=%C2%B2",
        "after=" + "%00" * 150,
        "after=%ff%fe",
        "after=1-2-3-4",
        "&".join(f"x{number}={number}" for number in range(20_000)),
        "limit=1&" * 10_000,
        "campaign=%00",
        "q=%00",
        "q=" + "%25" * 5_000,
        "%",
        "state=%F0%9F%92%A3",
        "since=0001-01-01T00:00:00Z",
        "since=9999-12-31T23:59:59-23:59",
        "since=2026-01-01T00:00:00",
        "type=demo&from=2026-02-30",
    ],
)
def test_questions_of_odd_bytes_and_lengths_break_nothing(client: Client, query: str) -> None:
    for path in ("contacts", "campaigns", "messages", "audit", "inbox", "suppressions", "meetings", "slots", "alarms"):
        ask(client, "GET", f"/api/v1/{path}?{query}")
    for path in ("contacts", "campaigns", "inbox", "dead-letters", "today"):
        ask(client, "GET", f"/console/{path}?{query}", None, {"accept": "text/html"})


def test_a_form_of_endless_parts_is_refused(client: Client) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    sent = {"content-type": "multipart/form-data; boundary=x"}
    assert ask(client, "POST", "/api/v1/imports", part * 15_000, sent) in (400, 413, 422)
    assert ask(client, "POST", "/api/v1/imports/preview", b"--x\r\n" + b"A: b\r\n" * 50_000, sent) in (400, 413, 422)
    files = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\r\n' * 100
    assert ask(client, "POST", "/api/v1/imports", files, sent) in (400, 413, 422)


def test_what_a_body_says_too_much_is_refused(client: Client) -> None:
    """Nobody sets what is not theirs to set by naming it."""
    for path, body in (
        ("/api/v1/contacts", {"list": "l", "phone": "+5541988887777", "id": "1"}),
        ("/api/v1/keys", {"name": "x", "created_by": "system"}),
        ("/api/v1/accounts", {"name": "x", "email": "x@example.com", "password": "x", "second_factor": False}),
        ("/api/v1/webhooks", {"url": "https://example.com", "secret": "whsec_x"}),
        ("/api/v1/campaigns", {**campaign(), "state": "running"}),
        ("/api/v1/meetings/book", {"contact_id": "1", "type": "t", "start_at": "2026-11-24T14:00:00Z", "id": "1"}),
        ("/api/v1/meetings/1/move", {"start_at": "2026-11-24T14:00:00Z", "state": "held"}),
        ("/api/v1/meetings/1/outcome", {"held": True, "revision": 1}),
        ("/api/v1/hosts/ana/blocks", {"start_at": "2026-12-21", "end_at": "2026-12-22", "host": "bruno"}),
    ):
        assert ask(client, "POST", path, body) == 422, path


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/webhooks", {"url": "https://example.com", "include_personal": 1}),
        ("/api/v1/meetings/1/outcome", {"held": "no"}),
        ("/api/v1/dead-letters/redrive", {"all": "yes"}),
        ("/api/v1/forecasts", {"campaign": "x", "failures": 1}),
    ],
)
def test_yes_and_no_are_said_as_such(client: Client, path: str, body: Mapping[str, Any]) -> None:
    assert ask(client, "POST", path, body) == 422


def test_a_method_that_an_address_does_not_take_is_told_those_that_it_takes(client: Client) -> None:
    for path, allowed in (
        ("/api/v1/templates/x", "DELETE, GET, PUT"),
        ("/api/v1/dead-letters/redrive", "POST"),
        ("/api/v1/campaigns", "GET, POST"),
        ("/console/sign-in", "GET, POST"),
    ):
        answer = asyncio.run(client.ask("OPTIONS", path))
        assert (answer.status, answer.headers["allow"]) == (405, allowed), path


SOURCES = [
    "{% for a in (1..999999) %}{% for b in (1..999999) %}x{% endfor %}{% endfor %}",
    "{{ 'x' | append: nome }}" * 3_000,
    "{% assign a = 'xxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40 + "{{ a }}",
    "{% if " + "or a " * 12_000 + "%}{% endif %}",
]


@pytest.mark.parametrize("source", SOURCES, ids=range(len(SOURCES)))
def test_a_template_that_is_a_bomb_goes_off_nowhere_and_others_are_answered_meanwhile(
    client: Client, house: House, source: str
) -> None:
    body = {"channel": "whatsapp", "text": source, "values": {"nome": "x" * 900}}

    async def story() -> None:
        began = time.perf_counter()
        bombs = [asyncio.create_task(client.post("/api/v1/templates/preview", body)) for _ in range(3)]
        assert (await client.get("/health")).status == 200
        for answer in await asyncio.gather(*bombs):
            assert answer.status in (200, 422)
            assert len(answer.body) < 512 * 1024
        kept = await client.post("/api/v1/templates", {"name": "bomb", "channel": "whatsapp", "text": source})
        assert kept.status in (201, 422)
        assert time.perf_counter() - began < A_RUNAWAY_S

    asyncio.run(story())


def test_streams_are_bounded_for_each_and_for_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "MOST_EACH", 3)
    monkeypatch.setattr(sse, "MOST", 5)
    client = Client(standing_app(house), house)

    async def look() -> Snapshot:
        return Snapshot({"n": 1})

    async def story() -> None:
        leave, began = asyncio.Event(), list[int]()

        async def receive() -> dict[str, Any]:
            await leave.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                began.append(message["status"])
                if message["status"] != 200:
                    assert (b"retry-after", b"5") in message["headers"]

        async def watch(who: str) -> None:
            scope = {"type": "http", "method": "GET", "headers": [], "app": client.api}
            scope["state"] = {"principal": type("Somebody", (), {"actor": who})()}
            await (await EventStream.of(Request(scope), look))(scope, receive, send)

        watching = [asyncio.create_task(watch(who)) for who in ("user:1",) * 4 + ("user:2",) * 4]
        while len(began) < len(watching):
            await asyncio.to_thread(int)  # a turn of the loop, and back
        assert sorted(began) == [200] * 5 + [503] * 3
        leave.set()
        await asyncio.gather(*watching)
        assert not sse._OPEN

    asyncio.run(story())


def test_many_guesses_at_once_are_counted_one_by_one(house: House) -> None:
    """Fifty at the same moment get no further than fifty one after the other."""
    browser = asyncio.run(signed_in(house.locks, Role.ADMIN, MONDAY))
    visitor = Visitor(house)
    visitor.get("/console/sign-in")
    form = f"csrf={visitor.csrf}&email={browser.account.email.replace('@', '%40')}&password=wrong".encode()
    sent = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}

    async def story() -> list[int]:
        guesses = [visitor.send("POST", "/console/sign-in", form, sent) for _ in range(50)]
        return [one.status for one in await asyncio.gather(*guesses)]

    statuses = asyncio.run(story())
    assert statuses.count(429) >= 35
    assert not [one for one in statuses if one not in (401, 422, 429)]


def test_a_body_that_stops_coming_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "PATIENCE_S", 0.01)
    begun = [{"type": "http.request", "body": b'{"name": ', "more_body": True}]
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        if begun:
            return begun.pop()
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")

    async def send(message: Any) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {"type": "http", "method": "POST", "path": "/api/v1/campaigns", "query_string": b"", "root_path": ""}
    scope |= {"headers": [(b"content-type", b"application/json")], "scheme": "http", "server": ("test", 80)}
    asyncio.run(asyncio.wait_for(client.api(scope, receive, send), A_RUNAWAY_S))
    assert statuses == [408]
