"""What people do with the endpoints that other programs are told at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disparo.domain.errors import InputError, RevisionError
from disparo.domain.webhook import BY_HAND, Endpoint, EndpointState, Event, EventType
from disparo.domain.webhook_delivery import Delivery, DeliveryState
from disparo.ports.sealing import Sealer
from disparo.ports.webhooks import DeliveryKey, Post, Webhooks

MOST_ENDPOINTS = 50
LONGEST_DESCRIPTION = 200
MOST_SENT_AGAIN = 500
"""Deliveries that one order sends again."""

_LOOKED_AT = 5_000


@dataclass(frozen=True, slots=True)
class WebhookDesk:
    """What endpoints are kept with; `draw` gives a new secret, `seal_name` for what it is sealed.

    `changed` has this process look at the endpoints anew, `deliver` makes one attempt at a delivery at once.
    """

    webhooks: Webhooks
    sealer: Callable[[], Sealer]
    post: Post
    draw: Callable[[], str]
    new_id: Callable[[], str]
    seal_name: Callable[[str], str]
    changed: Callable[[], None]
    deliver: Callable[[DeliveryKey, datetime], Awaitable[Delivery]]


@dataclass(frozen=True, slots=True)
class EndpointOrder:
    """What a person wants of an endpoint; no `types` are all."""

    url: str
    types: frozenset[EventType] = frozenset()
    include_personal: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class EndpointChange:
    """What a person wants changed; None stays as it is."""

    url: str | None = None
    types: frozenset[EventType] | None = None
    include_personal: bool | None = None
    description: str | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class WithSecret:
    """An endpoint and its new secret, which is told only now."""

    endpoint: Endpoint
    secret: str


async def add(desk: WebhookDesk, order: EndpointOrder, now: datetime) -> WithSecret:
    """Keep a new endpoint; InputError for an address to which nothing is ever sent, and when there are too many."""
    await _check(desk, order.url, order.description)
    if len(await desk.webhooks.endpoints()) >= MOST_ENDPOINTS:
        raise InputError(f"já há {MOST_ENDPOINTS} endpoints; remova os que não usa mais")
    endpoint_id, secret = desk.new_id(), desk.draw()
    kept = await desk.webhooks.add(
        Endpoint(
            endpoint_id,
            order.url,
            desk.sealer().seal(secret, desk.seal_name(endpoint_id)),
            now,
            order.types,
            order.include_personal,
            order.description.strip(),
        )
    )
    desk.changed()
    return WithSecret(kept, secret)


async def change(
    desk: WebhookDesk, endpoint_id: str, wanted: EndpointChange, now: datetime, *, revision: int | None = None
) -> Endpoint:
    """Change an endpoint; RevisionError when it is not at the revision that was asked for any more."""
    endpoint = await desk.webhooks.endpoint(endpoint_id)
    if revision is not None and revision != endpoint.revision:
        raise RevisionError(f"o endpoint {endpoint_id} mudou desde que foi lido; leia-o de novo")
    changed = replace(
        endpoint,
        url=endpoint.url if wanted.url is None else wanted.url,
        types=endpoint.types if wanted.types is None else wanted.types,
        include_personal=endpoint.include_personal if wanted.include_personal is None else wanted.include_personal,
        description=endpoint.description if wanted.description is None else wanted.description.strip(),
    )
    await _check(desk, changed.url, changed.description)
    if wanted.enabled is not None and wanted.enabled is not (endpoint.state is EndpointState.ENABLED):
        changed = changed.enabled() if wanted.enabled else changed.disabled(BY_HAND, now)
    kept = endpoint if changed == endpoint else await desk.webhooks.replace(changed)
    desk.changed()
    return kept


async def rotate(desk: WebhookDesk, endpoint_id: str, now: datetime) -> WithSecret:
    """Give an endpoint a new secret; for 24 hours deliveries are signed with the one before, too."""
    endpoint, secret = await desk.webhooks.endpoint(endpoint_id), desk.draw()
    sealed = desk.sealer().seal(secret, desk.seal_name(endpoint_id))
    kept = await desk.webhooks.replace(endpoint.rotated(sealed, now))
    desk.changed()
    return WithSecret(kept, secret)


async def remove(desk: WebhookDesk, endpoint_id: str) -> None:
    """Forget an endpoint and its deliveries; NotFoundError."""
    await desk.webhooks.remove(endpoint_id)
    desk.changed()


async def test(desk: WebhookDesk, endpoint_id: str, now: datetime) -> Delivery:
    """Send an endpoint an event that tells of nothing, at once and whatever its state; what came of it."""
    endpoint = await desk.webhooks.endpoint(endpoint_id)
    event = Event.of(
        EventType.WEBHOOK_TESTED, now, {"endpoint_id": endpoint.id}, key=(endpoint.id, now.isoformat(), desk.new_id())
    )
    await desk.webhooks.put([Delivery.of(event, endpoint.id, False, now)])
    return await desk.deliver((endpoint.id, event.id), now)


async def send_again(desk: WebhookDesk, key: DeliveryKey, now: datetime) -> Delivery:
    """Send a delivery once more at once, whatever became of it; what came of it. NotFoundError."""
    await desk.webhooks.send_again(key, now)
    return await desk.deliver(key, now)


async def send_failed_again(desk: WebhookDesk, endpoint_id: str, now: datetime) -> int:
    """Make the latest failed deliveries of an endpoint due again; how many."""
    await desk.webhooks.endpoint(endpoint_id)
    after, looked_at, sent = None, 0, 0
    while looked_at < _LOOKED_AT and sent < MOST_SENT_AGAIN:
        found = await desk.webhooks.page(endpoint_id, after, 200)
        failed = [one for one in found if one.state is DeliveryState.FAILED][: MOST_SENT_AGAIN - sent]
        for one in failed:
            await desk.webhooks.send_again((one.endpoint_id, one.event_id), now)
        looked_at, sent = looked_at + len(found), sent + len(failed)
        if len(found) < 200:
            break
        after = found[-1].cursor
    return sent


def parse_types(names: Sequence[str]) -> frozenset[EventType]:
    """Types by their names; `message.*` are all of a kind. InputError names what there is."""
    known = [one for one in EventType if one is not EventType.WEBHOOK_TESTED]
    found: set[EventType] = set()
    for name in names:
        fitting = {one for one in known if one == name or (name.endswith(".*") and one.startswith(name[:-1]))}
        if not fitting:
            raise InputError(f"{name!r} não é um tipo de evento; há: {', '.join(known)}")
        found |= fitting
    return frozenset(found)


async def _check(desk: WebhookDesk, url: str, description: str) -> None:
    if (why := await desk.post.refusal(url)) is not None:
        raise InputError(f"url: {why}")
    if len(description) > LONGEST_DESCRIPTION or not description.isprintable():
        raise InputError(f"description: escreva até {LONGEST_DESCRIPTION} caracteres, numa linha")
