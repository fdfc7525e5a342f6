"""Killing a process at each of its writes, before it and after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from disparo.simulation.memory_tables import MemoryTables

MOST_WRITES = 500


class KilledError(BaseException):
    """The process is dead; whatever of it still runs can write nothing."""


class Killer:
    """Lets so many moments pass (each write has one before and one after it), then kills at each that follows."""

    def __init__(self, moments: int) -> None:
        self.left = moments
        self.struck = False

    async def __call__(self, side: str, what: str) -> None:
        """The gate of a process's tables."""
        self.left -= 1
        if self.left < 0:
            self.struck = True
            raise KilledError(f"{side} {what}")


async def killed_everywhere(
    scene: Callable[[], Awaitable[MemoryTables]],
    act: Callable[[MemoryTables], Awaitable[object]],
    after: Callable[[MemoryTables], Awaitable[None]],
) -> int:
    """Make a scene for each moment of the act, kill it there, see what comes `after`; how many moments there were."""
    for moments in range(2 * MOST_WRITES):
        tables = await scene()
        killer = Killer(moments)
        try:
            await act(tables.sibling(killer))
        except KilledError:
            await after(tables)
        if not killer.struck:
            return moments
    raise AssertionError("the act never ends")
