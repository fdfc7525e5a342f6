"""The pages of dead letters: which there are and why, one of them, and sending them again."""

from __future__ import annotations

from fastapi import APIRouter

from disparo.entrypoints.areas import include
from disparo.entrypoints.console.dead_letters import listing, looking, queue, redriving
from disparo.entrypoints.console.shell import Console


def router(console: Console) -> APIRouter:
    """All of them; one letter last, as its address is anything."""
    routes = APIRouter()
    for part in (listing, redriving, queue, looking):
        include(routes, part.router(console))
    return routes
