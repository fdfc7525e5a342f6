"""`/webhooks/{provider}`: the doors through which providers call us."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response
from starlette.requests import ClientDisconnect

from disparo.domain.errors import InputError
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.problems import ANSWERS
from disparo.entrypoints.http.turnstile import Turnstile
from disparo.ports.callback import Call, Callback, Told, UnreadableCallError

MOST_WAITING = 500
"""Calls that may wait for their turn; a provider repeats what it could not deliver."""

MOST_READ = 200
"""Calls whose bodies are read at once: anybody can begin one, and a body has up to 3 MB."""

READ_FOR_S = 10.0
"""How long a body may take to come; a provider's are here at once."""

Provider = Annotated[str, Path(max_length=50)]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["webhooks"], responses=ANSWERS)
    # What is sent shares this process: a flood of calls gets a few turns at a time, not the whole of it.
    turnstile = Turnstile(house.settings.webhook_concurrency, MOST_WAITING)
    reading = Turnstile(MOST_READ, MOST_WAITING)

    @routes.get("/webhooks/{provider}")
    async def greet(provider: Provider, request: Request) -> Response:
        """Answer the question by which a provider makes sure that the door is ours (WhatsApp's `hub.challenge`)."""
        text = await _door(house, provider).greet(_call(house, request, b""))
        return Response(text, media_type="text/plain", headers={"x-content-type-options": "nosniff"})

    @routes.post("/webhooks/{provider}", status_code=204)
    async def receive(provider: Provider, request: Request) -> Response:
        """Take receipts, replies and notices, signed by their provider. The same ones again change nothing.

        204 says that they are written down; after any other answer the provider should call again.
        """
        callback = _door(house, provider)
        async with reading.passed():
            body = await _body(request)
        async with turnstile.passed():
            now = house.clock.now()
            told = await _read(callback, _call(house, request, body), now)
            await house.inbound().take(told, now)
        return Response(status_code=204)

    return routes


async def _body(request: Request) -> bytes:
    try:
        return await asyncio.wait_for(request.body(), READ_FOR_S)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:  # nobody is there to be answered, and nothing of ours went wrong
        raise HTTPException(400) from None


async def _read(callback: Callback, call: Call, now: datetime) -> Told:
    try:
        return await callback.read(call, now)
    except InputError as error:
        raise UnreadableCallError(str(error)) from None


def _door(house: Installation, provider: str) -> Callback:
    callback = house.callbacks.get(provider)
    if callback is None:
        raise HTTPException(404)
    return callback


def _call(house: Installation, request: Request, body: bytes) -> Call:
    """The call as the provider made it: its signature may cover the address, which a proxy has changed on the way."""
    url = str(request.url)
    if house.settings.public_url is not None:
        raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        query = request.scope["query_string"].decode("latin-1")
        path = raw_path.decode("latin-1").partition("?")[0]
        url = f"{house.settings.public_url}{path}{'?' if query else ''}{query}"
    return Call(url, dict(request.headers), body)
