"""AWS End User Messaging as a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from threading import Lock
from typing import Any

from disparo.adapters.aws.sms.credentials import AwsSmsCredentials
from disparo.adapters.aws.sms.errors import of_error
from disparo.adapters.aws.sms.payload import LONGEST_BODY, request
from disparo.adapters.credentials import Credentials
from disparo.domain.errors import DisparoError, InputError
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.ports.channel import Outgoing

ClientOf = Callable[[AwsSmsCredentials], Any]

_SERVICE = "pinpoint-sms-voice-v2"
"""Its name at AWS is still the former one."""


class AwsSmsChannel:
    """`SendChannel`, `HasAccount` and `Closes` of SendTextMessage, each call in a thread of its own.

    A call is made once: botocore's own repetitions are off, as the request has no idempotency token and a lost answer
    would become a second message. AWS cannot be asked for a message by our id, so there is no `LooksUp`: events settle
    what is in doubt, they carry our id in their `context`. `client` makes botocore's client of a secret; without it
    botocore must be installed (InputError).
    """

    def __init__(
        self,
        credentials: Credentials[AwsSmsCredentials],
        *,
        timeout_s: float,
        connections: int = 50,
        client: ClientOf | None = None,
    ) -> None:
        if client is None and find_spec("botocore") is None:
            raise InputError("aws_sms: falta o botocore; instale o programa com o extra aws (disparo[aws])")
        self._credentials, self._timeout_s, self._connections = credentials, timeout_s, connections
        self._client_of = client or partial(open_client, timeout_s=timeout_s, connections=connections)
        self._clients: dict[tuple[str, str | None], Any] = {}
        self._making = Lock()
        self._threads: ThreadPoolExecutor | None = None

    async def send(self, message: Outgoing, now: datetime) -> Outcome:  # noqa: ARG002  # AWS has its own clock
        """See `SendChannel.send`."""
        size = len(message.content.text)
        if size > LONGEST_BODY:
            return Outcome(False, None, FailureClass.PERMANENT, "text_too_long", f"{size} > {LONGEST_BODY}")
        return await self._credentials.use(partial(self._ask, message))

    async def account(self) -> str | None:
        """See `HasAccount.account`: the identity that sends, where it is a number that people can answer to."""
        try:
            identity = (await self._credentials.current()).origination_identity
        except DisparoError:
            return None
        return identity if identity.startswith("+") else None

    async def close(self) -> None:
        """See `Closes.close`."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=False, cancel_futures=True)  # one at a silent AWS may be at it for long
        clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()

    async def _ask(self, message: Outgoing, credentials: AwsSmsCredentials) -> Outcome:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._connections, "aws-sms")
        call = self._threads.submit(self._call, message, credentials)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.wrap_future(call)
        except TimeoutError:
            if call.cancel():  # no thread had taken it up, each being at a silent AWS
                return Outcome(False, None, FailureClass.TRANSIENT, "not_in_time", "no free thread")
            # The thread may still be at it: nobody can call it back.
            return Outcome(False, None, FailureClass.UNKNOWN, "no_answer", "timeout")

    def _call(self, message: Outgoing, credentials: AwsSmsCredentials) -> Outcome:
        try:
            answer = self._client(credentials).send_text_message(**request(message, credentials))
        except Exception as error:
            return of_error(error)
        return Outcome(True, str(answer.get("MessageId", ""))[:100] or None)

    def _client(self, credentials: AwsSmsCredentials) -> Any:
        key = (credentials.region, credentials.endpoint)
        with self._making:  # making sessions is not safe in several threads at once
            if key not in self._clients:
                self._clients[key] = self._client_of(credentials)
            return self._clients[key]


def open_client(credentials: AwsSmsCredentials, *, timeout_s: float, connections: int) -> Any:
    """botocore's client, signed in as the process is (environment, profile or role), which never repeats a call."""
    from botocore.config import Config
    from botocore.session import Session

    config = Config(
        connect_timeout=min(10.0, timeout_s / 2),
        read_timeout=timeout_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=connections,
        tcp_keepalive=True,
        user_agent_extra="disparo",
    )
    return Session().create_client(
        _SERVICE, region_name=credentials.region, endpoint_url=credentials.endpoint, config=config
    )
