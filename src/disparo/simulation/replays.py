"""I11 at the end of a world: everything that came back, and all that was asked, once more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from disparo.simulation.operator import Operator
from disparo.simulation.process import Process
from disparo.simulation.provider import Event

if TYPE_CHECKING:
    from disparo.simulation.world import World


async def replay_everything(world: World, operator: Operator) -> None:
    """I11: the same receipts, replies, starts and rows of files again change nothing at all."""
    process = Process(world, "replay")
    for event in world.events:  # what has not come yet comes now
        await _take_in(world, process, event)
    before = world.data.everything()
    for event in world.events:
        await _take_in(world, process, event)
    if world.violation is not None:
        return
    await operator.replay_orders()
    if world.agenda is not None:
        await world.agenda.replay(process)
    after = world.data.everything()
    process.close()
    for table, rows in before.items():
        if rows != after[table]:
            changed = [row for row in after[table] if row not in rows][:2]
            world.fail("I11", f"replays changed {table}: {changed}")


async def _take_in(world: World, process: Process, event: Event) -> None:
    """Let a process take something in, unless a broken invariant has stopped the world."""
    task = process.spawn(process.take(event))
    task.add_done_callback(lambda _: world.news())
    await world.until(task.done, timedelta(days=1))
    if task.done():
        task.result()
