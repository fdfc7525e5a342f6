"""Writes down who did what, before whoever did it is told that it is done."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from disparo.domain.audit import AuditEntry, clipped
from disparo.domain.masking import masked
from disparo.domain.principal import Principal
from disparo.entrypoints.http.access import is_looking
from disparo.entrypoints.http.installation import Installation
from disparo.ports.audit import CatchesUp

_AREAS = ("/api/v1/", "/console/")


class AuditTrail:
    """Around the routes: every request that may change something, and was neither wrong nor in vain, leaves an entry.

    Also looks at what only an admin may see: a person's export, the audit itself. The entry is written before the
    answer begins, so that nobody is told of what nobody can find; a process that dies between the act and the answer
    leaves none. Where the store does not take it, it waits, and is written with a later request: what was done is
    answered as done. A handler may put ids and codes that tell more into `request.state.audit`.
    """

    def __init__(self, app: ASGIApp, house: Installation) -> None:
        self._app, self._house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http" or not scope["path"].startswith(_AREAS):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def written(message: Message) -> None:
            if message["type"] == "http.response.start" and (entry := self._entry(scope, message)) is not None:
                await self._house.store.audit.append(entry)
            await send(message)

        await self._app(scope, receive, written)
        if isinstance(audit := self._house.store.audit, CatchesUp):
            await audit.catch_up(self._house.clock.now())

    def _entry(self, scope: Scope, start: Message) -> AuditEntry | None:
        route = scope.get("route")
        status = start["status"]
        told: dict[str, Any] | None = scope["state"].get("audit")
        if route is None or status >= HTTPStatus.BAD_REQUEST or (is_looking(scope["method"]) and told is None):
            return None
        principal: Principal | None = scope["state"].get("principal")
        if principal is None:  # whoever signs in is told of by what signs them in
            return None
        client = scope.get("client")
        return AuditEntry(
            self._house.clock.now(),
            principal.actor,
            principal.name,
            route.name,
            # The key of somebody unknown is an address.
            masked(" ".join(f"{name}={value}" for name, value in scope.get("path_params", {}).items())),
            detail=clipped(told or {}),
            address=client[0] if client else "",
        )
