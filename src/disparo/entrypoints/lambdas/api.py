"""The function `api`: the HTTP application behind API Gateway (HTTP API, payload 2.0, stage `$default`)."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any, cast

from mangum.handlers import HTTPGateway
from mangum.protocols import HTTPCycle
from mangum.types import ASGI, LambdaConfig, LambdaContext, Scope
from starlette.datastructures import Headers

from disparo.domain.errors import InputError
from disparo.entrypoints.console.refusals import PagesForProblems
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.http.problems import Kind, problem
from disparo.entrypoints.lambdas.caller import caller_of
from disparo.entrypoints.lambdas.gateway_answer import fits, gateway_answer, squeezed
from disparo.entrypoints.lambdas.runtime import (
    Context,
    Event,
    closing_channels,
    function,
    installed,
    log,
    warm_up,
)

_CONFIG = LambdaConfig(api_gateway_base_path="/", text_mime_types=[], exclude_headers=[])
_TOO_LONG = Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "answer-too-large", "The answer is too large")
_TOO_LONG_WORDS = (
    "a resposta passa dos 6 MB que uma função pode dar; peça menos de uma vez (um filtro, uma página menor), "
    "ou use o comando disparo em um computador que alcance as tabelas"
)


@cache
def application() -> ASGI:
    """This process's application."""
    return cast("ASGI", create_app(installed(), caller_of(installed()), log().fail))


async def answer(app: ASGI, event: Event, context: LambdaContext) -> dict[str, Any]:
    """One request through the application, in the gateway's form; InputError for an event that is none.

    Mangum's parts rather than its adapter, which would run an event loop of its own beside that of all functions.
    There is no lifespan: it would begin and end with each event.
    """
    if not HTTPGateway.infer(event, context, _CONFIG):
        raise InputError("api: o evento não é um pedido do API Gateway")
    gateway = HTTPGateway(event, context, _CONFIG)
    scope = gateway.scope  # each time it is asked for a new one
    told = await _through(app, scope, gateway.body)
    if not fits(told):
        told = squeezed(told, Headers(scope=scope).get("accept-encoding", ""))
    if fits(told):
        return told
    log().warn("answer_too_large", route=scope["path"])
    refusal = PagesForProblems(problem(_TOO_LONG, _TOO_LONG_WORDS), Console(installed()))
    return await _through(cast("ASGI", refusal), scope, b"")


async def _through(app: ASGI, scope: Scope, body: bytes) -> dict[str, Any]:
    cycle = HTTPCycle(scope, body)
    await cycle.run(app)
    # A refusal by another method than HEAD's own has a body; an answer to HEAD has none (RFC 9110, section 9.3.2).
    return gateway_answer(cycle.status, cycle.headers, b"" if scope["method"] == "HEAD" else cycle.body)


async def api(event: Event, context: Context) -> dict[str, Any]:
    """Answer one request; calendars may have been asked for it, and providers."""
    async with closing_channels(installed()):
        return await answer(application(), event, cast("LambdaContext", context))


warm_up(application)

handler = function(api)
