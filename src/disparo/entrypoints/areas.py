"""The way from an address to its route, without trying every route that there is.

The framework tries every route of every router for each request, and that of a router in a router again at each level:
with three hundred routes 0.7 ms, a fifth of what a page costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from os.path import commonpath
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette._utils import get_route_path
from starlette.routing import Match, compile_path
from starlette.types import Receive, Scope, Send


class Area(APIRouter):
    """The routes of another router, for addresses that have in them what all of its addresses have in common."""

    def __init__(self, routes: APIRouter) -> None:
        super().__init__()
        include(self, routes)
        self.common = commonpath([path.partition("{")[0] for path in _paths(routes)])
        self.whole = not any(isinstance(one, Area) for one in _routers(routes))
        """Whether no other area is in it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Starlette's `BaseRoute.matches`."""
        if self.common not in scope["path"]:
            return Match.NONE, {}
        return super().matches(scope)


class Shortcut:
    """Around the framework's search: goes to the route that this would find, straight through the areas.

    What no route takes as it is (no such address, another method), the search itself sees to. An area's routes are made
    ready when the first request may be for them; none may be added later.
    """

    def __init__(self, routes: FastAPI) -> None:
        self._search, self._routes = routes.router.middleware_stack, routes
        self._areas: list[tuple[str, Any]] = []
        self._doors: dict[int, list[Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or (found := self.find(scope)) is None:
            await self._search(scope, receive, send)
            return
        door, seen = found
        scope.update(seen, router=self._routes.router, route=door.original_route)
        await door.app(scope, receive, send)

    def find(self, scope: Scope) -> tuple[Any, Scope] | None:
        """The route that takes a request, as the framework made it ready, and what its address says."""
        self._areas = self._areas or list(_areas(self._routes.routes))
        path = get_route_path(scope)
        for number, (common, _) in enumerate(self._areas):
            if not path.startswith(common):
                continue
            for door in self._doors_of(number):
                # None of what is no route of the API's, as /mcp: the search finds it.
                if door.path_regex is not None and door.path_regex.match(path) is not None:
                    match, seen = door.matches(scope)
                    if match is Match.FULL:
                        return door, seen
        return None

    def preparing(self) -> Iterator[None]:
        """Make every area ready that no request has asked for yet, one at each step; may run in a thread."""
        self._areas = self._areas or list(_areas(self._routes.routes))
        for number in range(len(self._areas)):
            yield None
            self._doors_of(number)

    def _doors_of(self, number: int) -> list[Any]:
        if number not in self._doors:
            self._doors[number] = list(self._areas[number][1].effective_route_contexts())
        return self._doors[number]


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


def _routers(routes: APIRouter) -> Iterator[APIRouter]:
    """A router, and every one in it."""
    yield routes
    for route in routes.routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            yield from _routers(inner)


def _areas(routes: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """The innermost areas in their order, each with what its whole addresses begin with."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if isinstance(inner, Area) and inner.whole:
            yield route.include_context.prefix + inner.common, route
        elif inner is not None:
            yield from _areas(route.effective_candidates())


def _inner(routes: APIRouter | FastAPI) -> Iterator[Any]:
    for route in routes.routes:
        yield from getattr(route, "effective_route_contexts", lambda route=route: [route])()
