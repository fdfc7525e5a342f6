"""Every address of the application, asked by everybody who may not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from disparo.adapters.aws.store import open_store as open_dynamo_store
from disparo.domain.principal import Role
from disparo.domain.session import csrf_token, digest
from disparo.entrypoints.http import access
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.identity import Identity
from disparo.simulation.memory_tables import MemoryTables
from disparo.usecases.accounts import people
from tests.account_scene import Browser, cheap_locks, key_of, signed_in
from tests.standing_app import standing_app
from tests.unit.entrypoints.console.visitor import Seen, Visitor
from tests.unit.entrypoints.http.conftest import MONDAY, House

REACHED = 299
"""What whoever is let through is answered: instead of the routes, so that nothing is done."""

OPEN = {
    "GET /",
    "GET /health",
    "GET /api/openapi.json",
    "GET /webhooks/{provider}",
    "POST /webhooks/{provider}",
    "GET /u/{token}",
    "POST /u/{token}",
    "GET /book/{token}",
    "POST /book/{token}",
    "GET /book/{token}/invite.ics",
    "GET /agendar/{type_id}",
    "POST /agendar/{type_id}",
    "GET /console/static/{digest}/{name}",
    "GET /console/sign-in",
    "POST /console/sign-in",
    "GET /console/sign-in/code",
    "POST /console/sign-in/code",
    "GET /console/setup",
    "POST /console/setup",
    "GET /console/oidc/start",
    "GET /console/oidc/callback",
}
"""The only routes that ask nobody who they are. Whoever adds one here must say in its module how it guards itself."""

OWN = re.compile(r"/console/(account|sign-out)\b")
"""What everybody may do to their own account."""

ADMINS = re.compile(
    r"(GET|POST|PUT|PATCH|DELETE) /(api/v1|console)/(settings/)?(accounts|keys|webhooks|audit)(/|$)"
    r"|(POST|PUT|PATCH|DELETE) /(api/v1|console)/settings\b"
    r"|GET /console/settings/edit\b"
    r"|\w+ /(api/v1|console)/contacts/\{contact_id\}/(erase|export)$"
    r"|DELETE /api/v1/contacts/\{contact_id\}$"
)
"""What an operator is refused."""

TOOLS = "/mcp"
"""Its tools each ask for their own role."""


@dataclass(frozen=True)
class Door:
    """A route by one method, and an address that leads to it."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def address(self) -> str:
        return re.sub(r"\{[^}]+\}", "1", self.path)


class _Reached:
    """In the place of all routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Response(status_code=REACHED)(scope, receive, send)


def doors_of(api: FastAPI) -> list[Door]:
    """Every route that there is, by every one of its methods."""
    found = []
    for route in api.routes:
        inner: Any = getattr(route, "effective_route_contexts", lambda route=route: [route])()
        for one in inner:
            found += [Door(method, one.path) for method in sorted(one.methods or ()) if method != "HEAD"]
    return found


@pytest.fixture(params=["embedded", "dynamo"])
def walk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Walk]:
    house = House(tmp_path)
    if request.param == "dynamo":  # who somebody is, is read from its tables
        house.store = open_dynamo_store(MemoryTables())
        house.locks = cheap_locks(house.store)
    walk = Walk(house)
    routes = [*walk.api.router.routes]
    yield walk
    walk.api.router.routes[:] = routes
    walk.api.user_middleware.pop()  # others are asked after us, and theirs are to be reached
    walk.api.middleware_stack = None


class Walk:
    """The application with its doors and guards, and nothing behind them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.api = standing_app(house, signed_in=True)
        self.doors = doors_of(self.api)
        self.api.user_middleware.append(Middleware(_Reached))
        self.api.middleware_stack = None  # built anew when it is first asked
        self.visitor = Visitor(house, self.api)

    def ask(self, door: Door, headers: Mapping[str, str] | None = None, address: str = "") -> Seen:
        return self.visitor.ask(door.method, address or door.address, headers={"accept": "*/*", **(headers or {})})

    def browser(self, role: Role, **changes: Any) -> dict[str, str]:
        """The headers of somebody who is signed in, as their own pages send them."""
        return _headers(asyncio.run(signed_in(self.house.locks, role, MONDAY, **changes)))

    def key(self, role: Role, **options: Any) -> dict[str, str]:
        return asyncio.run(key_of(self.house.locks, role, MONDAY, **options))[1]

    def statuses(self, headers: Mapping[str, str] | None) -> dict[str, int]:
        """What each door answers."""
        return {str(door): self.ask(door, headers).status for door in self.doors}

    @property
    def guarded(self) -> list[Door]:
        return [door for door in self.doors if str(door) not in OPEN]


def _headers(browser: Browser) -> dict[str, str]:
    return {**browser.headers, "x-csrf-token": csrf_token(browser.token)}


def test_there_are_routes_to_walk(walk: Walk) -> None:
    assert len(walk.doors) > 100
    assert {"/api/v1/campaigns", "/console/account", "/webhooks/{provider}"} < {door.path for door in walk.doors}


def test_who_is_not_signed_in_reaches_the_open_routes_and_no_other(walk: Walk) -> None:
    statuses = walk.statuses(None)
    assert {name for name, status in statuses.items() if status == REACHED} == OPEN & statuses.keys()
    assert {status for name, status in statuses.items() if name not in OPEN} == {401}


def test_every_route_that_is_listed_as_open_is_there(walk: Walk) -> None:
    assert {str(door) for door in walk.doors} >= OPEN


def test_a_stranger_who_looks_at_a_page_is_sent_to_the_sign_in_page(walk: Walk) -> None:
    for door in walk.guarded:
        if door.path.startswith("/console"):
            seen = walk.ask(door, {"accept": "text/html"})
            assert (seen.status, seen.location.partition("?")[0]) == (303, "/console/sign-in"), str(door)


def test_no_method_leads_a_stranger_in(walk: Walk) -> None:
    for address in {door.address for door in walk.guarded} - {door.address for door in walk.doors if str(door) in OPEN}:
        for method in ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "TRACE"):
            assert walk.ask(Door(method, address)).status == 401, address


def test_no_spelling_of_an_address_leads_a_stranger_in(walk: Walk) -> None:
    """What a server before us might make of it does not count: the router takes addresses as they stand."""
    for door in walk.guarded:
        for address in (f"/console/static/..{door.address}", f"/u/..{door.address}", f"/health/..{door.address}"):
            assert walk.ask(door, address=address).status in (401, 404, REACHED)
        for address in (f"/{door.address}", f"/x/..{door.address}", f"{door.address}/", door.address.upper()):
            assert walk.ask(door, address=address).status in (401, 404), address
    reachable = create_app(walk.house, Identity(walk.house))  # type: ignore[arg-type]
    for door in walk.guarded:
        visitor = Visitor(walk.house, reachable)
        for address in (f"/console/static/..{door.address}", f"/u/..{door.address}", f"/book/..{door.address}"):
            assert visitor.ask(door.method, address, headers={"accept": "*/*"}).status in (401, 404, 405), address


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", ["session", "key"])
def test_each_role_reaches_what_it_may_and_nothing_else(walk: Walk, role: Role, kind: str) -> None:
    headers = walk.browser(role) if kind == "session" else walk.key(role)
    statuses = walk.statuses(headers)
    expected = {str(door): REACHED if _may(door, role) else 403 for door in walk.doors}
    assert statuses == expected


def _may(door: Door, role: Role) -> bool:
    """Whether somebody of this role may come through: said once more, not read from the table that is tried."""
    if str(door) in OPEN or role is Role.ADMIN:
        return True
    if ADMINS.match(str(door)):
        return False
    return role is Role.OPERATOR or door.method == "GET" or bool(OWN.match(door.path)) or door.path.startswith(TOOLS)


def test_a_key_reaches_its_resources_and_nothing_else(walk: Walk) -> None:
    statuses = walk.statuses(walk.key(Role.ADMIN, resources=frozenset({"contacts", "slots"})))
    inside = {str(door) for door in walk.doors if re.match(r"/api/v1/(contacts|slots)(/|$)", door.path)}
    assert len(inside) > 5
    assert {name for name, status in statuses.items() if status == REACHED} == inside | OPEN
    assert {statuses[str(door)] for door in walk.guarded if str(door) not in inside} == {403}


def test_a_key_that_is_over_or_revoked_or_made_up_reaches_nothing(walk: Walk) -> None:
    late = walk.key(Role.ADMIN, expires_at=MONDAY + timedelta(days=1))
    key, gone = asyncio.run(key_of(walk.house.locks, Role.ADMIN, MONDAY))
    asyncio.run(walk.house.store.api_keys.revoke(key.id, MONDAY))
    made_up = {"authorization": f"Bearer dk_{key.id}_{'x' * 43}"}
    nobodys = {"authorization": f"Bearer dk_{'0' * 12}_{'x' * 43}"}
    walk.house.clock.at = MONDAY + timedelta(days=1)
    for headers in (late, gone, made_up, nobodys):
        assert {walk.ask(door, headers).status for door in walk.guarded} == {401}


def test_a_session_of_a_disabled_account_or_one_that_has_ended_reaches_nothing(walk: Walk) -> None:
    locks = walk.house.locks
    asyncio.run(signed_in(locks, Role.ADMIN, MONDAY))  # so that the other is not the last
    off, out, late, forged = (asyncio.run(signed_in(locks, Role.ADMIN, MONDAY)) for _ in range(4))
    asyncio.run(people.change(locks, off.account.id, people.Changes(disabled=True)))
    asyncio.run(locks.store.sessions.end(out.account.id, digest(out.token)))
    forged.headers["cookie"] = f"disparo_session={forged.account.id}.{'x' * 43}"  # type: ignore[index]
    for browser in (off, out, forged):
        assert {walk.ask(door, _headers(browser)).status for door in walk.guarded} == {401}
    walk.house.clock.at = MONDAY + locks.rules.idle
    assert {walk.ask(door, _headers(late)).status for door in walk.guarded} == {401}


def test_without_the_sessions_token_nothing_can_be_changed(walk: Walk) -> None:
    browser = asyncio.run(signed_in(walk.house.locks, Role.ADMIN, MONDAY))
    for token in ({}, {"x-csrf-token": ""}, {"x-csrf-token": csrf_token("another")}):
        for door in walk.guarded:
            status = walk.ask(door, {**browser.headers, **token}).status
            assert status == (REACHED if door.method == "GET" else 403), str(door)


def test_another_site_can_change_nothing_even_with_the_token(walk: Walk) -> None:
    headers = walk.browser(Role.ADMIN)
    for said in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}):
        for door in walk.doors:
            inside = door.path.startswith(("/console", "/api/v1", "/mcp"))
            expected = 403 if inside and door.method != "GET" else REACHED
            assert walk.ask(door, {**headers, **said}).status == expected, str(door)


def test_a_route_outside_of_the_table_is_reached_by_nobody(walk: Walk) -> None:
    for path in ("/secret", "/api/v2/things", "/api/v1x", "/consolex", "/metricsx", "/console-"):
        walk.api.add_api_route(path, lambda: "!", methods=["GET"])
        for headers in (None, walk.browser(Role.ADMIN), walk.key(Role.ADMIN)):
            assert walk.ask(Door("GET", path), headers).status == 404


def test_the_walk_finds_a_door_that_somebody_left_open(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: one line too many in the table."""
    monkeypatch.setattr(access, "OPEN", (*access.OPEN, "/api/v1/contacts/"))
    with pytest.raises(AssertionError):
        test_who_is_not_signed_in_reaches_the_open_routes_and_no_other(walk)


def test_the_walk_finds_a_change_that_a_viewer_can_make(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_LOOKING", frozenset({"GET", "HEAD", "OPTIONS", "DELETE"}))
    with pytest.raises(AssertionError):
        test_each_role_reaches_what_it_may_and_nothing_else(walk, Role.VIEWER, "key")
