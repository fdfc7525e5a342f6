"""Messages through engine, store and a real channel to an emulated provider, on one core."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp

from bench.dispatch import run_on, section_of, send_all
from bench.emulated import SECRET, channel_to, running_emulators
from bench.measured import Case, Numbers, Stopwatch, alternate
from bench.report import Aim, Section, count, ratio
from bench.sizes import Sizes
from bench.stage import APPROVED, MAIL, channel_of, scratch
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.contact import Channel

LATENCY_S = 0.05
CONNECTIONS = 100
POSSIBLE = CONNECTIONS / LATENCY_S
SHARE = 0.9
RECIPIENTS = 10_000

TEMPLATES = {"whatsapp": APPROVED, "email": MAIL}

Secrets = Mapping[str, Mapping[str, str]]


def product(channel: str, messages: int, connections: int, secrets: Secrets, uvloop: bool) -> Numbers:
    """The real worker sends so many messages by the product's own channel; from its start to the last result."""

    async def play() -> Numbers:
        with scratch() as folder:
            database = Database(folder / "bench.sqlite3")
            template = TEMPLATES[channel]
            carrier = channel_to(channel_of(template), secrets, connections)
            try:
                return await send_all(open_store(database), carrier, messages, connections, template)
            finally:
                await carrier.close()
                database.close()

    with on_one_core():
        return run_on(play, uvloop)


def bare_client(messages: int, connections: int, secrets: Secrets, uvloop: bool) -> Numbers:
    """The limit: as many POSTs of a WhatsApp template to the same emulator from a loop that does nothing else."""
    secret = secrets[SECRET[Channel.WHATSAPP]]
    url = f"{secret['endpoint']}/{secret['phone_number_id']}/messages"
    headers = {"authorization": f"Bearer {secret['api_key']}"}

    async def play() -> Numbers:
        numbers = iter(range(messages))
        connector = aiohttp.TCPConnector(limit=connections)
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def carry() -> None:
                for number in numbers:
                    async with session.post(url, json=_template(number)) as response:
                        await response.read()
                        response.raise_for_status()

            with Stopwatch() as watch:
                await asyncio.gather(*(carry() for _ in range(connections)))
        return watch.per(messages)

    with on_one_core():
        return run_on(play, uvloop)


def _template(number: int) -> dict[str, object]:
    return {
        "messaging_product": "whatsapp",
        "to": f"55419{80_000_000 + number}",
        "type": "template",
        "template": {"name": "oi", "language": {"code": "pt_BR"}},
        "biz_opaque_callback_data": f"1.1.{number}",
    }


@contextmanager
def on_one_core() -> Iterator[None]:
    """Keep this process, threads and all, on one core, so that the emulator's has another; Linux only."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
    if cores:
        os.sched_setaffinity(0, {min(cores)})
    yield
    if cores:
        os.sched_setaffinity(0, cores)


def over_latency(sizes: Sizes) -> Section:
    """WhatsApp one by one: what share of what the connections could carry at most."""
    with running_emulators(LATENCY_S) as secrets:
        common: dict[str, object] = {"messages": sizes.messages, "connections": CONNECTIONS, "secrets": secrets}
        whatsapp = {**common, "channel": "whatsapp"}
        found = alternate(
            {
                "bare client loop, uvloop": Case(bare_client, {**common, "uvloop": True}),
                "engine, store and WhatsApp, uvloop": Case(product, {**whatsapp, "uvloop": True}),
                "engine, store and WhatsApp, default loop": Case(product, {**whatsapp, "uvloop": False}),
            },
            sizes.rounds,
        )
    share = found["engine, store and WhatsApp, uvloop"]["per_second"] / POSSIBLE
    title = f"{count(sizes.messages)} WhatsApp messages on {CONNECTIONS} connections to an emulator of 50 ms"
    wanted = f"at least {SHARE:.0%} of the possible {count(POSSIBLE)}/s"
    return section_of("emulator", title, found).with_aims(Aim(wanted, ratio(share, 1), share >= SHARE))


def by_batch(sizes: Sizes) -> Section:
    """E-mail, up to a thousand recipients in a request."""
    with running_emulators(LATENCY_S) as secrets:
        common = {"channel": "email", "messages": 2 * sizes.messages, "connections": CONNECTIONS, "secrets": secrets}
        found = alternate(
            {
                "engine, store and SendGrid, uvloop": Case(product, {**common, "uvloop": True}),
                "engine, store and SendGrid, default loop": Case(product, {**common, "uvloop": False}),
            },
            sizes.rounds,
        )
    reached = found["engine, store and SendGrid, uvloop"]["per_second"]
    title = f"{count(2 * sizes.messages)} e-mails, 1,000 in a request, to an emulator of 50 ms"
    wanted = f"at least {count(RECIPIENTS)} recipients/s"
    return section_of("batch", title, found).with_aims(Aim(wanted, f"{count(reached)}/s", reached >= RECIPIENTS))
