"""Ways through an application: every address of its API with what there is in it, its listings, its pages by links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from html import unescape
from typing import Any
from urllib.parse import quote, unquote

from fastapi import FastAPI

from tests.unit.entrypoints.http.conftest import Answer, Client
from tests.unit.entrypoints.http.test_route_walk import doors_of

FOUND_AT: Mapping[str, tuple[str, str]] = {
    "name": ("/api/v1/campaigns", "name"),
    "template": ("/api/v1/templates", "name"),
    "contact_id": ("/api/v1/contacts?list=clientes&limit=200", "id"),
    "message_id": ("/api/v1/messages?limit=200", "id"),
    "dead": ("/api/v1/dead-letters", "id"),
    "owner": ("/api/v1/inbox", "owner"),
    "entry": ("/api/v1/inbox/entries", "id"),
    "host_id": ("/api/v1/hosts", "id"),
    "type_id": ("/api/v1/meeting-types", "id"),
    "meeting_id": ("/api/v1/meetings", "id"),
    "account_id": ("/api/v1/accounts", "id"),
    "key_id": ("/api/v1/keys", "id"),
    "endpoint_id": ("/api/v1/webhooks", "id"),
    "event_id": ("/api/v1/webhooks/wh_1/deliveries", "event_id"),
    "import_id": ("/api/v1/imports", "id"),
    "address": ("/api/v1/suppressions", "key"),
}
"""Where the names of what is kept are found, by what they are called in addresses."""

LISTINGS = (
    *("/api/v1/contacts?list=clientes", "/api/v1/contacts?q=ana", "/api/v1/suppressions", "/api/v1/imports"),
    *("/api/v1/campaigns", "/api/v1/templates", "/api/v1/messages", "/api/v1/messages?campaign=boas-vindas&step=1"),
    *("/api/v1/messages?state=failed", "/api/v1/messages?contact=4", "/api/v1/messages?reason=told_recipient"),
    *("/api/v1/inbox", "/api/v1/inbox?pending=true", "/api/v1/inbox/entries", "/api/v1/inbox/entries?pending=true"),
    *("/api/v1/dead-letters", "/api/v1/dead-letters?campaign=boas-vindas", "/api/v1/hosts", "/api/v1/meeting-types"),
    *("/api/v1/slots?type=demo", "/api/v1/meetings", "/api/v1/meetings?host=carla", "/api/v1/meetings?contact=31"),
    *("/api/v1/meetings?from=2026-11-23T00:00:00Z&to=2026-11-27T00:00:00Z", "/api/v1/alarms/changes"),
    *("/api/v1/audit", "/api/v1/audit?action=campaigns.start", "/api/v1/webhooks/wh_1/deliveries"),
)

ALSO = (
    *("/api/v1/contacts?q=silva", "/api/v1/contacts?q=maria", "/api/v1/contacts?q=41%2098", "/api/v1/contacts?q=p1"),
    *("/api/v1/numbers?window=day", "/api/v1/numbers?campaign=boas-vindas", "/api/v1/meetings/rates?by=type"),
    *("/api/v1/settings/year?year=2026", "/api/v1/slots/why?type=demo&start_at=2026-11-25T13:00:00Z"),
    *("/api/v1/dead-letters/summary?campaign=oferta", "/api/v1/suppressions/nobody@example.com"),
)

MADE_UP = (
    *("", "0", "-1", "1.5", "01", "1e3", "x", "~", "ç", "١", "a b", "..", "/", "😀", "null", "-", "1-", "0-0"),
    *("1.1.1", "1.1.-1", "999999999999999999999999", "9223372036854775808", "2147483648", "1795630020000", "x" * 200),
)
"""What can be no cursor, and no id, of most things."""

_NAMES = re.compile(r"\{(\w+)(?::\w+)?\}")
_LINK = re.compile(r'<a[^>]*? href="([^"]+)"')
_ID = re.compile(r"\b[0-9a-f]{8,}\b|\d+(?:[.-]\d+)*|(?<=after=)[^&]+")
_ALIKE = 2
"""Pages of one kind that are looked at."""


async def known(client: Client) -> dict[str, list[str]]:
    """The names of what there is."""
    found = {}
    for name, (path, key) in FOUND_AT.items():
        told = (await client.get(path)).json
        found[name] = [str(one[key]) for one in (told if isinstance(told, list) else told["items"])]
    return found


async def look_at_the_api(client: Client, api: FastAPI) -> AsyncIterator[tuple[str, Answer]]:
    """Every address of the API that only looks, with some of each thing that there is, and with nothing that is."""
    names = await known(client)
    for door in doors_of(api):
        if door.method != "GET" or not door.path.startswith(("/api/v1", "/metrics", "/health")):
            continue
        for path in _filled(door.path, names):
            yield path, await client.get(path)
    for path in ALSO:
        yield path, await client.get(path)


def _filled(path: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    blanks = _NAMES.findall(path)
    if not blanks:
        return [path]
    if blanks == ["endpoint_id", "event_id"]:
        return [path.format(endpoint_id="wh_1", event_id=one) for one in names["event_id"][:5]]
    kind = "dead" if "dead-letters" in path else "template" if "/templates/" in path else blanks[0]
    some = names.get(kind, [])
    some = some[:: max(len(some) // 8, 1)][:9]
    return [_NAMES.sub(lambda _: one, path) for one in (*some, "999", "nada", "01", "١")]  # noqa: B023


async def all_pages(client: Client, listing: str, limit: int) -> list[Any]:
    """Everything of a listing, page after page; AssertionError when it has no end."""
    found: list[Any] = []
    path = at = f"{listing}{'&' if '?' in listing else '?'}limit={limit}"
    for _ in range(1_000):
        told = (await client.get(at)).json
        assert len(told["items"]) <= limit, at
        found += told["items"]
        if told["next"] is None:
            return found
        at = f"{path}&after={quote(told['next'], safe='')}"
    raise AssertionError(f"{path} has no end")


async def pages_by_links(client: Client, *also: str) -> AsyncIterator[tuple[str, Answer]]:
    """Pages of the console that links lead to, a few of each kind."""
    waiting, seen, kinds = ["/console", *also], set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(0)
        kind = _ID.sub("N", path)
        if path in seen or kinds[kind] >= _ALIKE:
            continue
        seen.add(path)
        kinds[kind] += 1
        bare, _, query = path.partition("?")
        answer = await client.get(f"{unquote(bare)}?{query}")
        yield path, answer
        if "location" in answer.headers:
            waiting.append(answer.headers["location"].removeprefix("https://disparo.example.com"))
        if answer.headers.get("content-type", "").startswith("text/html"):
            waiting += _links(bare, answer.body.decode())


def _links(here: str, html: str) -> list[str]:
    found = [unescape(one).partition("#")[0] for one in _LINK.findall(html)]
    found = [here + one if one.startswith("?") else one for one in found]
    return [one for one in found if re.match(r"/console(?!/static)", one) and not re.search("theme=|lang=", one)]
