"""How long a connection may take to say what it wants: uvicorn itself would wait for ever (Slowloris)."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADERS_S = 30.0
"""From the first byte of a request, or from a connection without any, to the end of its headers."""


class _Patience:
    """Beside uvicorn's own protocol: closes a connection whose next request does not come to the end of its headers.

    Between two requests the server's own time holds (`timeout_keep_alive`); a body's time is `BodyLimit`'s.
    """

    cycle: Any
    transport: asyncio.Transport
    _ends: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        self._begin()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)  # type: ignore[misc]
        if self.cycle is None or self.cycle.response_complete:
            self._begin()
        else:
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)  # type: ignore[misc]

    def _begin(self) -> None:
        if self._ends is None and not self.transport.is_closing():
            self._ends = asyncio.get_running_loop().call_later(HEADERS_S, self.transport.close)

    def _stop(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None


PatientProtocol: type[asyncio.Protocol] = type("PatientProtocol", (_Patience, AutoHTTPProtocol), {})
"""What uvicorn speaks HTTP by, with patience that ends; `Config(http=...)` takes it."""
