"""The way of every request through an emulator: delays, refusals, and connections that end at the worst moment."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from disparo.domain.policies.retry import FailureClass
from disparo.simulation.emulators.faults import BEFORE_TAKING, Fault, FaultKind, FaultOrders
from disparo.simulation.emulators.plan import Attempt, Plan
from disparo.simulation.emulators.wire import Emulated, Order, RefusedRequestError, Wire

if TYPE_CHECKING:
    from aiohttp import web


class Intake:
    """Answers requests by the plan, and by the faults that were ordered, which come first."""

    def __init__(self, plan: Plan, faults: FaultOrders) -> None:
        self._plan, self._faults = plan, faults
        self._attempts: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self.refused: Counter[tuple[str, int]] = Counter()
        """Requests outside the specification or a limit, by provider and status."""

    async def serve(self, provider: Emulated, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        came_s = asyncio.get_running_loop().time()
        if self._faults.unread(provider.name):
            return _dropped(request)
        try:
            order = provider.read(request, await request.read())
        except RefusedRequestError as refused:
            self.refused[provider.name, refused.wire.status] += 1
            return _response(refused.wire)
        if provider.at_once is not None and self._under_way[provider.name] >= provider.at_once:
            return _response(provider.refusal(FailureClass.THROTTLED, 0.0))
        fault = self._faults.of_request(provider.name, order.addresses)
        self._under_way[provider.name] += 1
        try:
            wire = await (
                self._serve(provider, order, came_s) if fault is None else self._serve_faulty(provider, order, fault)
            )
        finally:
            self._under_way[provider.name] -= 1
        return _dropped(request) if wire is None else _response(wire)

    async def _serve(self, provider: Emulated, order: Order, came_s: float) -> Wire | None:
        key = order.key
        self._attempts[key] += 1
        attempt = self._plan.attempt(key, order.letters[0].to, self._attempts[key])
        if attempt.failure is FailureClass.RECIPIENT and not provider.knows_recipients:
            attempt = replace(attempt, failure=None, taken=True)
        await _until(came_s + (attempt.latency_s / 2 if attempt.late else 0.0))
        wire = provider.take(order) if attempt.taken else None
        await _until(came_s + attempt.latency_s)
        return self._told(provider, attempt, wire)

    def _told(self, provider: Emulated, attempt: Attempt, wire: Wire | None) -> Wire | None:
        if attempt.silent:
            return None
        return wire if attempt.failure is None else provider.refusal(attempt.failure, attempt.chance)

    async def _serve_faulty(self, provider: Emulated, order: Order, fault: Fault) -> Wire | None:
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        wire = None if fault.kind in BEFORE_TAKING else provider.take(order)
        if fault.kind in (FaultKind.ERROR, FaultKind.ERROR_AFTER_TAKING):
            return provider.error(fault.code)
        return wire if fault.kind is FaultKind.SLOW else None


async def _until(at_s: float) -> None:
    """Return at this time of the loop: what our own work takes is a part of the latency and not on top of it."""
    left_s = at_s - asyncio.get_running_loop().time()
    if left_s > 0:
        await asyncio.sleep(left_s)


def _dropped(request: web.Request) -> web.StreamResponse:
    from aiohttp import web

    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # nobody reads it


def _response(wire: Wire) -> web.StreamResponse:
    from aiohttp import web

    return web.Response(status=wire.status, body=wire.body, headers=wire.headers)
