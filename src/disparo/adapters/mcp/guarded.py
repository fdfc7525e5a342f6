"""HTTP to an MCP server that goes nowhere but where it may. Imported late, as httpx is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import httpcore2
import httpx2

from disparo.adapters.outside_world import AddressRefusedError, OutsideWorld


def guarded_transport(outside: OutsideWorld) -> httpx2.AsyncHTTPTransport:
    """httpx's transport, whose connections are made to the very addresses that were checked."""
    transport = httpx2.AsyncHTTPTransport(trust_env=False)
    # httpx takes no backend of ours, its pool does.
    transport._pool = httpcore2.AsyncConnectionPool(
        ssl_context=httpx2.create_ssl_context(trust_env=False), network_backend=_Checked(outside)
    )
    return transport


class _Checked(httpcore2.AnyIOBackend):
    def __init__(self, outside: OutsideWorld) -> None:
        self._outside = outside

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # the library's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            addresses = await self._outside.addresses(host, port)
        except OSError as error:
            why = str(error) if isinstance(error, AddressRefusedError) else "no address"
            raise httpcore2.ConnectError(why) from error
        last: Exception | None = None
        for address in addresses:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last or httpcore2.ConnectError("no address")
