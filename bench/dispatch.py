"""Messages through engine and store: with a channel that answers at once, and over HTTP to a local sink."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp

from bench.measured import Case, Numbers, Stopwatch, alternate
from bench.report import Aim, Section, count, ratio
from bench.sink import running_sink
from bench.sizes import Sizes
from bench.stage import PLAIN, engine_with, fold_contacts, launch_all, scratch, start_campaign
from disparo.adapters.embedded.database import Database, connect
from disparo.adapters.embedded.store import open_store
from disparo.adapters.system_clock import SystemClock
from disparo.domain.message import MessageState, Outcome
from disparo.domain.template import Template
from disparo.ports.channel import Outgoing, SendChannel
from disparo.ports.store import Store
from disparo.worker import Worker, collect_less_often

WORKERS_BATCH = 1_000
"""About how many messages the worker claims, and records, in one transaction at full pace (see worker/carriage.py)."""

# What a message costs any ledger that survives a kill: found and marked, marked again, one line of history.
BARE_SCHEMA = """
CREATE TABLE message (id INTEGER PRIMARY KEY, lane INTEGER, state TEXT, due_at INTEGER, fence INTEGER, provider TEXT);
CREATE INDEX message_due ON message (lane, due_at) WHERE state = 'due';
CREATE TABLE journal (message INTEGER, number INTEGER, at INTEGER, event TEXT, detail TEXT,
                      PRIMARY KEY (message, number)) WITHOUT ROWID;
"""
BARE_FILL = "INSERT INTO message VALUES (?, 1, 'due', 1, 0, NULL)"
BARE_FIND = "SELECT id FROM message WHERE state = 'due' AND lane = 1 AND due_at <= 1 ORDER BY due_at LIMIT ?"
BARE_CLAIM = "UPDATE message SET state = 'sending', due_at = 2, fence = fence + 1 WHERE id = ?"
BARE_SETTLE = "UPDATE message SET state = 'accepted', due_at = NULL, provider = 'x' WHERE id = ? AND fence = 1"
BARE_NOTE = "INSERT INTO journal VALUES (?, 1, 1, 'accepted', '')"


class InstantChannel:
    """Takes every message at once."""

    async def send(self, message: Outgoing, now: object) -> Outcome:
        """Accept it."""
        del now
        return Outcome(True, provider_id=str(message.id))


class HttpChannel:
    """POSTs every message as JSON, as a provider's adapter would."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def send(self, message: Outgoing, now: object) -> Outcome:
        """Hand it to the sink."""
        del now
        body = {"id": str(message.id), "to": message.address, "text": message.content.text}
        async with self._session.post(self._url, json=body) as response:
            await response.read()
        return Outcome(True, provider_id=str(message.id))


def product(messages: int, concurrency: int, url: str | None, uvloop: bool) -> Numbers:
    """The real worker sends so many messages; timed from its start to the last durable result."""

    async def play() -> Numbers:
        with scratch() as folder:
            database = Database(folder / "bench.sqlite3")
            try:
                if url is None:
                    return await send_all(open_store(database), InstantChannel(), messages, concurrency)
                connector = aiohttp.TCPConnector(limit=concurrency)
                async with aiohttp.ClientSession(connector=connector) as session:
                    return await send_all(open_store(database), HttpChannel(session, url), messages, concurrency)
            finally:
                database.close()

    return run_on(play, uvloop)


async def send_all(
    store: Store, carrier: SendChannel, messages: int, concurrency: int, template: Template = PLAIN
) -> Numbers:
    """Send a message to each of so many contacts with the real worker; timed from its start to the last result."""
    clock = SystemClock()
    await fold_contacts(store, messages)
    campaign = await start_campaign(store, clock.now(), template)
    engine = engine_with(store, carrier, template)
    await launch_all(engine, clock.now())
    worker = Worker(engine, clock, name="bench", concurrency=concurrency)
    collect_less_often()  # as `disparo worker` does

    async def stop_at_the_last() -> None:
        while await _accepted(store, campaign.id) < messages:
            await asyncio.sleep(0.02)
        worker.stop()

    with Stopwatch() as watch:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run())
            tasks.create_task(stop_at_the_last())
    return watch.per(messages)


async def _accepted(store: Store, campaign_id: str) -> int:
    return sum(one.count for one in await store.campaigns.tally(campaign_id) if one.state == MessageState.ACCEPTED)


def bare_client(messages: int, concurrency: int, url: str, uvloop: bool) -> Numbers:
    """The limit of the HTTP client: the same requests from a loop that does nothing else."""

    async def play() -> Numbers:
        numbers = iter(range(messages))
        connector = aiohttp.TCPConnector(limit=concurrency)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def carry() -> None:
                for number in numbers:
                    text = "Oi Pessoa, aqui é Ana sobre a Padaria X. Responda SAIR para parar."
                    body = {"id": f"1.1.{number}", "to": "+5541988887777", "text": text}
                    async with session.post(url, json=body) as response:
                        await response.read()

            with Stopwatch() as watch:
                await asyncio.gather(*(carry() for _ in range(concurrency)))
        return watch.per(messages)

    return run_on(play, uvloop)


def bare_sqlite(messages: int, batch: int) -> Numbers:
    """The limit of the store: find, mark, mark and note each message, two transactions to a batch, our pragmas."""
    with scratch() as folder:
        connection = connect(str(folder / "bare.sqlite3"))
        connection.execute(BARE_SCHEMA)
        with connection:
            connection.executemany(BARE_FILL, ((number,) for number in range(messages)))
        with Stopwatch() as watch:
            while True:
                with connection:
                    ids = connection.execute(BARE_FIND, (batch,)).fetchall()
                    connection.executemany(BARE_CLAIM, ids)
                if not ids:
                    break
                with connection:
                    connection.executemany(BARE_SETTLE, ids)
                    connection.executemany(BARE_NOTE, ids)
        connection.close()
    return watch.per(messages)


def run_on(play: Callable[[], Awaitable[Numbers]], uvloop: bool) -> Numbers:
    """Run it on an event loop of the wanted kind."""
    factory = None
    if uvloop:
        import uvloop as fast

        factory = fast.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_awaited(play))


async def _awaited(play: Callable[[], Awaitable[Numbers]]) -> Numbers:
    return await play()


def instant(sizes: Sizes) -> Section:
    """Throughput with a channel that answers at once."""
    messages, common = sizes.messages, {"concurrency": 100, "url": None}
    found = alternate(
        {
            "bare SQLite, two transactions to 1,000": Case(bare_sqlite, {"messages": messages, "batch": WORKERS_BATCH}),
            "engine and store, uvloop": Case(product, {"messages": messages, "uvloop": True, **common}),
            "engine and store, default loop": Case(product, {"messages": messages, "uvloop": False, **common}),
        },
        sizes.rounds,
    )
    best = found["engine and store, uvloop"]
    return section_of("instant", f"{count(messages)} messages, instant channel", found).with_aims(
        Aim("at least 5,000 messages/s", f"{count(best['per_second'])}/s", best["per_second"] >= 5_000)
    )


def over_http(sizes: Sizes) -> Section:
    """Throughput and CPU over HTTP to a sink of no latency in a process of its own."""
    with running_sink() as url:
        common: dict[str, object] = {"messages": sizes.messages, "concurrency": 100, "url": url}
        found = alternate(
            {
                "bare client loop, uvloop": Case(bare_client, {**common, "uvloop": True}),
                "engine, store and client, uvloop": Case(product, {**common, "uvloop": True}),
                "bare client loop, default loop": Case(bare_client, {**common, "uvloop": False}),
                "engine, store and client, default loop": Case(product, {**common, "uvloop": False}),
            },
            sizes.rounds,
        )
    ours, bare = found["engine, store and client, uvloop"], found["bare client loop, uvloop"]
    share = ours["per_second"] / bare["per_second"]
    return section_of("http", f"{count(sizes.messages)} messages over HTTP to a sink of 0 ms", found).with_aims(
        Aim("at most 0.25 CPU-s per 1,000", f"{ours['cpu_s_per_1000']:.3f}", ours["cpu_s_per_1000"] <= 0.25),
        Aim("at least 70 % of the bare client loop", f"{share:.0%}", share >= 0.7),
    )


def section_of(key: str, title: str, found: dict[str, Numbers]) -> Section:
    """Rates of several ways to send, the first of which is the limit of the others."""
    limit = next(iter(found.values()))["per_second"]
    rows = [
        (
            *(name, count(one["per_second"]), f"{one['cpu_s_per_1000']:.3f}"),
            *(ratio(one["per_second"], limit), f"{one['peak_mb']:.0f}"),
        )
        for name, one in found.items()
    ]
    return Section(key, title, ("", "messages/s", "CPU-s per 1,000", "of the first", "peak MB"), rows)
