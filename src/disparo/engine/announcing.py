"""Announcing: what is kept for the endpoints of other programs is checked, signed and sent, until it has arrived."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from disparo.domain.errors import NotFoundError, RevisionError
from disparo.domain.receipt import Notice
from disparo.domain.webhook import GONE, Endpoint, EndpointState
from disparo.domain.webhook_delivery import Attempt, Delivery, excerpt_of
from disparo.engine.proving import Proving
from disparo.ports.events import Events
from disparo.ports.imports import Imports
from disparo.ports.sealing import SealError
from disparo.ports.store import Store
from disparo.ports.webhooks import DeliveryKey, Post, Posted, Signing, Webhooks

T = TypeVar("T")

AT_ONCE = 16
"""Deliveries to one endpoint side by side; one that failed last gets one at a time."""

HELD_FOR = timedelta(seconds=60)
"""How long a delivery is nobody else's: four times the longest request."""

PRUNE_EVERY = timedelta(hours=1)

TRIES = 3


@dataclass(frozen=True, slots=True)
class Outward:
    """What announcing needs of the world besides the store."""

    events: Events
    post: Post
    signing: Signing
    imports: Imports | None = None


class Announce:
    """Delivers what is due, to each endpoint on its own, so that a slow or sick one keeps no other waiting.

    Safe in several workers at once and to be killed anywhere: a delivery is one worker's until its time is over, and
    one that was sent and not written down is sent again, with the same id.
    """

    def __init__(self, store: Store, outward: Outward, chance: Callable[[], float]) -> None:
        self._store, self._outward, self._chance = store, outward, chance
        self._webhooks: Webhooks = store.webhooks
        self._proving = Proving(store, outward.imports)
        self._prune_at: datetime | None = None
        self.kept = outward.events.kept
        """Set when there may be something new to deliver."""

    async def run(self, now: datetime) -> datetime | None:
        """Deliver a batch to each endpoint; `now` when there may be more, else when the next one is due."""
        if self._prune_at is None or now >= self._prune_at:
            await self._webhooks.prune(now)
            self._prune_at = now + PRUNE_EVERY
        endpoints = [one for one in await self._webhooks.endpoints() if one.state is EndpointState.ENABLED]
        wishes = await _each(self._serve(one, now) for one in endpoints)
        return min((wish for wish in wishes if wish is not None), default=None)

    async def deliver_now(self, key: DeliveryKey, now: datetime) -> Delivery:
        """One attempt at a delivery that is due, whoever waits for it; as it stands after that. NotFoundError."""
        endpoint = await self._webhooks.endpoint(key[0])
        if (taken := await self._webhooks.take(key, now, now + HELD_FOR)) is not None:
            await self._deliver(endpoint, taken, now)
        return await self._webhooks.delivery(key)

    async def _serve(self, endpoint: Endpoint, now: datetime) -> datetime | None:
        if endpoint.rests_until is not None and now < endpoint.rests_until:
            due_at = await self._webhooks.next_due(endpoint.id)
            return None if due_at is None else max(due_at, endpoint.rests_until)
        most = 1 if endpoint.faults else AT_ONCE
        taken = await self._webhooks.claim(endpoint.id, now, now + HELD_FOR, most)
        if not taken:
            return await self._webhooks.next_due(endpoint.id)
        began_s = _elapsed_s()
        said = await _each(self._deliver(endpoint, one, now) for one in taken)
        ended_at = now + timedelta(seconds=_elapsed_s() - began_s)
        await self._note(endpoint, [one for one in said if one is not None], ended_at)
        return now

    async def _deliver(self, endpoint: Endpoint, claimed: Delivery, now: datetime) -> Posted | None:
        """Check it, send it and write down what came of it; None when nothing was sent."""
        one, began_s = claimed, _elapsed_s()
        if one.proof is not None:
            proven = await self._proving.look(one.proof)
            if proven is None:
                await self._wait_for_proof(one, now)
                return None
            one = one.proven(proven)
        body = one.body(await self._personal(endpoint, one))
        sent_at = now + timedelta(seconds=_elapsed_s() - began_s)
        posted = await self._send(endpoint, one, body, sent_at)
        attempt = Attempt(sent_at, posted.took, posted.status, posted.fault, excerpt_of(_said(posted)))
        asked = None if posted.retry_after is None else sent_at + posted.took + posted.retry_after
        await self._webhooks.finish(one.after(attempt, self._chance(), asked), _held(claimed))
        return posted

    async def _wait_for_proof(self, one: Delivery, now: datetime) -> None:
        later = one.postponed(now)
        if later is None:
            await self._webhooks.drop((one.endpoint_id, one.event_id))
        else:
            await self._webhooks.finish(later, _held(one))

    async def _send(self, endpoint: Endpoint, one: Delivery, body: bytes, now: datetime) -> Posted:
        try:
            headers = self._outward.signing.headers(endpoint, one.event_id, body, now)
        except SealError:
            return Posted(None, timedelta(0), "secret_unreadable")
        return await self._outward.post.post(endpoint.url, headers, body)

    async def _personal(self, endpoint: Endpoint, one: Delivery) -> Mapping[str, Any]:
        """What is known of the contact now, for endpoints that asked; nothing of who was erased."""
        if not endpoint.include_personal or one.contact_id is None:
            return {}
        try:
            contact = await self._store.contacts.get(one.contact_id)
        except NotFoundError:
            return {}
        return {"contact": {"name": contact.name, "phone": contact.phone, "email": contact.email}}

    async def _note(self, endpoint: Endpoint, posted: Sequence[Posted], now: datetime) -> None:
        """Let the endpoint rest or go on by what it answered."""
        if not posted:
            return
        for _ in range(TRIES):
            after = _after(endpoint, posted, now)
            if after == endpoint:
                return
            try:
                kept = await self._webhooks.replace(after)
            except RevisionError:
                endpoint = await self._webhooks.endpoint(endpoint.id)
                continue
            except NotFoundError:
                return
            if kept.state is EndpointState.DISABLED:
                await self._tell_operator(kept, now)
            return

    async def _tell_operator(self, endpoint: Endpoint, now: datetime) -> None:
        detail = json.dumps({"endpoint": endpoint.id, "reason": endpoint.disabled_reason})
        event = f"webhook:{endpoint.id}:{endpoint.revision}"
        await self._store.inbox.keep_notice(Notice("webhooks", event, "webhook_disabled", now, detail), now)
        logging.getLogger(__name__).error(
            "webhook_disabled", extra={"endpoint": endpoint.id, "reason": endpoint.disabled_reason}
        )


def _after(endpoint: Endpoint, posted: Sequence[Posted], now: datetime) -> Endpoint:
    if any(one.status == _GONE_STATUS for one in posted):
        return endpoint.disabled(GONE, now)
    if any(one.status is not None and 200 <= one.status < 300 for one in posted):
        return endpoint.succeeded() if endpoint.faults or endpoint.failing_since else endpoint
    asked = [one.retry_after for one in posted if one.retry_after is not None and one.status in _BUSY]
    return endpoint.failed(now, now + max(asked) if asked else None)


_GONE_STATUS = 410
_BUSY = (429, 503)


def _said(posted: Posted) -> bytes:
    return posted.answer if posted.status is not None else posted.detail.encode()


def _held(one: Delivery) -> datetime:
    assert one.due_at is not None  # it was claimed
    return one.due_at


async def _each(works: Iterable[Awaitable[T]]) -> list[T]:
    """Do all to their ends, and raise the first error then: nothing of it goes on behind our back."""
    ends = await asyncio.gather(*works, return_exceptions=True)
    done: list[T] = []
    for end in ends:
        if isinstance(end, BaseException):
            raise end
        done.append(end)
    return done


def _elapsed_s() -> float:
    return asyncio.get_running_loop().time()
