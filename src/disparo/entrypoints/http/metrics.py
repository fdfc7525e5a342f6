"""`/metrics`: the installation's numbers in Prometheus' text format."""

from __future__ import annotations

from fastapi import APIRouter, Response

from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.problems import ANSWERS
from disparo.usecases.scraping import Scraper

_EXAMPLE = 'disparo_messages_sent_total{campaign="boas-vindas",channel="whatsapp"} 128.0\n'


def router(house: Installation) -> APIRouter:
    """The route."""
    routes = APIRouter(tags=["numbers"], responses=ANSWERS)
    scraper = Scraper(house.store)

    @routes.get(
        "/metrics",
        name="numbers.scrape",
        response_class=Response,
        responses={
            200: {
                "description": "Metrics.",
                "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
            }
        },
    )
    async def metrics() -> Response:
        """Everything that is measured, as Prometheus reads it (text format 0.0.4). Needs a viewer's key."""
        from disparo.adapters.prometheus import MEDIA_TYPE, exposition  # late: a tenth of a second

        scrape = await scraper.scrape([sender for sender, _ in house.carriers], house.clock.now())
        return Response(exposition(scrape), media_type=MEDIA_TYPE)

    return routes
