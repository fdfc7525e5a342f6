"""The schedule function: the tick, and the timed steps, each called once a minute by EventBridge Scheduler."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from disparo.adapters.aws.metrics import Metric, emit
from disparo.domain.errors import InputError, StoreError
from disparo.engine.agenda.figures import Figures
from disparo.entrypoints.lambdas.runtime import (
    Context,
    Event,
    closing_channels,
    function,
    installed,
    log,
    time_left,
    warm_up,
)
from disparo.usecases.imports import stalled
from disparo.worker.rounds import Rounded, Rounds
from disparo.worker.tick import Tick, Ticked

if TYPE_CHECKING:
    from disparo.bootstrap import App

MARGIN = timedelta(seconds=15)
"""Time to bring a batch that is under way to its end before the function is killed."""

_SHARE = 0.75
"""Of a short timeout the margin must not take everything."""


class StepsFailedError(Exception):
    """Some timed steps broke; the others were done, and all are tried again in a minute."""


async def schedule(event: Event, context: Context) -> dict[str, object]:
    """Do the task that the schedule names: `tick` or `steps`. InputError for any other.

    Both hold a role while they run, so a call that comes while one is still at work does nothing. Killed at any point
    they lose nothing, and late or left out they only delay.
    """
    task = event.get("task")
    if task == "tick":
        return await _tick(context)
    if task == "steps":
        return await _steps(context)
    raise InputError(f"schedule: task = {task!r} não existe; use tick ou steps")


async def _tick(context: Context) -> dict[str, object]:
    from disparo.bootstrap import pace_of
    from disparo.bootstrap.cloud import ticket_queue

    app = installed()
    queue, pace = ticket_queue(app.settings), pace_of(app.settings)
    tick = Tick(app.own_engine, queue, app.clock, holder=context.aws_request_id, pace=pace)
    done = await tick.run(_until(context))
    _tell_tick(done)
    if not done.idle:
        await _beside("beat", app.store.numbers.beat("tick", app.clock.now()))
    return {"tickets": sum(done.tickets.values()), "idle": done.idle}


def _tell_tick(done: Ticked) -> None:
    if done.idle:
        log().say("tick_idle")
        return
    log().say("ticked", tickets=sum(done.tickets.values()), depth=done.depth)
    emit({Metric.QUEUE_DEPTH: [done.depth]})
    routes = installed().own_engine.routes
    for sender, reason in done.limited.items():
        log().say("limit_reached", sender=sender, reason=reason)
        emit({Metric.RATE_LIMIT_HIT: [1]}, channel=routes[sender].sender.channel)


async def _steps(context: Context) -> dict[str, object]:
    app = installed()
    # Providers are asked about messages in doubt, calendars are written and read, other programs and people are told.
    async with closing_channels(app):
        done = await Rounds(app.own_engine, app.clock, holder=context.aws_request_id).run(_until(context))
        figures = app.agenda.figures.take()
        _tell_meetings(figures)
        if figures.counts:
            await _beside("counts", app.store.numbers.add(figures.counts, app.clock.now()))
        if not done.idle:
            await _wake_imports(app)
            # What workers count by the minute CloudWatch has here, and its own alarms with it.
            await app.alarm_watch(context.aws_request_id, counts=False).run(app.clock.now())
    _tell_steps(done)
    if done.broken:
        raise StepsFailedError
    return {"calls": sum(done.calls.values()), "idle": done.idle}


async def _beside(what: str, work: Awaitable[None]) -> None:
    """Do what people look at later; that it breaks is no fault of the work itself."""
    try:
        await work
    except StoreError as error:
        log().fail("not_written", error, what=what)


async def _wake_imports(app: App) -> None:
    """Have imports go on whose function died, or whose message was lost."""
    if app.arrivals is None:
        return
    for import_id in await stalled(app.imports, app.clock.now()):
        await app.arrivals.go_on(import_id)
        log().warn("import_woken", import_id=import_id)


def _tell_steps(done: Rounded) -> None:
    for step, error in done.broken.items():
        log().fail("step_failed", error, step=step)
    log().say("steps_done", idle=done.idle, unfinished=",".join(done.unfinished), **done.calls)


def _tell_meetings(figures: Figures) -> None:
    emit(
        {
            Metric.CONFIRMATION_RATE: [100.0 * one for one in figures.confirmed],
            Metric.NO_SHOW_RATE: [100.0 * one for one in figures.missed],
            Metric.CALENDAR_UNREADABLE: [float(figures.unreadable)] if figures.unreadable else [],
        }
    )


def _until(context: Context) -> datetime:
    left = time_left(context)
    return installed().clock.now() + max(left - MARGIN, left * _SHARE)


warm_up()

handler = function(schedule)
