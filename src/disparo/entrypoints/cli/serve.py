"""`disparo serve`: the API, the providers' doors, the pages for contacts and a worker, in one process."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.cli.worker import loop_factory, work

if TYPE_CHECKING:
    import uvicorn

    from disparo.bootstrap import App


def serve(
    *,
    host: Annotated[str, Parameter(help="Endereço em que atende; 127.0.0.1 é só esta máquina.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Porta.")] = 8080,
    no_send: Annotated[bool, Parameter(help="Só atende; quem envia é um worker à parte.")] = False,
    session: GivenSession,
) -> int:
    """Answer API, webhooks and unsubscribe links, and send, until stopped by Ctrl-C or SIGTERM."""
    with session.open(create=True) as app, asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_serve(session, app, host, port, send=not no_send))


async def _serve(session: Session, app: App, host: str, port: int, *, send: bool) -> int:
    listening = _listening(host, port)
    server = _server(app, captures_signals=not send)
    shown = f"[{host}]" if ":" in host else host
    session.out.note(f"atendendo em http://{shown}:{listening.getsockname()[1]} (avisos dos provedores: /webhooks/…)")
    answering = asyncio.create_task(server.serve([listening]))
    try:
        if send:
            return await work(session, app, f"{socket.gethostname()}-{os.getpid()}", until_idle=False)
        await answering
        return ExitCode.OK
    finally:
        server.should_exit = True
        await answering
        await app.close_channels()


def _listening(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise InputError(f"--port {port}: escreva uma porta de 0 (qualquer uma livre) a 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise InputError(f"{host}:{port} não pode ser usado ({error.strerror}); escolha outra com --port") from None
    return listening


def _server(app: App, *, captures_signals: bool) -> uvicorn.Server:
    import uvicorn

    from disparo.entrypoints.http.app import create_app

    class Server(uvicorn.Server):
        """The worker beside it hears the signals, and gives back what it holds before this ends."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        create_app(app),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=10,
        limit_concurrency=1_000,
    )
    return (uvicorn.Server if captures_signals else Server)(config)
