"""`disparo mcp`: an assistant on this machine works with the installation, over standard input and output."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.domain.principal import Principal, PrincipalKind, Role
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.log_lines import logging_to

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.entrypoints.mcp.calls import Caller

NOT_INSTALLED = "o servidor MCP não está instalado; instale-o com: pip install 'disparo[mcp]'"
_ACTOR = "mcp"
_NAME = "assistente neste computador"


def mcp(
    *,
    writes: Annotated[bool, Parameter(help="O assistente também muda dados; sem isto, só olha.")] = False,
    as_role: Annotated[
        Literal["viewer", "operator"] | None,
        Parameter(help="Papel do assistente; operator com --writes, senão viewer."),
    ] = None,
    session: GivenSession,
) -> int:
    """Speak the Model Context Protocol on standard input and output, until the other side ends it."""
    role = Role(as_role) if as_role else Role.OPERATOR if writes else Role.VIEWER
    if writes and role is Role.VIEWER:
        raise InputError("--writes: quem só olha (--as-role viewer) não muda nada; escreva --as-role operator")
    try:
        from disparo.entrypoints.mcp.calls import Caller
        from disparo.entrypoints.mcp.server import make_server  # noqa: F401
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise InputError(NOT_INSTALLED) from None
    caller = Caller(Principal(PrincipalKind.LOCAL, _ACTOR, _NAME, role), writes)
    with logging_to(session.out.stderr, as_json=session.logs_json), session.open() as app:
        asyncio.run(_serve(session, app, caller))
    return ExitCode.OK


async def _serve(session: Session, app: App, caller: Caller) -> None:
    from mcp.server.stdio import stdio_server

    from disparo.entrypoints.cli.serve import follow_settings
    from disparo.entrypoints.foreseeing import Foreseeing
    from disparo.entrypoints.mcp.server import make_server

    foreseeing = Foreseeing(app)
    server = make_server(app, lambda _: caller, foreseeing)
    try:
        # Whatever else is printed goes to standard error meanwhile.
        async with stdio_server() as (reading, writing):
            following = asyncio.create_task(follow_settings(session, app))
            try:
                await server.run(reading, writing, server.create_initialization_options())
            finally:
                following.cancel()
    finally:
        foreseeing.close()
        await app.close_channels()
