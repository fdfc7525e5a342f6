"""One installation, open, of either family."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING

from disparo.adapters.babel_wording import BabelWording
from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import Outbox
from disparo.adapters.http_exchange import get_ready
from disparo.adapters.icalendar.invitations import ICalendar
from disparo.adapters.outside_world import OutsideWorld
from disparo.adapters.webhook_post import GuardedPost
from disparo.adapters.webhook_signing import SealedSigning
from disparo.bootstrap.accounts import elsewhere, locks
from disparo.bootstrap.alarms import alarm_watch, watched
from disparo.bootstrap.announcing import outside_world
from disparo.bootstrap.calendars import EachKind
from disparo.bootstrap.mail import mailbox
from disparo.bootstrap.senders import Appointed, appointed, callbacks, routes, sandbox_script, secret_fault
from disparo.bootstrap.webhooks import webhook_desk
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.template import Template
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.alarms import AlarmWatch
from disparo.engine.announcing import Outward
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.engine.inbound import Inbound
from disparo.ports.audit import CatchesUp
from disparo.ports.callback import Callback
from disparo.ports.channel import Closes, Collects, HasAccount
from disparo.ports.clock import Clock
from disparo.ports.contact_files import ContactFiles
from disparo.ports.events import Events, NoEvents
from disparo.ports.idempotency import Idempotency
from disparo.ports.imports import ImportQueue, Imports
from disparo.ports.invitations import Invitations
from disparo.ports.links import Links
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.ports.sealing import Sealer
from disparo.ports.secrets import Secrets
from disparo.ports.store import Store
from disparo.ports.undelivered import DeadLetterQueue
from disparo.ports.webhooks import Post, Signing
from disparo.ports.wording import Wording
from disparo.settings import LoadedSettings, Settings
from disparo.settings.configuration import Configuration
from disparo.settings.editable import LIVE
from disparo.settings.load import as_given
from disparo.usecases.accounts.elsewhere import Elsewhere
from disparo.usecases.accounts.locks import Locks
from disparo.usecases.agenda.desk import AgendaDesk
from disparo.usecases.carriers import Carrier
from disparo.usecases.erasures import Archive
from disparo.usecases.retention import RetentionSweep, RetentionTerms
from disparo.usecases.webhooks import WebhookDesk
from disparo.worker import Worker

if TYPE_CHECKING:
    from disparo.adapters.embedded.database import Database


@dataclass(eq=False)
class App:
    """One installation, open. Whoever opened it closes it. Nothing but `adopt` changes it.

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
    events: Events = field(default_factory=NoEvents)
    """What takes events for other programs; store and imports are announced by it."""
    loaded: LoadedSettings | None = None
    """Where the settings came from; None where they were made without reading anything."""

    @cached_property
    def configuration(self) -> Configuration:
        """The settings, where they came from, and changing them."""
        return Configuration(self.loaded or as_given(self.settings), lambda: self.settings, self.adopt)

    def adopt(self, settings: Settings) -> None:
        """Go by other values of what may change in a process that runs (`LIVE`); everything else stays as it was."""
        self.settings = self.settings.model_copy(update={name: getattr(settings, name) for name in LIVE})
        for made in ("senders", "carriers", "retention"):
            vars(self).pop(made, None)
        routes: dict[str, Route] = vars(self).get("own_routes", {})
        for one in self.senders:
            if (route := routes.get(one.sender.name)) is not None:
                routes[one.sender.name] = replace(route, sender=one.sender)

    async def sender_faults(self) -> Sequence[str | None]:
        """What is wrong with the secret of each of the senders, in words that hold nothing of it; None: nothing."""
        return [await secret_fault(self.settings, one, self.secrets) for one in self.senders]

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

    @cached_property
    def sealer(self) -> Sealer:
        """Seals what only this installation may read."""
        from disparo.adapters.sealing import KeySealer  # late: cryptography, which a process that sends needs not

        return KeySealer(self.link_key)

    @cached_property
    def locks(self) -> Locks:
        """What people and programs are let in with."""
        return locks(self.store, self.sealer, self.settings)

    @cached_property
    def elsewhere(self) -> Elsewhere | None:
        """The other place at which people sign in, where the settings name one."""
        return elsewhere(self.settings, self.secrets)

    async def catch_up(self) -> None:
        """Write what the audit did not take before, as a process that is about to end must."""
        if isinstance(audit := self.store.audit, CatchesUp):
            await audit.catch_up(self.clock.now())

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
        engine = watched(self, self.engine(routes), name)
        return Worker(engine, self.clock, name=name, concurrency=self.settings.send_concurrency)

    def alarm_watch(self, holder: str, *, counts: bool = True) -> AlarmWatch:
        """What looks at the alarms; `counts` says whether workers of this installation count by the minute."""
        return alarm_watch(self, holder, counts=counts)

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
            outward=Outward(self.events, self.post, self.signing, self.imports),
            retention=lambda now: self.retention.run(now),  # whichever the settings ask for then
        )

    @property
    def archive(self) -> Archive:
        """Everything that keeps something of people."""
        return Archive(self.store, self.imports, self.contact_files, (self.idempotency, self.outbox))

    @cached_property
    def retention(self) -> RetentionSweep:
        """What forgets what is old; contact files on AWS are the bucket's to remove."""
        settings = self.settings

        def days(number: int | None) -> timedelta | None:
            return None if number is None else timedelta(days=number)

        terms = RetentionTerms(
            contacts=days(settings.contact_retention_days),
            messages=days(settings.message_retention_days),
            inbox=days(settings.inbox_retention_days),
            audit=days(settings.audit_retention_days),
            files=None if self.arrivals is not None else days(settings.import_retention_days),
        )
        return RetentionSweep(self.archive, self.idempotency, terms)

    @cached_property
    def outside(self) -> OutsideWorld:
        """What may be connected to at addresses that somebody gave us."""
        return outside_world(self.settings)

    @cached_property
    def post(self) -> Post:
        """What sends requests to addresses that somebody gave us."""
        return GuardedPost(self.outside)

    @cached_property
    def hooks(self) -> WebhookDesk:
        """What endpoints of other programs are kept with."""
        return webhook_desk(self)

    @cached_property
    def signing(self) -> Signing:
        """What signs deliveries of events."""
        return SealedSigning(lambda: self.sealer)

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
        timeout_s, live = settings.calendar_timeout_s, settings.live
        return EachKind(self.secrets, self.clock.now, timeout_s=timeout_s, live=live, outside=self.outside)

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
        if isinstance(there := vars(self).get("elsewhere"), Elsewhere) and isinstance(there.provider, Closes):
            closing.append(there.provider.close())
        if "post" in vars(self):
            closing.append(self.post.close())
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
