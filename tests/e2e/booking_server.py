"""The booking pages behind a real server, in a thread, over an installation in memory whose clock stands."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from disparo.entrypoints.http.app import create_app
from tests.unit.entrypoints.http.booking_house import BookingHouse

Result = TypeVar("Result")


@dataclass
class BookingServer:
    """What serves, and the installation behind it, which is reached through the server's own loop."""

    house: BookingHouse
    origin: str
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What comes of work in the installation."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    def url(self, path: str) -> str:
        """An address of a page; links are absolute already."""
        return path if path.startswith("http") else self.origin + path


@contextmanager
def serving(folder: Path) -> Iterator[BookingServer]:
    """Serve on a free port until the end of the block."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
    house = BookingHouse(folder, origin)
    config = uvicorn.Config(create_app(house), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve([listening]),), daemon=True)
    thread.start()
    try:
        place = BookingServer(house, origin, loop)
        place.do(house.settle())
        yield place
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        loop.close()
        listening.close()
