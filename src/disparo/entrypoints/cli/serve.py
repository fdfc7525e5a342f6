"""`disparo serve`: the API, the providers' doors, the pages for contacts and a worker, in one process."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.cli.settings_watch import SettingsWatch
from disparo.entrypoints.cli.worker import LOOK_EVERY, loop_factory, work
from disparo.entrypoints.cli.worker_log import WorkerLog
from disparo.entrypoints.import_desk import tend
from disparo.entrypoints.log_lines import logging_to

if TYPE_CHECKING:
    import uvicorn

    from disparo.bootstrap import App


_NAME = f"{socket.gethostname()}-{os.getpid()}"
_BACKLOG = 2_048
QUIET_S = 1.0
"""After the start, before pages are made ready that nobody has asked for yet."""


def serve(
    *,
    host: Annotated[str, Parameter(help="Endereço em que atende; 127.0.0.1 é só esta máquina.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Porta.")] = 8080,
    no_send: Annotated[bool, Parameter(help="Só atende; quem envia é um worker à parte.")] = False,
    session: GivenSession,
) -> int:
    """Answer API, webhooks and unsubscribe links, and send, until stopped by Ctrl-C or SIGTERM."""
    log = logging_to(session.out.stderr, as_json=session.logs_json)
    with log, session.open(create=True) as app, asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_serve(session, app, host, port, send=not no_send))


async def _serve(session: Session, app: App, host: str, port: int, *, send: bool) -> int:
    listening = _listening(host, port)
    server = _server(app, captures_signals=not send)
    shown = f"[{host}]" if ":" in host else host
    session.out.note(f"atendendo em http://{shown}:{listening.getsockname()[1]} (avisos dos provedores: /webhooks/…)")
    await _greet_first_admin(session, app, f"http://{_reachable(host)}:{listening.getsockname()[1]}")
    answering = asyncio.create_task(server.serve([listening]))
    beside = [asyncio.create_task(tend(app)), asyncio.create_task(_prepare(server))]
    # Full collections need not look again through what is there for good: they were pauses of 50 ms for every request.
    gc.collect()
    gc.freeze()
    try:
        if send:
            return await work(session, app, _NAME, until_idle=False)
        return await _answer(session, app, answering)
    finally:
        server.should_exit = True
        for task in beside:
            task.cancel()
        await answering
        await asyncio.to_thread(_state_of(server).foreseeing.close)
        await app.catch_up()
        await app.close_channels()


async def _prepare(server: uvicorn.Server) -> None:
    """Make ready in a thread what the first look at each page would wait for: 0.1 to 0.2 s for its template and route.

    Somebody who is there at once goes first.
    """

    def prepare() -> None:
        for _ in _state_of(server).preparing():
            if server.should_exit:
                return

    await asyncio.sleep(QUIET_S)
    await asyncio.to_thread(prepare)
    gc.freeze()


async def _greet_first_admin(session: Session, app: App, home: str) -> None:
    """Where nobody has an account yet, say how to make the first: by a link that only this terminal shows."""
    from disparo.usecases.accounts.links import setup_link

    if await app.store.accounts.any():
        return
    path = await setup_link(app.locks, app.clock.now())
    session.out.note("ainda não há contas; crie a de quem administra (o link vale uma vez, por 24 horas):")
    session.out.note(f"  {(app.settings.public_url or home).rstrip('/')}{path}")


def _reachable(host: str) -> str:
    """A host as a browser on this machine reaches it."""
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nosec B104
    return f"[{named}]" if ":" in named else named


async def _answer(session: Session, app: App, answering: asyncio.Task[None]) -> int:
    """Only answer; also look at the alarms, as nobody else would tell that the worker beside it is gone."""
    from disparo.worker.alarm_loop import look_at_alarms

    looking = asyncio.create_task(look_at_alarms(app.alarm_watch(_NAME), app.clock))
    following = asyncio.create_task(follow_settings(session, app))
    try:
        await answering
    finally:
        looking.cancel()
        following.cancel()
    return ExitCode.OK


async def follow_settings(session: Session, app: App) -> None:
    """Where no worker does: take over what is written into the settings' files."""
    log = WorkerLog(session.out, as_json=session.logs_json, zone=session.zone)
    watch = SettingsWatch(session, app.own_routes, log, lambda: None, app.adopt)
    while True:
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        watch.look()


def _state_of(server: uvicorn.Server) -> Any:
    """What the application keeps for whoever runs it."""
    application: Any = server.config.app
    return application.state


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise InputError(f"--port {port}: escreva uma porta de 0 (qualquer uma livre) a 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # now, as it is said next that we answer: who is fast waits in the queue
    except OSError as error:
        listening.close()
        raise InputError(f"{host}:{port} não pode ser usado ({error.strerror}); escolha outra com --port") from None
    return listening


def _server(app: App, *, captures_signals: bool) -> uvicorn.Server:
    import uvicorn

    from disparo.entrypoints.http.app import create_app
    from disparo.entrypoints.http.identity import Identity
    from disparo.entrypoints.http.patient_protocol import PatientProtocol

    class Server(uvicorn.Server):
        """The worker beside it hears the signals, and gives back what it holds before this ends."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    api = create_app(app, Identity(app))
    config = uvicorn.Config(
        api,
        http=PatientProtocol,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=list(app.settings.trusted_proxies),
        timeout_graceful_shutdown=10,
        limit_concurrency=1_000,
    )
    server = (uvicorn.Server if captures_signals else Server)(config)
    api.state.stopping = lambda: server.should_exit  # what streams, and imports, end in good order
    return server
