"""`/mcp`: the Streamable HTTP transport, without sessions, each answer plain JSON; so it works in a function, too.

Who asks was found out by the gate. The SDK is imported with the first request.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http.body_limit import USUAL
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.problems import Kind, problem

if TYPE_CHECKING:
    from mcp.server import Server

    from disparo.entrypoints.mcp.calls import Caller

PATH = "/mcp"
_HERE = ("localhost", "127.0.0.1", "[::1]")
_MISSING = Kind(HTTPStatus.NOT_IMPLEMENTED, "not-installed", "It is not installed")
NOT_INSTALLED = "o servidor MCP não está instalado aqui; instale-o com: pip install 'disparo[mcp]'"


def router(house: Installation, foreseeing: Foreseeing | None = None) -> APIRouter:
    """The route; there is no stream to listen to, and no session to end, so that only POST is answered."""
    routes = APIRouter()
    servers: list[Server[Any]] = []

    async def answer(_: Request) -> Response:
        if not servers:
            try:
                from disparo.entrypoints.mcp.server import make_server
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
                    raise
                return problem(_MISSING, NOT_INSTALLED)
            servers.append(make_server(house, lambda context: _caller(house, context.request), foreseeing))
        return _Exchange(house, servers[0])

    routes.add_route(PATH, answer, methods=["POST"], name="mcp", include_in_schema=False)
    return routes


class _Exchange(Response):
    """One request and its answer: a manager of its own, as there is no lifespan in which one could live."""

    def __init__(self, house: Installation, server: Server[Any]) -> None:
        super().__init__()
        self._house, self._server = house, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
        from mcp.server.transport_security import TransportSecuritySettings

        hosts, origins = allowed(self._house.settings.public_url)
        manager = StreamableHTTPSessionManager(
            self._server,
            json_response=True,
            stateless=True,
            security_settings=TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins),
            max_request_body_size=USUAL,
        )
        async with manager.run():
            await manager.handle_request(scope, receive, send)


def allowed(public_url: str | None) -> tuple[list[str], list[str]]:
    """The hosts by which we are known, and the origins that may call: this machine, and the public address."""
    hosts = [*_HERE, *(f"{host}:*" for host in _HERE)]
    origins = [f"http://{host}" for host in hosts]
    if public_url:
        parts = urlsplit(public_url)
        hosts.append(parts.netloc)
        origins.append(f"{parts.scheme}://{parts.netloc}")
    return hosts, origins


def _caller(house: Installation, request: Any) -> Caller:
    from disparo.entrypoints.mcp.calls import Caller

    client = request.client
    return Caller(request.state.principal, house.settings.mcp_writes, client.host if client else "")
