"""`disparo worker`: the loop that sends, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.cli.settings_watch import SettingsWatch
from disparo.entrypoints.cli.worker_log import WorkerLog
from disparo.entrypoints.log_lines import logging_to
from disparo.usecases.work_left import is_work_left

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.worker import Worker

LOOK_EVERY = timedelta(seconds=2)
SUMMARY_EVERY = timedelta(minutes=1)


def worker(
    *,
    name: Annotated[str | None, Parameter(help="Nome deste worker (sem ele: máquina e processo).")] = None,
    until_idle: Annotated[bool, Parameter(help="Termina sozinho quando nada mais há para enviar por agora.")] = False,
    session: GivenSession,
) -> int:
    """Send what there is to send, until stopped: the first signal ends in good order, the second at once."""
    log = logging_to(session.out.stderr, as_json=session.logs_json)
    with log, session.open(create=True) as app, asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(work(session, app, name or f"{socket.gethostname()}-{os.getpid()}", until_idle))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed (the extra `speed`)."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def work(session: Session, app: App, name: str, until_idle: bool) -> int:
    """Run a worker until it is stopped; the exit code."""
    from disparo.worker import collect_less_often

    # The same routes as those of whatever else this process does, so that a new limit holds for all of it.
    routes = app.own_routes
    working = app.worker(name, routes)
    collect_less_often()
    log = WorkerLog(session.out, as_json=session.logs_json, zone=session.zone)
    watch = SettingsWatch(session, routes, log, working.nudge, app.adopt)
    running = asyncio.create_task(working.run())
    _stop_on_signals(working, running, log)
    log.say("worker_started", worker=name, data=str(app.settings.data), live=app.settings.live)
    looking = asyncio.create_task(_look_around(app, working, watch, log, until_idle))
    try:
        await running
    except asyncio.CancelledError:
        log.say("worker_ended_at_once", worker=name)
        return ExitCode.INTERRUPTED
    finally:
        looking.cancel()
    log.say("worker_stopped", worker=name)
    if looking.done() and not looking.cancelled():
        looking.result()  # what went wrong while looking around is not lost
    return ExitCode.OK


def _stop_on_signals(working: Worker, running: asyncio.Task[None], log: WorkerLog) -> None:
    asked = False

    def stop(name: str) -> None:
        nonlocal asked
        if asked:
            running.cancel()
            return
        asked = True
        log.say("worker_stopping", signal=name)
        working.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop, number.name)
        except NotImplementedError:  # Windows: Ctrl-C ends the program at once there
            return


async def _look_around(app: App, working: Worker, watch: SettingsWatch, log: WorkerLog, until_idle: bool) -> None:
    """Every now and then: new settings, campaigns that came or ended, a summary, and whether there is work left."""
    next_summary = app.clock.elapsed() + SUMMARY_EVERY
    try:
        while True:
            live = await app.store.campaigns.live()
            await log.note_campaigns(app.store, live)
            if until_idle and not await is_work_left(app.store, live, app.clock.now()):
                log.say("worker_idle")
                return
            if app.clock.elapsed() >= next_summary:
                next_summary += SUMMARY_EVERY
                await log.summarise(app.store, live)
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            watch.look()
    finally:
        working.stop()
