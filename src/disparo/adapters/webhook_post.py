"""Requests to addresses that somebody gave us: webhooks of events and of alarms."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from disparo.adapters.loop_session import LoopSession
from disparo.adapters.outside_world import OutsideWorld, refused_by
from disparo.ports.webhooks import Posted

if TYPE_CHECKING:
    import aiohttp

TIMEOUT_S = 15.0
"""Standard Webhooks specification: 15 to 30 seconds."""

MOST_OF_AN_ANSWER = 4 * 1024
"""Bytes that are read of an answer."""

_CONNECT_S = 8.0
_AT_ONCE = 50
_MOST_WAIT = timedelta(days=1)
_AGENT = "disparo-webhooks/1"


class GuardedPost:
    """`Post` by aiohttp; connections belong to the event loop of their first request."""

    def __init__(self, outside: OutsideWorld, *, timeout_s: float = TIMEOUT_S) -> None:
        self._outside, self._timeout_s = outside, timeout_s
        self._session = LoopSession(self._make)

    async def refusal(self, url: str) -> str | None:
        """See `Post.refusal`."""
        return self._outside.refusal(url)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """See `Post.post`."""
        if (why := self._outside.refusal(url)) is not None:
            return Posted(None, timedelta(0), "endpoint_unusable", why)
        import aiohttp

        session = await self._session.open()
        began_s = time.monotonic()

        def took() -> timedelta:
            return timedelta(seconds=time.monotonic() - began_s)

        own = {"user-agent": _AGENT, **headers}
        try:
            async with session.post(url, data=body, headers=own, allow_redirects=False) as response:
                answer = await _beginning(response)
                after = _retry_after(response.headers.get("retry-after", ""))
                return Posted(response.status, took(), retry_after=after, answer=answer)
        except TimeoutError:
            return Posted(None, took(), "timed_out")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if (why := refused_by(error)) is not None:
                return Posted(None, took(), "endpoint_refused", why)
            connecting = isinstance(error, aiohttp.ClientConnectorError | aiohttp.InvalidURL | ValueError)
            return Posted(None, took(), "not_connected" if connecting else "no_answer", type(error).__name__)

    async def close(self) -> None:
        """See `Post.close`."""
        await self._session.close()

    def _make(self) -> aiohttp.ClientSession:
        import aiohttp

        connect_s = min(_CONNECT_S, self._timeout_s)
        timeout = aiohttp.ClientTimeout(total=self._timeout_s, connect=connect_s, sock_connect=connect_s)
        # Without a cache of names: each connection is to what its name stands for now.
        connector = self._outside.connector(limit=_AT_ONCE, limit_per_host=20, use_dns_cache=False, keepalive_timeout=5)
        return aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        )


async def _beginning(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    while len(body) < MOST_OF_AN_ANSWER and (more := await response.content.read(MOST_OF_AN_ANSWER - len(body))):
        body += more
    return bytes(body)


def _retry_after(text: str) -> timedelta | None:
    """Seconds or a date (RFC 9110, section 10.2.3), a day at most; None when it says nothing."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return min(timedelta(seconds=int(text)), _MOST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if at.tzinfo is None:
        at = at.replace(tzinfo=UTC)
    return min(max(at - datetime.now(UTC), timedelta(0)), _MOST_WAIT)
