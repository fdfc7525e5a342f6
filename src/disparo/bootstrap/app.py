"""One installation, open, of either family."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import Outbox
from disparo.adapters.http_exchange import get_ready
from disparo.adapters.icalendar.invitations import ICalendar
from disparo.bootstrap.calendars import EachKind
from disparo.bootstrap.mail import mailbox
from disparo.bootstrap.senders import Appointed, appointed, callbacks, routes, sandbox_script
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.template import Template
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.engine.inbound import Inbound
from disparo.ports.callback import Callback
from disparo.ports.channel import Closes, Collects, HasAccount
from disparo.ports.clock import Clock
from disparo.ports.contact_files import ContactFiles
from disparo.ports.idempotency import Idempotency
from disparo.ports.imports import ImportQueue, Imports
from disparo.ports.invitations import Invitations
from disparo.ports.links import Links
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.ports.secrets import Secrets
from disparo.ports.store import Store
from disparo.ports.undelivered import DeadLetterQueue
from disparo.ports.wording import Wording
from disparo.settings import Settings
from disparo.usecases.agenda.desk import AgendaDesk
from disparo.usecases.carriers import Carrier
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
    secrets: Secrets
    links: Links
    link_key: Callable[[], bytes]
    """What links are signed with; it tells this installation apart from others, too."""
    make_outbox: Callable[[], Outbox]
    release: Callable[[], None]
    has_secret: Callable[[str], bool] = lambda _: True
    database: Database | None = None
    undelivered: DeadLetterQueue | None = None
    arrivals: ImportQueue | None = None

    @cached_property
    def callbacks(self) -> Mapping[str, Callback]:
        """The providers that may call us, by the name of their door."""
        return callbacks(self.settings, self.senders, self.secrets)

    @cached_property
    def senders(self) -> Sequence[Appointed]:
        """Who sends, and by which provider; InputError when the settings name one that does not exist."""
        return appointed(self.settings, self.has_secret)

    @cached_property
    def mailboxes(self) -> Sequence[Collects]:
        """The mailboxes in which bounces and replies arrive, where the settings name one and are live."""
        if self.settings.mailbox_secret is None or not self.settings.live:
            return ()
        return [mailbox(self.secrets, self.settings.mailbox_secret)]

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
        """A worker on this installation; a route that is replaced in `routes` holds from its next use on.

        What is imported late elsewhere is here before the first message is claimed.
        """
        renderer()
        if self.settings.live:
            get_ready()
        return Worker(self.engine(routes), self.clock, name=name, concurrency=self.settings.send_concurrency)

    def engine(self, routes: Mapping[str, Route]) -> Engine:
        """The engine's steps on this installation."""
        return Engine.build(
            self.store,
            LateRenderer(),
            routes,
            random.random,
            links=self.links,
            opt_out_answer=self.settings.opt_out_answer,
            collecting=self.mailboxes,
            agenda=self.agenda,
        )

    @cached_property
    def wording(self) -> Wording:
        """Instants in people's words."""
        return BabelWording()

    @cached_property
    def invitations(self) -> Invitations:
        """Meetings as iCalendar texts."""
        return ICalendar()

    @cached_property
    def calendars(self) -> EachKind:
        """Hosts' calendars."""
        settings = self.settings
        return EachKind(self.secrets, self.clock.now, timeout_s=settings.calendar_timeout_s, live=settings.live)

    @cached_property
    def desk(self) -> AgendaDesk:
        """Through which every change of a meeting goes."""
        return AgendaDesk(self.store, self.calendars, lambda: blake2b(self.link_key(), digest_size=8).hexdigest())

    @cached_property
    def agenda(self) -> AgendaParts:
        """What the engine's agenda is made of."""
        return AgendaParts(
            self.desk,
            self.calendars,
            self.wording,
            self.invitations,
            self.settings.hours(),
            self._own_address,
        )

    async def _own_address(self) -> str | None:
        """The address that our mail comes from, where answers to invitations are read."""
        for route in self.own_routes.values():
            if route.sender.channel is Channel.EMAIL and isinstance(route.channel, HasAccount):
                return await route.channel.account()
        return None

    async def close_calendars(self) -> None:
        """End the connections to calendars, if there are any."""
        if "calendars" in vars(self):
            await self.calendars.close_all()

    @cached_property
    def own_engine(self) -> Engine:
        """The engine with the routes that the settings name; the same each time."""
        return self.engine(self.own_routes)

    @cached_property
    def own_routes(self) -> dict[str, Route]:
        """The routes that the settings name, shared by everything in this process."""
        return self.routes()

    def inbound(self) -> Inbound:
        """What acts on receipts and replies; the same each time."""
        return self.own_engine.inbound

    def routes(self) -> dict[str, Route]:
        """How each sender's messages travel, each time by channels of its own."""
        script = sandbox_script(self.settings)

        def sandbox(channel: Channel) -> SandboxChannel:
            return SandboxChannel(channel, self.make_outbox(), script, self.clock.now)

        return routes(self.settings, self.senders, self.secrets, sandbox)

    @cached_property
    def carriers(self) -> Sequence[Carrier]:
        """Each sender with what carries its messages, to be asked what it can carry."""
        return [(route.sender, route.channel) for route in self.own_routes.values()]

    async def close_channels(self) -> None:
        """End the connections of the engine's own channels and calendars, as a process that is about to be frozen must.

        One that cannot be ended keeps none of the others open; ExceptionGroup of what went wrong.
        """
        routes = self.own_routes.values() if "own_routes" in vars(self) else ()  # none where nothing was sent
        closing = [one.channel.close() for one in routes if isinstance(one.channel, Closes)]
        found = await asyncio.gather(self.close_calendars(), *closing, return_exceptions=True)
        if faults := [one for one in found if isinstance(one, Exception)]:
            raise ExceptionGroup("channels", faults)


class LateRenderer:
    """`Renderer` that is imported with the first template: a process that only claims needs none."""

    def compile(self, template: Template) -> CompiledTemplate:
        """See `Renderer.compile`."""
        return renderer().compile(template)


def renderer() -> Renderer:
    """What renders templates; imported late, as it takes a tenth of a second."""
    from disparo.adapters.liquid import LiquidRenderer

    return LiquidRenderer()
