"""The pages of campaigns: the list, writing one step by step, how one goes, and its people."""

from __future__ import annotations

from fastapi import APIRouter

from disparo.entrypoints.areas import include
from disparo.entrypoints.console.campaigns import actions, listing, people, progress, wizard
from disparo.entrypoints.console.shell import Console


def router(console: Console) -> APIRouter:
    """All of them; the wizard first, as its addresses look like a campaign's name."""
    routes = APIRouter()
    for part in (listing, wizard, actions, people, progress):
        include(routes, part.router(console))
    return routes
