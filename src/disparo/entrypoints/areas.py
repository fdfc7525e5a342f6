"""Routes that are looked through only for addresses that may be theirs.

The framework tries every route of every router for each request, and that of a router in a router again at each level:
with two hundred routes 0.7 ms, a fifth of what a page costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from os.path import commonpath
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import Match, compile_path
from starlette.types import Scope


class Area(APIRouter):
    """The routes of another router, for addresses that have in them what all of its addresses have in common."""

    def __init__(self, routes: APIRouter) -> None:
        super().__init__()
        include(self, routes)
        self._common = commonpath([path.partition("{")[0] for path in _paths(routes)])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Starlette's `BaseRoute.matches`."""
        if self._common not in scope["path"]:
            return Match.NONE, {}
        return super().matches(scope)


def include(parent: APIRouter | FastAPI, routes: APIRouter) -> None:
    """`parent.include_router(routes)` for routes whose paths are not empty.

    To see that, the framework makes ready every route for its new place, and each time anew: for three hundred routes
    at four levels most of a second of CPU, which was half of a function's cold start. So it is shown none.
    """
    kept, routes.routes = routes.routes, []
    try:
        parent.include_router(routes)
    finally:
        routes.routes = kept


def allowed(routes: FastAPI, address: str) -> list[str]:
    """Every method that an address takes (RFC 9110, section 10.2.1), where the framework names those of one route.

    `/messages/{id}` would also take `/messages/why`; what has an address of its own has that one's methods.
    """
    doors = [(path, methods) for pattern, path, methods in _doors(routes) if pattern.match(address)]
    found = [(len(_BLANK.sub("", path)), methods) for path, methods in doors]
    closest = max((told for told, _ in found), default=0)
    return sorted({method for told, methods in found if told == closest for method in methods})


_BLANK = re.compile(r"\{[^}]*\}")


@lru_cache(maxsize=2)  # of an application its routes never change, and a process has one
def _doors(routes: FastAPI) -> list[tuple[re.Pattern[str], str, frozenset[str]]]:
    return [(compile_path(one.path)[0], one.path, frozenset(one.methods or ())) for one in _inner(routes)]


def _paths(routes: APIRouter, prefix: str = "") -> Iterator[str]:
    """Every address of a router, as far as it knows it itself; read off the routers as they were written."""
    for route in routes.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield prefix + str(getattr(route, "path", ""))
        else:
            yield from _paths(inner, prefix + str(route.include_context.prefix))  # type: ignore[attr-defined]


def _inner(routes: APIRouter | FastAPI) -> Iterator[Any]:
    for route in routes.routes:
        yield from getattr(route, "effective_route_contexts", lambda route=route: [route])()
