"""HTTP requests to providers: one pool of connections, and a clear answer to whether a request may have arrived."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from disparo.adapters.loop_session import LoopSession
from disparo.adapters.outside_world import OutsideWorld, refused_by
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass

if TYPE_CHECKING:
    import aiohttp

MOST_OF_AN_ANSWER = 256 * 1024
"""Bytes of an answer that are read: more is no answer of a message API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered; headers are found whatever the case of their names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def get_ready() -> None:
    """Import now what requests need: a message that was claimed is not to wait for it, and a kill would doubt it."""
    import aiohttp  # noqa: F401


class HttpExchange:
    """POSTs and GETs of one channel, on connections that are kept.

    Connections are opened with the first request of an event loop and belong to it; `close` ends them. A request takes
    at most `timeout_s` altogether, half of which (10 s at most) may pass until it has a connection: waiting for one of
    the `connections`, looking up the name, TLS. Redirects are not followed: a secret goes to the host that it was
    written for only. Of an answer `most` bytes are read; who must know whether that was all asks for one more. With an
    `outside` nothing is sent to addresses that it refuses.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        connections: int = 100,
        most: int = MOST_OF_AN_ANSWER,
        outside: OutsideWorld | None = None,
    ) -> None:
        self._timeout_s, self._connections, self._most, self._outside = timeout_s, connections, most, outside
        self._session = LoopSession(self._make)

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes | None = None
    ) -> Answer | Outcome:
        """What the provider answered, or the outcome when it did not.

        TRANSIENT (`not_connected`) or AUTH (`endpoint_refused`, its address) when the request surely did not leave,
        UNKNOWN (`no_answer`) when it may have. A kept connection that the provider is known to have closed is not used;
        one that it closes as the request leaves makes an UNKNOWN of it, since a POST is never repeated (RFC 9110,
        section 9.2.2).
        """
        import aiohttp

        if self._outside is not None and (why := self._outside.refusal(url)) is not None:
            return _refused(why)
        session = await self._session.open()
        try:
            async with session.request(method, url, headers=headers, data=data, allow_redirects=False) as response:
                body = bytearray(await response.content.read(self._most))
                while len(body) < self._most and (more := await response.content.read(self._most - len(body))):
                    body += more
                return Answer(response.status, response.headers, bytes(body))
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.NonHttpUrlClientError,
            ValueError,  # an address or a header that cannot be written, such as a secret with a line break
        ) as error:
            if (why := refused_by(error)) is not None:
                return _refused(why)
            return Outcome(False, None, FailureClass.TRANSIENT, "not_connected", type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Outcome(False, None, FailureClass.UNKNOWN, "no_answer", type(error).__name__)

    async def close(self) -> None:
        """End every connection."""
        await self._session.close()

    def _make(self) -> aiohttp.ClientSession:
        import aiohttp

        connect_s = min(10.0, self._timeout_s / 2)
        timeout = aiohttp.ClientTimeout(total=self._timeout_s, connect=connect_s, sock_connect=connect_s)
        # Kept for less than any provider keeps them, so that none is closed just as it is used.
        make = aiohttp.TCPConnector if self._outside is None else self._outside.connector
        connector = make(limit=self._connections, ttl_dns_cache=60, keepalive_timeout=15.0)
        return aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
        )


def _refused(why: str) -> Outcome:
    return Outcome(False, None, FailureClass.AUTH, "endpoint_refused", why)
