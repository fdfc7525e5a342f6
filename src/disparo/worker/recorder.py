"""Writing outcomes down together, so that those that come at the same time share one call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Dispatch
from disparo.ports.clock import Clock

LINGER = timedelta(milliseconds=250)
"""How long the first outcome waits for others. Counters are written once for each call, and a batch's messages mostly
end within a provider's usual answering time; more would be waiting that is paid for."""


class Recorder:
    """Records settlements in groups. One that cannot be recorded fails alone: the rest of its group is recorded."""

    def __init__(self, dispatch: Dispatch, clock: Clock) -> None:
        self._dispatch, self._clock = dispatch, clock
        self._waiting: list[tuple[Settlement, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._never = asyncio.Event()

    async def record(self, one: Settlement) -> None:
        """Return once this is durable; raises what recording it raised."""
        recorded: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((one, recorded))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await recorded

    async def _write(self) -> None:
        while self._waiting:
            await self._clock.wait(self._never, self._clock.now() + LINGER)
            group, self._waiting = self._waiting, []
            await self._write_group(group)
        self._writing = None

    async def _write_group(self, group: Sequence[tuple[Settlement, asyncio.Future[None]]]) -> None:
        try:
            await self._dispatch.record([one for one, _ in group], self._clock.now())
        except Exception as error:  # it belongs to whoever waits for it
            if len(group) == 1:
                _tell(group[0][1], error)
                return
            # What was recorded before it broke is recorded again, which changes nothing: it carries its fence.
            for single in group:
                await self._write_group([single])
        else:
            for _, recorded in group:
                _tell(recorded, None)


def _tell(recorded: asyncio.Future[None], error: Exception | None) -> None:
    if recorded.done():  # whoever waited was cancelled
        return
    if error is None:
        recorded.set_result(None)
    else:
        recorded.set_exception(error)
