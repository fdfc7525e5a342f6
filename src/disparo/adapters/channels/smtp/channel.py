"""An SMTP account as a channel."""

from __future__ import annotations

import asyncio
from datetime import datetime

from disparo.adapters.channels.smtp.connections import Connections, NotOpenedError
from disparo.adapters.channels.smtp.credentials import SmtpCredentials
from disparo.adapters.channels.smtp.payload import Mail, compose
from disparo.adapters.channels.smtp.transaction import Progress, StaleConnectionError, hand_over
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import InputError, StoreError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing


class SmtpChannel:
    """`SendChannel`, `HasAccount` and `Closes` over kept connections, at most `connections` of them.

    A mail belongs to the server with its answer to the final dot. What failed before the dot was written was not taken;
    an answer that never came leaves the outcome unknown. A send takes at most `timeout_s`, and as long once more when
    the login was refused and the secret has changed since.
    """

    def __init__(self, credentials: Credentials[SmtpCredentials], *, timeout_s: float, connections: int) -> None:
        self._credentials, self._timeout_s = credentials, timeout_s
        self._connections = Connections(connections, timeout_s)

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        """See `SendChannel.send`."""

        async def attempt(account: SmtpCredentials) -> Outcome:
            mail = compose(message, account, now)
            return mail if isinstance(mail, Outcome) else await self._attempt(mail, account)

        return await self._credentials.use(attempt)

    async def account(self) -> str | None:
        """See `HasAccount.account`: the address that people answer to, in lower case."""
        try:
            known = await self._credentials.current()
        except (InputError, StoreError):
            return None
        return (known.reply_to or known.from_email).lower()

    async def close(self) -> None:
        """See `Closes.close`."""
        await self._connections.close()

    async def _attempt(self, mail: Mail, account: SmtpCredentials) -> Outcome:
        from aiosmtplib import SMTPException, SMTPResponseException

        progress = Progress()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._hand_over(mail, account, progress)
        except NotOpenedError as error:
            return error.outcome
        except SMTPResponseException as error:
            return _lost(progress, "answer_not_understood", f"code {error.code}")
        except (SMTPException, OSError, TimeoutError) as error:
            return _lost(progress, "no_answer" if progress.dot_written else "connection_lost", type(error).__name__)

    async def _hand_over(self, mail: Mail, account: SmtpCredentials, progress: Progress) -> Outcome:
        try:
            async with self._connections.lend(account) as connection:
                return await hand_over(connection, mail, progress)
        except StaleConnectionError:
            async with self._connections.lend(account, fresh=True) as connection:
                return await hand_over(connection, mail, progress)


def _lost(progress: Progress, reason: str, detail: str) -> Outcome:
    failure = FailureClass.UNKNOWN if progress.dot_written else FailureClass.TRANSIENT
    return Outcome(False, None, failure, reason, detail)
