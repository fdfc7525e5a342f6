"""One installation, open, of either family."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import Outbox
from disparo.bootstrap.senders import callbacks, sandbox_script, sender_of
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.template import Template
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.engine.inbound import Inbound
from disparo.ports.callback import Callback
from disparo.ports.clock import Clock
from disparo.ports.contact_files import ContactFiles
from disparo.ports.idempotency import Idempotency
from disparo.ports.imports import ImportQueue, Imports
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.ports.store import Store
from disparo.ports.undelivered import DeadLetterQueue
from disparo.settings import Settings
from disparo.worker import Worker

if TYPE_CHECKING:
    from disparo.adapters.embedded.database import Database


@dataclass(frozen=True)
class App:
    """One installation, open. Whoever opened it closes it.

    `make_outbox` gives each reader of the sandbox its own view of what it took. `database` is there in the embedded
    family only; `undelivered` (what functions gave up) and `arrivals` (contact files) on AWS only, where the settings
    name their queues.
    """

    settings: Settings
    clock: Clock
    store: Store
    imports: Imports
    contact_files: ContactFiles
    idempotency: Idempotency
    make_outbox: Callable[[], Outbox]
    release: Callable[[], None]
    database: Database | None = None
    undelivered: DeadLetterQueue | None = None
    arrivals: ImportQueue | None = None

    @cached_property
    def callbacks(self) -> Mapping[str, Callback]:
        """The providers that may call us, by the name of their door."""
        return callbacks(self.settings)

    @cached_property
    def outbox(self) -> Outbox:
        """What the sandbox took."""
        return self.make_outbox()

    @property
    def import_queue(self) -> ImportQueue:
        """Where the rest of an import waits; InputError where there is no such queue."""
        if self.arrivals is None:
            raise InputError("ingest_queue_url: falta o endereço da fila de arquivos; defina DISPARO_INGEST_QUEUE_URL")
        return self.arrivals

    def close(self) -> None:
        """Finish writing and let go of the store."""
        self.release()

    def worker(self, name: str, routes: Mapping[str, Route]) -> Worker:
        """A worker on this installation; a route that is replaced in `routes` holds from its next use on."""
        return Worker(self.engine(routes), self.clock, name=name, concurrency=self.settings.send_concurrency)

    def engine(self, routes: Mapping[str, Route]) -> Engine:
        """The engine's steps on this installation."""
        return Engine.build(self.store, LateRenderer(), routes, random.random)

    @cached_property
    def own_engine(self) -> Engine:
        """The engine with the routes that the settings name; the same each time."""
        return self.engine(self.routes())

    def inbound(self) -> Inbound:
        """What acts on receipts and replies; the same each time."""
        return self.own_engine.inbound

    def routes(self) -> dict[str, Route]:
        """How each channel's messages travel; the sandbox takes them, as no real provider is there yet."""
        script = sandbox_script(self.settings)
        return {
            channel: Route(
                sender_of(self.settings, channel), SandboxChannel(channel, self.make_outbox(), script, self.clock.now)
            )
            for channel in Channel
        }


class LateRenderer:
    """`Renderer` that is imported with the first template: a process that only claims needs none."""

    def compile(self, template: Template) -> CompiledTemplate:
        """See `Renderer.compile`."""
        return renderer().compile(template)


def renderer() -> Renderer:
    """What renders templates; imported late, as it takes a tenth of a second."""
    from disparo.adapters.liquid import LiquidRenderer

    return LiquidRenderer()
