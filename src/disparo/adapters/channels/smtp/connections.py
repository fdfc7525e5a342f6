"""Connections to a mail server: opened and logged in once, used for many mails."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from disparo.adapters.channels.smtp.credentials import SmtpCredentials
from disparo.adapters.channels.smtp.errors import Stage, refusal
from disparo.adapters.mail_server import MailServer, Security, tls_context
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

if TYPE_CHECKING:
    from aiosmtplib import SMTP

MOST_MAILS: Final = 100
"""Mails over one connection: common servers end it at about as many."""
LONGEST_IDLE_S: Final = 30.0
"""A connection that rested longer is not trusted: a firewall on the way may have forgotten it."""
_FAREWELL_S: Final = 2.0


class NotOpenedError(Exception):
    """No connection could be opened; `outcome` says why, and that nothing was handed over."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


class Connection:
    """A conversation with a server, after the login; `dirty` while a mail in it was not brought to its end."""

    def __init__(self, account: SmtpCredentials, client: SMTP) -> None:
        self.account, self.client = account, client
        self.mails = 0
        self.dirty = False
        self.idle_since_s = 0.0

    @property
    def reused(self) -> bool:
        """Whether it carried a mail before, so that the server may have ended it since."""
        return self.mails > 0

    async def leave(self) -> None:
        """Say QUIT and end it."""
        try:
            with suppress(OSError, TimeoutError, _smtp_error()):
                async with asyncio.timeout(_FAREWELL_S):
                    await self.client.quit()
        finally:
            self.client.close()


class Connections:
    """At most `most` connections at once, and as many as the account says, in the event loop that they began in."""

    def __init__(self, most: int, timeout_s: float) -> None:
        self._most, self._timeout_s = most, timeout_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._room, self._size = asyncio.Semaphore(most), most
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def lend(self, account: SmtpCredentials, *, fresh: bool = False) -> AsyncIterator[Connection]:
        """A connection of this account, a new one if `fresh` or none is idle; waits while all are in use.

        NotOpenedError. It is ended when its use fails, and kept for the next one otherwise.
        """
        self._stay_in_loop(min(self._most, account.connections))
        async with self._room:
            connection = None if fresh else await self._idle_one(account)
            if connection is None:
                connection = Connection(account, await _open(account, self._timeout_s))
            try:
                yield connection
            except BaseException:
                connection.client.close()
                raise
            connection.mails += 1
            connection.idle_since_s = asyncio.get_running_loop().time()
            self._idle.append(connection)

    async def close(self) -> None:
        """End every idle connection."""
        self._stay_in_loop(self._size)
        leaving, self._idle = self._idle, []
        await asyncio.gather(*(connection.leave() for connection in leaving))

    async def _idle_one(self, account: SmtpCredentials) -> Connection | None:
        trusted_since_s = asyncio.get_running_loop().time() - LONGEST_IDLE_S
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since_s < trusted_since_s or not connection.client.is_connected:
                connection.client.close()
            elif connection.mails >= MOST_MAILS or connection.account != account:
                await connection.leave()
            else:
                return connection
        return None

    def _stay_in_loop(self, size: int) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._idle, self._size = loop, [], 0
        if self._size != size:
            self._room, self._size = asyncio.Semaphore(size), size


async def _open(account: SmtpCredentials, timeout_s: float) -> SMTP:
    from aiosmtplib import SMTP

    server = account.server
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security is Security.TLS,
        start_tls=False,  # asked for below: the library would take a server without it
        tls_context=tls_context(server.ca_certificate),
        local_hostname=account.helo_name,
        timeout=timeout_s,
    )
    try:
        await _introduce(client, server)
    except BaseException as error:
        client.close()
        if isinstance(error, (OSError, ValueError, _smtp_error())):
            raise NotOpenedError(_not_opened(error)) from None
        raise
    return client


async def _introduce(client: SMTP, server: MailServer) -> None:
    await client.connect()
    await _greet(client)
    if server.security is Security.STARTTLS:
        if not client.supports_extension("starttls"):
            raise NotOpenedError(Outcome(False, None, FailureClass.AUTH, "starttls_missing", "EHLO"))
        await client.starttls()
        await _greet(client)
    if server.username is not None and server.password is not None:
        if not client.supported_auth_methods:
            raise NotOpenedError(Outcome(False, None, FailureClass.AUTH, "login_missing", "EHLO"))
        await client.login(server.username, server.password)


async def _greet(client: SMTP) -> None:
    from aiosmtplib import SMTPHeloError

    try:
        await client.ehlo()
    except SMTPHeloError:  # of a server without extensions (RFC 5321 section 3.2)
        if not client.is_connected:
            raise
        await client.helo()


def _not_opened(error: BaseException) -> Outcome:
    from aiosmtplib import SMTPAuthenticationError, SMTPResponseException

    if isinstance(error, SMTPResponseException):
        stage = Stage.LOGIN if isinstance(error, SMTPAuthenticationError) else Stage.CONNECT
        return refusal(stage, error.code, error.message)
    cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Outcome(False, None, FailureClass.AUTH, "certificate_refused", cause.verify_message[:100])
    return Outcome(False, None, FailureClass.TRANSIENT, "not_connected", type(cause).__name__)


def _smtp_error() -> type[Exception]:
    from aiosmtplib import SMTPException

    return SMTPException
