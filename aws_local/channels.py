"""The demo campaign through the real channels: WhatsApp, SendGrid and Twilio, emulated on this machine.

The functions are live, read the providers' secrets from Secrets Manager, send over HTTP, and are called back at the
door of the function `api`. What the emulators took is what people got: the ledger is measured by it.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_local.demo_scene import SETTINGS
from aws_local.gateway import Answers, Response, door
from aws_local.names import Names
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.domain.message import MessageState
from disparo.ports.ledger import MessageFilter
from disparo.simulation.emulators.plan import Limits, Plan, Posting
from disparo.simulation.emulators.server import Running, emulators

if TYPE_CHECKING:
    from disparo.bootstrap import App

PAGE = 1000
SETTLED_WITHIN_S = 90.0
ENDED = frozenset(
    {MessageState.DELIVERED, MessageState.READ, MessageState.FAILED, MessageState.CANCELLED, MessageState.EXPIRED}
)
SENT = frozenset({MessageState.ACCEPTED, MessageState.DELIVERED, MessageState.READ})

PLAN = Plan(
    # A limit of the account (80007) rests the sender for five minutes, longer than this should take. Of SendGrid and
    # Twilio neither a 5xx nor a lost request tells whether it was taken, and a person has to look.
    Script(
        3,
        # Half is reported as not delivered, so that the steps behind it by other channels are surely needed.
        Rates(recipient=0.06, lost_answer=0.05, undelivered=0.5, read=0.3, reply=0.1, opt_out=0.1),
        (0.02, 0.2),
    ),
    pace=0.0,
    posting=Posting(twice=0.2, reversed=0.1),
    limits=Limits(whatsapp_per_s=80, whatsapp_pair=False),
)


class Door:
    """Where providers call, before the function is there that answers."""

    def __init__(self) -> None:
        self.gateway: Answers | None = None

    def request(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Response:
        """Pass it on; 503 while there is nobody."""
        if self.gateway is None:
            return Response(503, {}, b"")
        return self.gateway.request(method, path, body, headers)


@dataclass(frozen=True, slots=True)
class Providers:
    """The emulated providers, and the door that they call."""

    running: Running
    door: Door
    url: str
    loop: asyncio.AbstractEventLoop

    def environment(self) -> dict[str, str]:
        """What the functions are told: to be live, with limits and waits that real time is enough for."""
        quick = {name: value for name, value in SETTINGS.items() if not name.startswith("sandbox_")}
        # A slow machine must not make doubts: what was never taken is settled by nobody.
        told = {**quick, "live": "true", "public_url": self.url, "send_timeout_s": "20", "lease_s": "60"}
        return {f"DISPARO_{name.upper()}": value for name, value in told.items()}

    def put_secrets(self, client: Any, names: Names) -> None:
        """Fill the secrets in, as a person would."""
        for name, secret in self.running.secrets.items():
            client.put_secret_value(SecretId=f"{names.secrets}/{name}", SecretString=json.dumps(secret))

    def quiet(self) -> None:
        """Wait until no webhook is on its way."""
        asyncio.run_coroutine_threadsafe(self.running.quiet(), self.loop).result(60)


@contextmanager
def providers() -> Iterator[Providers]:
    """The emulators and the door, each on a free port and in a thread of its own, until the block ends."""
    behind = Door()
    server = door(behind)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    loop = asyncio.new_event_loop()
    threads = [threading.Thread(target=one, daemon=True) for one in (server.serve_forever, loop.run_forever)]
    for thread in threads:
        thread.start()

    def run(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    emulated = emulators(PLAN, webhook_base_url=url)
    try:
        yield Providers(run(emulated.__aenter__()), behind, url, loop)
    finally:
        run(emulated.__aexit__(None, None, None))
        server.shutdown()
        server.server_close()
        loop.call_soon_threadsafe(loop.stop)


@dataclass(frozen=True, slots=True)
class Account:
    """What the ledger says beside what the providers took. Whatever is not in `states` must be nothing."""

    states: Mapping[str, int]
    taken: Mapping[str, int]
    webhooks: Mapping[str, int]
    opted_out: int
    repeated: Sequence[str] = field(default_factory=list)
    lost: Sequence[str] = field(default_factory=list)
    unsettled: Sequence[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Nobody was messaged twice, nothing is said to be sent that was not, and nothing waits for a person."""
        return not (self.repeated or self.lost or self.unsettled)


async def settled(app: App, outside: Providers) -> Account:
    """The account once everything has come to rest, answers to opt-outs too, or after `SETTLED_WITHIN_S`."""
    until = time.monotonic() + SETTLED_WITHIN_S
    while True:
        await asyncio.to_thread(outside.quiet)
        account = await account_of(app, outside.running)
        if account.holds or time.monotonic() > until:
            return account
        await asyncio.sleep(1)


async def account_of(app: App, running: Running) -> Account:
    """Count and compare."""
    times = running.log.times()
    rows = await app.store.ledger.page(MessageFilter(), None, PAGE)
    return Account(
        states=dict(Counter(str(row.state) for row in rows)),
        taken=dict(Counter(one.provider for one in running.taken)),
        webhooks={name: tally.taken for name, tally in running.tallies().items()},
        opted_out=len(await app.store.suppressions.page("", PAGE)),
        repeated=[reference for reference, count in times.items() if count > 1],
        lost=[str(row.id) for row in rows if row.state in SENT and not times[str(row.id)]],
        unsettled=[f"{row.id} {row.state} {row.reason}" for row in rows if row.state not in ENDED],
    )
