"""The application, whole: routes, errors, limits."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI

from disparo import __version__
from disparo.entrypoints.http import campaigns, dead_letters, health, imports, messages, problems, unsubscribe, webhooks
from disparo.entrypoints.http.access import Gate
from disparo.entrypoints.http.body_limit import BodyLimit
from disparo.entrypoints.http.booking import routes as booking
from disparo.entrypoints.http.installation import Identify, Installation, Report, local_caller, local_report
from disparo.entrypoints.http.once import OnlyOnce
from disparo.entrypoints.http.problems import ANSWERS, LastResort, name_media_type

OPENAPI = "/api/openapi.json"
_ABOUT = """Campaigns by WhatsApp, e-mail and SMS.

Errors are problem documents (RFC 9457), their `detail` in Portuguese. Listings come in pages: `next` of one is `after`
of the following. A POST with an `Idempotency-Key` may be sent again for 24 hours: it has its effect once. Instants are
UTC."""


class Api(FastAPI):
    """The framework's application, whose document tells the truth about errors."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            name_media_type(super().openapi())
        return super().openapi()


def create_app(house: Installation, identify: Identify = local_caller, report: Report = local_report) -> FastAPI:
    """The ASGI application over an open installation, which whoever opened it closes.

    `identify` is asked before everything that `access` does not list as open to all.
    `report` is told of what breaks. Nothing is reached before the first request, and there is no lifespan to run.
    """
    api = Api(
        title="Disparo & Agenda",
        version=__version__,
        description=_ABOUT,
        openapi_url=OPENAPI,
        docs_url=None,  # the framework's pages load scripts from other hosts
        redoc_url=None,
        redirect_slashes=False,
        # Nothing is sent anywhere, whatever the environment says.
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )

    resources = APIRouter(prefix="/api/v1", responses=ANSWERS)
    for resource in (imports, campaigns, messages, dead_letters):
        resources.include_router(resource.router(house))
    pages = (unsubscribe.router(house), booking.router(house, report))
    for routes in (health.router(house, report), resources, webhooks.router(house), *pages):
        api.include_router(routes)
    problems.install(api, report)
    api.add_middleware(OnlyOnce, house=house)
    api.add_middleware(Gate, identify=identify, report=report)
    api.add_middleware(BodyLimit)
    api.add_middleware(LastResort, report=report)
    return api
