"""`/webhooks/{provider}`: the doors through which providers call us."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Request, Response

from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.problems import ANSWERS


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["webhooks"], responses=ANSWERS)

    @routes.post("/webhooks/{provider}", status_code=204)
    async def receive(provider: Annotated[str, Path(max_length=50)], request: Request) -> Response:
        """Take receipts and replies, signed by their provider. The same ones again change nothing.

        204 says that they are written down; after any other answer the provider should call again.
        """
        callback = house.callbacks.get(provider)
        if callback is None:
            raise HTTPException(404)
        body, now = await request.body(), house.clock.now()
        told = callback.read(dict(request.headers), body, now)
        inbound = house.inbound()
        await inbound.take_receipts(told.receipts, now)
        for reply in told.replies:
            await inbound.take_reply(reply, now)
        return Response(status_code=204)

    return routes
