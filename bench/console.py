"""The console with a million contacts: what its pages read, each page and listing, and many requests while it sends."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench import load
from bench.console_house import Large, large, open_house, serving, week
from bench.report import Aim, Section, count
from bench.sizes import Sizes
from disparo.domain.message import MessageState
from disparo.ports.agenda import MeetingFilter
from disparo.ports.ledger import MessageFilter
from disparo.usecases import campaigns, dead_letters, people

if TYPE_CHECKING:
    from disparo.bootstrap import App

READ_MS = 50
PAGE_MS = 200
RATE, PAGES_RATE, P99_MS = 300, 300, 50
ROUNDS = 7
PAGE = 50

Read = Callable[[], Awaitable[object]]


def reads(sizes: Sizes) -> Section:
    """What the store answers to the questions of pages, warm, the median and the slowest of some rounds."""
    house = large(sizes.console_contacts)
    app = open_house(house.folder)
    try:
        found = asyncio.run(_reads(app))
    finally:
        app.close()
    worst = max(found, key=lambda name: found[name][0])
    rows = [[name, f"{middle:.2f}", f"{slowest:.2f}"] for name, (middle, slowest) in found.items()]
    title = f"Reads of the store, {count(sizes.console_contacts)} contacts, pages of {PAGE}"
    return Section("reads", title, ["", "ms", "slowest, ms"], rows).with_aims(
        Aim(f"each under {READ_MS} ms", f"{found[worst][0]:.1f} ms ({worst})", found[worst][0] < READ_MS)
    )


async def _reads(app: App) -> dict[str, tuple[float, float]]:
    found = {}
    for name, read in _questions(app).items():
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            await read()
            took.append((time.perf_counter() - began) * 1_000)
        found[name] = (median(took), max(took))
    return found


def _questions(app: App) -> Mapping[str, Read]:
    store, now = app.store, app.clock.now()
    ledger, inbox = store.ledger, store.inbox
    from_at, to_at = week()
    held = MessageFilter(reason="held_in_doubt")
    doubtful = MessageFilter(states=frozenset({MessageState.IN_DOUBT}))
    expired = MessageFilter("1", frozenset({MessageState.EXPIRED}), step=2)
    span = MeetingFilter(from_at=from_at, to_at=to_at)
    return {
        "campaigns, newest first": lambda: store.campaigns.page(None, PAGE),
        "counters of three campaigns": lambda: store.campaigns.tallies(["1", "2", "3"]),
        "a campaign's report": lambda: campaigns.report(store, "oferta-da-semana", now),
        "a campaign's hours": lambda: store.campaigns.hours("1"),
        "a campaign's messages": lambda: ledger.page(MessageFilter("2"), None, PAGE),
        "its expired ones of a step": lambda: ledger.page(expired, None, PAGE),
        "a contact's messages": lambda: ledger.page(MessageFilter(contact_id="38"), None, PAGE),
        "in doubt": lambda: ledger.page(doubtful, None, PAGE),
        "in trouble, latest first": lambda: ledger.troubled(MessageFilter(), None, PAGE),
        "in trouble for a rare reason": lambda: ledger.troubled(held, None, PAGE),
        "dead letters by reason": lambda: dead_letters.summary(store, None),
        "dead letters": lambda: dead_letters.page(store, MessageFilter(), None, PAGE),
        "contacts of a list": lambda: store.contacts.page("clientes", None, PAGE),
        "its newest contacts": lambda: store.contacts.page("clientes", None, PAGE, newest_first=True),
        "lists": store.contacts.lists,
        "names that begin with maria": lambda: store.contacts.find("maria", PAGE),
        "numbers that begin with (41) 988": lambda: store.contacts.find("(41) 988", PAGE),
        "an e-mail": lambda: store.contacts.find("pessoa.7368787@example.com", PAGE),
        "a person with their history": lambda: people.show(store, "38"),
        "conversations": lambda: inbox.conversations(None, PAGE),
        "conversations that wait": lambda: inbox.conversations(None, PAGE, unhandled=True),
        "suppressions": lambda: store.suppressions.page("", PAGE),
        "meetings of a week": lambda: store.meetings.page(span, None, 500),
        "meetings, newest first": lambda: store.meetings.page(MeetingFilter(), None, PAGE),
    }


def pages(sizes: Sizes) -> Section:
    """Every address that can be looked at, one after the other, from a server that also sends."""
    house = large(sizes.console_contacts)
    with serving(house, None, sending=True) as home:
        found = {path: _asked(home, house.key, path) for path in house.paths}
    good = {path: one.usual_ms for path, one in found.items() if one.status == 200}
    others = {path: one.status for path, one in found.items() if one.status != 200}
    if not good:
        raise RuntimeError(f"no address answers: {others}")
    slowest = sorted(good, key=lambda path: -good[path])
    first = max(good, key=lambda path: found[path].first_ms)
    rows = [[path, f"{good[path]:.1f}", count(found[path].size)] for path in slowest[:15]]
    rows.append([f"median of {len(good)} addresses", f"{median(good.values()):.1f}", ""])
    title = f"Pages and listings, {count(sizes.console_contacts)} contacts, while a campaign is sending"
    return Section("pages", title, ["", "ms", "bytes"], rows).with_aims(
        Aim(f"each under {PAGE_MS} ms", f"{good[slowest[0]]:.0f} ms", good[slowest[0]] < PAGE_MS),
        Aim(
            f"each under {PAGE_MS} ms the first time",
            f"{found[first].first_ms:.0f} ms ({first})",
            found[first].first_ms < PAGE_MS,
        ),
        Aim("each answers", f"{len(others)} do not {dict(list(others.items())[:5]) or ''}".strip(), not others),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an address answered: `usual_ms` is the median without the first time."""

    status: int
    first_ms: float
    usual_ms: float
    size: int


def _asked(home: str, key: str, path: str) -> _Asked:
    where = urlsplit(home)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=60)
    took, status, size = [], 0, 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}", "Accept": "text/html, */*"})
        answer = connection.getresponse()
        status, size = answer.status, len(answer.read())
        took.append((time.perf_counter() - began) * 1_000)
    connection.close()
    return _Asked(status, took[0], median(took[1:]), size)


def under_load(sizes: Sizes) -> list[Section]:
    """Reads at a fixed rate while a campaign is sending, the server on one core and whoever asks on the other."""
    house = large(sizes.console_contacts)
    cores = sorted(os.sched_getaffinity(0))
    with serving(house, cores[0], sending=True) as home:
        answering = [path for path in house.paths if _asked(home, house.key, path).status == 200]
        listings = [path for path in answering if path.startswith("/api/")]
        return [
            _loaded(house, "load", "listings of the API", RATE, home, listings, sizes),
            _loaded(house, "load-pages", "addresses, one of three a page", PAGES_RATE, home, _mixed(answering), sizes),
        ]


def _loaded(house: Large, key: str, what: str, rate: int, home: str, paths: Sequence[str], sizes: Sizes) -> Section:
    cores = sorted(os.sched_getaffinity(0))
    before, began = _sent(house), time.monotonic()
    found = load.run(load.Plan(home, house.key, paths, rate, sizes.console_seconds, core=cores[-1]))
    sent = (_sent(house) - before) / (time.monotonic() - began)
    shares = (("median", 0.5), ("95 %", 0.95), ("99 %", 0.99), ("99.9 %", 0.999))
    rows = [[name, f"{found.percentile(share):.1f}"] for name, share in shares]
    rows.append(["slowest", f"{found.latencies[-1]:.1f}"])
    wrong = {status: times for status, times in found.statuses.items() if status != "200"}
    p99 = found.percentile(0.99)
    title = (
        f"{rate} requests/s over {len(set(paths))} {what}, on one core, {count(sizes.console_contacts)} contacts, "
        f"{sent:.0f} messages/s being sent, generator at most {found.behind_ms:.0f} ms late"
    )
    return Section(key, title, ["", "ms"], rows).with_aims(
        Aim(f"99 % under {P99_MS} ms", f"{p99:.1f} ms", p99 < P99_MS),
        Aim("no answer but 200", str(wrong or "none"), not wrong),
    )


def _mixed(paths: Sequence[str]) -> list[str]:
    """All addresses in turn, two of programs for each one of people."""
    programs = [path for path in paths if path.startswith("/api/")]
    people = [path for path in paths if path not in programs]
    rounds = max(len(people), -(-len(programs) // 2))
    turns = zip(range(rounds), cycle(people), strict=False)
    return [path for turn, page in turns for path in (*islice(cycle(programs), 2 * turn, 2 * turn + 2), page)]


def _sent(house: Large) -> int:
    """How many messages the running campaign has sent."""
    app = open_house(house.folder)
    try:
        tallies = asyncio.run(app.store.campaigns.tallies(["2"]))["2"]
    finally:
        app.close()
    return sum(one.count for one in tallies if one.state in ("accepted", "delivered", "read"))
