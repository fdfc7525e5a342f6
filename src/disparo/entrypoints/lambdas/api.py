"""The function `api`: the HTTP application behind API Gateway (HTTP API, payload 2.0, stage `$default`)."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from mangum.handlers import HTTPGateway
from mangum.protocols import HTTPCycle
from mangum.types import ASGI, LambdaConfig, LambdaContext

from disparo.domain.errors import InputError
from disparo.entrypoints.http.app import create_app
from disparo.entrypoints.lambdas.caller import caller_of
from disparo.entrypoints.lambdas.runtime import (
    Context,
    Event,
    closing_channels,
    function,
    installed,
    log,
    warm_up,
)

_CONFIG = LambdaConfig(
    api_gateway_base_path="/",
    text_mime_types=["text/", "application/json", "application/problem+json"],
    exclude_headers=[],
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
    cycle = HTTPCycle(gateway.scope, gateway.body)
    await cycle.run(app)
    return gateway({"status": cycle.status, "headers": cycle.headers, "body": cycle.body})


async def api(event: Event, context: Context) -> dict[str, Any]:
    """Answer one request; calendars may have been asked for it, and providers."""
    async with closing_channels(installed()):
        return await answer(application(), event, cast("LambdaContext", context))


warm_up(application)

handler = function(api)
