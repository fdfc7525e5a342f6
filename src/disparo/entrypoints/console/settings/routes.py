"""All pages of the settings."""

from __future__ import annotations

from fastapi import APIRouter

from disparo.entrypoints.areas import include
from disparo.entrypoints.console.settings import audit, changing, hours, looking
from disparo.entrypoints.console.shell import Console


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    for part in (looking, changing, hours, audit):
        include(routes, part.router(console))
    return routes
