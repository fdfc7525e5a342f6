"""A mail server that hands us each mail by a call, signed by the Standard Webhooks scheme."""

from __future__ import annotations

from datetime import datetime

from disparo.adapters.channels.mailbox.credentials import MailWebhookCredentials
from disparo.adapters.channels.mailbox.reading import read_mail
from disparo.adapters.credentials import Credentials
from disparo.adapters.standard_webhooks import check
from disparo.ports.callback import Call, CallbackRefusedError, Told


class MailCallback:
    """`Callback` whose body is one mail as it came (RFC 5322), read as that of a mailbox is."""

    def __init__(self, credentials: Credentials[MailWebhookCredentials]) -> None:
        self._credentials = credentials

    async def read(self, call: Call, now: datetime) -> Told:
        """See `Callback.read`; a call may be five minutes old or early."""
        known = await self._credentials.current()
        try:
            check(known.key, call.headers, call.body, now)
        except CallbackRefusedError:
            newer = await self._credentials.renewed()
            if newer == known:
                raise
            check(newer.key, call.headers, call.body, now)
        return read_mail(call.body, now)

    async def greet(self, call: Call) -> str:  # noqa: ARG002
        """See `Callback.greet`: mail servers ask nothing."""
        raise CallbackRefusedError("este endereço só recebe e-mails")
