"""A forecast in a process of its own, which gives way to everything else and ends with this one.

A thread would take the sender's turns away. The process comes behind others for the processor, and at the very end once
it takes long; it may take a part of the memory only, and is the first to go when the machine has none left.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from disparo.domain.errors import DisparoError, InputError, StoreError
from disparo.entrypoints.forecast_orders import AT_ONCE_S, Order, Standing, TooLongError, at_the_terminal, play
from disparo.entrypoints.time_left import TimeLeft
from disparo.settings import Settings

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast
    from disparo.simulation.progress import Progress

Tell = Callable[[Standing], None]

_WAITED_FOR, _LATER = 10, 9
"""How far it gives way while somebody may wait for it, and how much farther then: the lowest priority that there is."""
_TELL_EVERY_S = 0.5
_LOOK_EVERY_S = 0.1
_MEGABYTE = 1024 * 1024
_MOST_MEMORY, _LEAST_MEMORY = 4096 * _MEGABYTE, 512 * _MEGABYTE


class StoppedError(DisparoError):
    """Nobody wants this forecast any more."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What a process answers; an error of ours by its class and its words."""

    forecast: Forecast | None = None
    error: type[DisparoError] | None = None
    words: str = ""
    too_long: bool = False


def play_beside(settings: Settings, order: Order, tell: Tell, stop: threading.Event) -> Forecast:
    """Play in another process, which is ended when its time is over or `stop` is set. Blocks.

    TooLongError; StoppedError; InputError for what cannot be foreseen or needs more memory than there is.
    """
    here, there = get_context("spawn").Pipe()
    child = get_context("spawn").Process(target=_answer, args=(there, settings, order), daemon=True)
    child.start()
    there.close()
    try:
        result = _awaited(here, order, tell, stop)
    except (EOFError, ConnectionError):
        raise StoreError("a previsão parou no meio; tente de novo") from None
    finally:
        child.kill()
        child.join()
        here.close()
    if result.forecast is not None:
        return result.forecast
    if result.too_long:
        raise TooLongError(order)
    raise (result.error or StoreError)(result.words)


def _awaited(here: Connection, order: Order, tell: Tell, stop: threading.Event) -> _Result:
    over = time.monotonic() + order.limit_s
    while not stop.is_set():
        if time.monotonic() > over:
            raise TooLongError(order)
        if here.poll(_LOOK_EVERY_S):
            heard = here.recv()
            if isinstance(heard, _Result):
                return heard
            tell(heard)
    raise StoppedError("a previsão foi cancelada")


def _answer(there: Connection, settings: Settings, order: Order) -> None:
    """What the other process does."""
    _give_way()
    # Who reads it is gone: killed, maybe. Nothing else would tell this process.
    threading.Thread(target=_end_with_reader, args=(there,), daemon=True).start()
    there.send(_played(settings, order, _Telling(there)))


def _played(settings: Settings, order: Order, telling: _Telling) -> _Result:
    from disparo.bootstrap import open_app

    most = _bound_memory()
    try:
        app = open_app(settings)
        try:
            return _Result(play(app.store, settings, order, telling))
        finally:
            app.close()
    except TooLongError:
        return _Result(too_long=True)
    except DisparoError as error:
        plain = type(error) if type(error).__init__ is Exception.__init__ else InputError
        return _Result(error=plain, words=str(error))
    except Exception as error:
        if not isinstance(error, MemoryError) and type(error).__name__ != "NoMemError":  # SQLite's own
            raise
    room = f"{most // _MEGABYTE} MB"
    return _Result(
        error=InputError, words=f"a previsão não cabe em {room} de memória; {at_the_terminal(order.campaign)}"
    )


class _Telling:
    """Tells how far it is, twice a second at most; gives way still more once nobody waits for the answer any more."""

    def __init__(self, there: Connection) -> None:
        self._there, self._left, self._told = there, TimeLeft(time.monotonic), 0.0
        self._waited_for_until: float | None = time.monotonic() + AT_ONCE_S

    def __call__(self, progress: Progress) -> None:
        left = self._left.at(progress.share)
        if (now := time.monotonic()) - self._told < _TELL_EVERY_S:
            return
        if self._waited_for_until is not None and now > self._waited_for_until:
            self._waited_for_until = None
            _nice(_LATER)
        self._told = now
        self._there.send(Standing(*progress, progress.share, None if left is None else _rounded(left)))


def _rounded(left: timedelta) -> timedelta:
    return timedelta(seconds=round(left.total_seconds()))


def _end_with_reader(there: Connection) -> None:
    with suppress(EOFError, OSError):
        there.recv()
    os._exit(1)


def _give_way() -> None:
    """Come behind everybody else, and leave Ctrl-C to the process that began this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _nice(_WAITED_FOR)
    with suppress(OSError):  # Linux alone has it
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _nice(by: int) -> None:
    with suppress(OSError, AttributeError):
        os.nice(by)


def _bound_memory() -> int:
    """Take no more than half of the machine's memory, and 4 GB at most; the bytes that may be taken."""
    most = max(_LEAST_MEMORY, min(_MOST_MEMORY, _memory() // 2))
    if sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            _, hard = resource.getrlimit(resource.RLIMIT_DATA)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    return most


def _memory() -> int:
    """The bytes of memory that there are: the machine's, or those that its container may have."""
    found = [_MOST_MEMORY * 2]
    with suppress(OSError, AttributeError, ValueError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with suppress(OSError, ValueError):
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(found)
