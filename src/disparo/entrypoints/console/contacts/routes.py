"""Every page of the contacts."""

from __future__ import annotations

from fastapi import APIRouter

from disparo.entrypoints.areas import include
from disparo.entrypoints.console.contacts import editing, erasing, importing, lists, person, suppressing
from disparo.entrypoints.console.shell import Console


def router(console: Console) -> APIRouter:
    """The routes of the area; those with a contact's id come last, as anything may be one."""
    routes = APIRouter()
    for page in (lists, importing, suppressing, editing, erasing, person):
        include(routes, page.router(console))
    return routes
