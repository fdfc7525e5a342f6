"""`/api/v1/webhooks`: endpoints of other programs that are told what happens. For admins.

The doors at which providers call us are another thing: `webhooks.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from disparo.domain.webhook import EventType
from disparo.domain.webhook_examples import EXAMPLES
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.http.revisions import IfMatch, asked_revision, etag
from disparo.entrypoints.http.webhook_models import (
    DeliveryOut,
    EndpointChangeIn,
    EndpointId,
    EndpointIn,
    EndpointOut,
    EndpointWithSecretOut,
    EventId,
    EventTypeOut,
    SentAgainOut,
)
from disparo.usecases import webhooks as usecase
from disparo.usecases.webhooks import EndpointChange, EndpointOrder, WithSecret, parse_types


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/webhooks", tags=["webhooks"])
    _endpoints(routes, house)
    _deliveries(routes, house)
    return routes


def _endpoints(routes: APIRouter, house: Installation) -> None:
    @routes.get("", name="webhooks.list")
    async def list_() -> Sequence[EndpointOut]:
        """Every endpoint; they are few, so all come at once."""
        return [EndpointOut.of(one) for one in await house.hooks.webhooks.endpoints()]

    @routes.get("/event-types", name="webhooks.event_types")
    async def event_types() -> Sequence[EventTypeOut]:
        """The types of events that there are, each with an example."""
        return [EventTypeOut(type=one, example=EXAMPLES[one]) for one in EventType]

    @routes.post("", name="webhooks.add", status_code=201)
    async def add(wanted: EndpointIn, request: Request) -> EndpointWithSecretOut:
        """A new endpoint; its secret is shown only now."""
        order = EndpointOrder(wanted.url, parse_types(wanted.types), wanted.include_personal, wanted.description)
        return _with_secret(await usecase.add(house.hooks, order, house.clock.now()), request)

    @routes.get("/{endpoint_id}", name="webhooks.show")
    async def show(endpoint_id: EndpointId, response: Response) -> EndpointOut:
        """One endpoint."""
        endpoint = await house.hooks.webhooks.endpoint(endpoint_id)
        response.headers["ETag"] = etag(endpoint.revision)
        return EndpointOut.of(endpoint)

    @routes.patch("/{endpoint_id}", name="webhooks.change")
    async def change(
        endpoint_id: EndpointId, wanted: EndpointChangeIn, response: Response, if_match: IfMatch = None
    ) -> EndpointOut:
        """Change an endpoint, or enable one that was disabled: what waited for it goes on."""
        changes = EndpointChange(
            wanted.url,
            None if wanted.types is None else parse_types(wanted.types),
            wanted.include_personal,
            wanted.description,
            wanted.enabled,
        )
        revision = asked_revision(if_match)
        endpoint = await usecase.change(house.hooks, endpoint_id, changes, house.clock.now(), revision=revision)
        response.headers["ETag"] = etag(endpoint.revision)
        return EndpointOut.of(endpoint)

    @routes.delete("/{endpoint_id}", name="webhooks.remove", status_code=204)
    async def remove(endpoint_id: EndpointId) -> None:
        """Forget an endpoint and everything that was for it."""
        await usecase.remove(house.hooks, endpoint_id)

    @routes.post("/{endpoint_id}/rotate", name="webhooks.rotate")
    async def rotate(endpoint_id: EndpointId, request: Request) -> EndpointWithSecretOut:
        """A new secret; for 24 hours deliveries are signed with the one before, too."""
        return _with_secret(await usecase.rotate(house.hooks, endpoint_id, house.clock.now()), request)

    @routes.post("/{endpoint_id}/test", name="webhooks.test")
    async def test(endpoint_id: EndpointId) -> DeliveryOut:
        """Send it an event that tells of nothing, now; what came of it."""
        return DeliveryOut.of(await usecase.test(house.hooks, endpoint_id, house.clock.now()))


def _deliveries(routes: APIRouter, house: Installation) -> None:
    @routes.get("/{endpoint_id}/deliveries", name="webhooks.deliveries")
    async def deliveries(endpoint_id: EndpointId, limit: Limit = 50, after: After = None) -> Page[DeliveryOut]:
        """What was sent to it and is to be sent, newest first; kept for 30 days."""
        await house.hooks.webhooks.endpoint(endpoint_id)
        found, more = cut(await house.hooks.webhooks.page(endpoint_id, after, limit + 1), limit)
        return Page(items=[DeliveryOut.of(one) for one in found], next=found[-1].cursor if more else None)

    @routes.get("/{endpoint_id}/deliveries/{event_id}", name="webhooks.delivery")
    async def delivery(endpoint_id: EndpointId, event_id: EventId) -> DeliveryOut:
        """One delivery."""
        return DeliveryOut.of(await house.hooks.webhooks.delivery((endpoint_id, event_id)))

    @routes.post("/{endpoint_id}/deliveries/{event_id}/resend", name="webhooks.resend")
    async def resend(endpoint_id: EndpointId, event_id: EventId) -> DeliveryOut:
        """Send it once more now, whatever became of it; what came of it."""
        now = house.clock.now()
        return DeliveryOut.of(await usecase.send_again(house.hooks, (endpoint_id, event_id), now))

    @routes.post("/{endpoint_id}/resend-failed", name="webhooks.resend_failed")
    async def resend_failed(endpoint_id: EndpointId) -> SentAgainOut:
        """Make the latest deliveries that failed for good due again."""
        count = await usecase.send_failed_again(house.hooks, endpoint_id, house.clock.now())
        return SentAgainOut(deliveries=count)


def _with_secret(made: WithSecret, request: Request) -> EndpointWithSecretOut:
    request.state.audit = {"endpoint": made.endpoint.id}
    request.state.secret_answer = True
    return EndpointWithSecretOut(endpoint=EndpointOut.of(made.endpoint), secret=made.secret)
