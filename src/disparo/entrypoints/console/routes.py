"""Every area of the console; each adds its line."""

from __future__ import annotations

from types import ModuleType

from fastapi import APIRouter

from disparo.entrypoints.areas import Area, include
from disparo.entrypoints.console import campaigns, dead_letters, inbox, library, static_files, today, webhooks
from disparo.entrypoints.console.agenda import routes as agenda
from disparo.entrypoints.console.contacts import routes as contacts
from disparo.entrypoints.console.settings import routes as settings
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.sign_in import routes as sign_in

AREAS: tuple[ModuleType, ...] = (
    *(today, agenda, campaigns, contacts, library, inbox, dead_letters),
    *(settings, sign_in, webhooks),
)
"""The modules of the areas, each with `router(console) -> APIRouter` whose paths begin with `/console`."""


def router(console: Console) -> APIRouter:
    """All routes of the console; none is part of the API's document."""
    routes = APIRouter(include_in_schema=False)
    include(routes, Area(static_files.router()))
    for area in AREAS:
        include(routes, Area(area.router(console)))
    return routes
