"""`/health`: whether this process can do its work."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from disparo import __version__
from disparo.entrypoints.http.installation import Installation, Report

PATIENCE_S = 3.0


class Health(BaseModel):
    """How we are."""

    status: Literal["ok", "failing"]
    store: Literal["ok", "unreachable"]
    version: str


def router(house: Installation, report: Report) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health", responses={503: {"model": Health, "description": "The data cannot be reached."}})
    async def health(response: Response) -> Health:
        """Whether the data can be reached within three seconds. Open to anybody; tells nothing else."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await house.store.ledger.revision()
        except Exception as error:  # whatever it is: that is the question
            report("store_unreachable", error)
            response.status_code = 503
            return Health(status="failing", store="unreachable", version=__version__)
        return Health(status="ok", store="ok", version=__version__)

    return routes
