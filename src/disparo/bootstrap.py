"""Settings become a program: the one place where a family of adapters is chosen and wired."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import FileOutbox
from disparo.adapters.channels.sandbox.script import Rates, Script
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.system_clock import SystemClock
from disparo.domain.contact import Channel
from disparo.domain.sender import DoubtPolicy, Sender
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.clock import Clock
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.settings import Settings
from disparo.worker import Worker

DATABASE = "disparo.sqlite3"
OUTBOX = "sandbox.jsonl"


@dataclass(frozen=True, slots=True)
class App:
    """One installation, open. Whoever opened it closes it."""

    settings: Settings
    clock: Clock
    database: Database
    store: Store
    outbox: FileOutbox

    def close(self) -> None:
        """Finish writing and close the data file."""
        self.database.close()

    def worker(self, name: str, routes: Mapping[str, Route]) -> Worker:
        """A worker on this installation; a route that is replaced in `routes` holds from its next use on."""
        engine = Engine.build(self.store, renderer(), routes, random.random)
        return Worker(engine, self.clock, name=name, concurrency=self.settings.send_concurrency)

    def routes(self) -> dict[str, Route]:
        """How each channel's messages travel; the sandbox takes them, as no real provider is there yet."""
        script = sandbox_script(self.settings)
        return {
            channel: Route(
                sender_of(self.settings, channel), SandboxChannel(channel, self.outbox, script, self.clock.now)
            )
            for channel in Channel
        }


def open_app(settings: Settings, *, clock: Clock | None = None) -> App:
    """Open the data directory of these settings, making it when it is missing; StoreError when unusable."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.data / DATABASE)
    outbox = FileOutbox(settings.data / OUTBOX)
    return App(settings, clock or SystemClock(), database, open_store(database), outbox)


def renderer() -> Renderer:
    """What renders templates; imported late, as it takes a tenth of a second."""
    from disparo.adapters.liquid import LiquidRenderer

    return LiquidRenderer()


def sender_of(settings: Settings, channel: Channel) -> Sender:
    """The channel's one sender, as the settings want it."""
    return Sender(
        name=channel,
        channel=channel,
        limits=settings.limits(channel),
        retry=settings.retry_policy(),
        breaker=settings.breaker_policy(),
        doubt_policy=DoubtPolicy(settings.doubt_policy(channel)),
        doubt_wait=timedelta(hours=settings.doubt_hold_hours),
        lease=timedelta(seconds=settings.lease_s),
    )


def sandbox_script(settings: Settings) -> Script:
    """How the sandbox behaves."""
    rates = Rates(
        recipient=settings.sandbox_recipient_failure_rate,
        transient=settings.sandbox_transient_rate,
        throttled=settings.sandbox_throttled_rate,
        lost_answer=settings.sandbox_lost_answer_rate,
        lost_request=settings.sandbox_lost_request_rate,
        permanent=settings.sandbox_permanent_rate,
        auth=settings.sandbox_auth_rate,
        undelivered=settings.sandbox_undelivered_rate,
        read=settings.sandbox_read_rate,
        reply=settings.sandbox_reply_rate,
        opt_out=settings.sandbox_opt_out_rate,
    )
    latency = (settings.sandbox_latency_ms_min / 1000, settings.sandbox_latency_ms_max / 1000)
    return Script(settings.sandbox_seed, rates, latency, settings.send_timeout_s)
