"""A server that answers every POST at once, as a provider of no latency would; by hand, on uvloop: it costs little."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

_BODY = b'{"messages":[{"id":"wamid.1"}]}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY
_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class _Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._received = cast(asyncio.WriteTransport, transport), b""  # uvloop's is none by name

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (head_end := self._received.find(_END)) >= 0:
            head = self._received[:head_end].lower() + b"\r\n"
            at = head.find(_LENGTH)
            length = int(head[at + len(_LENGTH) : head.index(b"\r\n", at)]) if at >= 0 else 0
            whole = head_end + len(_END) + length
            if len(self._received) < whole:
                return
            self._received = self._received[whole:]
            self._transport.write(_ANSWER)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def running_sink() -> Iterator[str]:
    """A sink in a process of its own; its address."""
    root = Path(__file__).parents[1]
    with subprocess.Popen([sys.executable, "-m", "bench.sink"], cwd=root, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}/"
        finally:
            server.terminate()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())
