"""What the HTTP application needs of the program."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from starlette.requests import Request

from disparo.domain.errors import DisparoError
from disparo.domain.principal import MACHINE, Principal
from disparo.engine.inbound import Inbound
from disparo.entrypoints.import_desk import ImportHouse
from disparo.ports.calendars import Calendars
from disparo.ports.callback import Callback
from disparo.ports.clock import Clock
from disparo.ports.desk import Desk
from disparo.ports.events import Events
from disparo.ports.idempotency import Idempotency
from disparo.ports.imports import ImportQueue
from disparo.ports.invitations import Invitations
from disparo.ports.links import Links
from disparo.ports.undelivered import DeadLetterQueue
from disparo.ports.wording import Wording
from disparo.settings.configuration import Configuration
from disparo.usecases.accounts.elsewhere import Elsewhere
from disparo.usecases.accounts.locks import Locks
from disparo.usecases.carriers import Carrier
from disparo.usecases.erasures import Archive
from disparo.usecases.webhooks import WebhookDesk

if TYPE_CHECKING:
    from disparo.bootstrap.senders import Appointed


class Installation(ImportHouse, Protocol):
    """An open installation, of either family; `bootstrap.App` is one."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def idempotency(self) -> Idempotency:
        """Requests that were answered."""
        ...

    @property
    def arrivals(self) -> ImportQueue | None:
        """Where imports wait for a function of their own; None where this process works on them."""
        ...

    @property
    def undelivered(self) -> DeadLetterQueue | None:
        """What functions gave up; None where there are none."""
        ...

    @property
    def archive(self) -> Archive:
        """Everything that keeps something of people."""
        ...

    @property
    def configuration(self) -> Configuration:
        """The settings, where they came from, and changing them."""
        ...

    @property
    def senders(self) -> Sequence[Appointed]:
        """Who sends, and by which provider."""
        ...

    async def sender_faults(self) -> Sequence[str | None]:
        """What is wrong with the secret of each of the senders, in words that hold nothing of it; None: nothing."""
        ...

    @property
    def callbacks(self) -> Mapping[str, Callback]:
        """The providers that may call us, by the name in their door's address."""
        ...

    @property
    def carriers(self) -> Sequence[Carrier]:
        """Each sender with what carries its messages."""
        ...

    @property
    def desk(self) -> Desk:
        """Through which every change of a meeting goes."""
        ...

    @property
    def calendars(self) -> Calendars:
        """Hosts' calendars."""
        ...

    @property
    def wording(self) -> Wording:
        """Instants in people's words."""
        ...

    @property
    def invitations(self) -> Invitations:
        """Meetings as iCalendar texts."""
        ...

    @property
    def links(self) -> Links:
        """Links to our own pages."""
        ...

    @property
    def locks(self) -> Locks:
        """What people and programs are let in with."""
        ...

    @property
    def elsewhere(self) -> Elsewhere | None:
        """The other place at which people sign in, where there is one."""
        ...

    @property
    def events(self) -> Events:
        """What takes events for other programs."""
        ...

    @property
    def hooks(self) -> WebhookDesk:
        """What endpoints of other programs are kept with."""
        ...

    def inbound(self) -> Inbound:
        """What acts on receipts and replies; the same each time, made when first asked for."""
        ...


class NotSignedInError(DisparoError):
    """The request does not say who sends it, or not so that we believe it."""


class ForbiddenError(DisparoError):
    """Who asks is known, and may not do this."""


class StaleFormError(ForbiddenError):
    """A form came without the token of the session that sends it: it is of another page, or of an earlier session."""


Identify = Callable[[Request], Awaitable[Principal]]
"""Who sends a request; NotSignedInError when that is not known, or not so that we believe it."""


class Report(Protocol):
    """Writes into the log that something broke."""

    def __call__(self, event: str, error: BaseException, **fields: str) -> None:
        """`event` is what broke, `fields` what it was about: ids and codes, no names and no addresses."""
        ...


def local_report(event: str, error: BaseException, **fields: str) -> None:
    """Into this process's own log, with where it was raised."""
    logging.getLogger("disparo.http").error("%s %s", event, fields, exc_info=error)


async def local_caller(_: Request) -> Principal:
    """For where whoever reaches the application may use it, as in tests."""
    return MACHINE
