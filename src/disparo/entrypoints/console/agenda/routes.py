"""Every page of the agenda."""

from __future__ import annotations

from fastapi import APIRouter

from disparo.entrypoints.areas import include
from disparo.entrypoints.console.agenda import calendar, changes, hosts, meetings, new, rates, types, why
from disparo.entrypoints.console.shell import Console


def router(console: Console) -> APIRouter:
    """The routes of the area."""
    routes = APIRouter()
    for page in (calendar, new, meetings, changes, hosts, types, rates, why):
        include(routes, page.router(console))
    return routes
