"""The application, whole: routes, errors, limits."""

from __future__ import annotations

from itertools import chain
from typing import Any

from fastapi import APIRouter, FastAPI

from disparo import __version__
from disparo.entrypoints.areas import Area, Shortcut, include
from disparo.entrypoints.console import routes as console_routes
from disparo.entrypoints.console.refusals import PagesForProblems
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http import (
    accounts,
    alarms,
    audit,
    campaign_export,
    campaign_progress,
    campaign_trials,
    campaigns,
    contacts,
    dead_letters,
    forecasts,
    health,
    hosts,
    imports,
    inbox,
    keys,
    lists,
    meeting_types,
    meetings,
    messages,
    metrics,
    numbers,
    problems,
    senders,
    settings,
    slots,
    suppressions,
    templates,
    unsubscribe,
    webhook_endpoints,
    webhooks,
)
from disparo.entrypoints.http.access import Gate
from disparo.entrypoints.http.audit_trail import AuditTrail
from disparo.entrypoints.http.body_limit import MEGABYTE, BodyLimit
from disparo.entrypoints.http.booking import routes as booking
from disparo.entrypoints.http.cross_site import SameOrigin, SessionForms
from disparo.entrypoints.http.document import finish
from disparo.entrypoints.http.installation import Identify, Installation, Report, local_caller, local_report
from disparo.entrypoints.http.once import OnlyOnce
from disparo.entrypoints.http.problems import ANSWERS, LastResort
from disparo.entrypoints.mcp import http as mcp_door

OPENAPI = "/api/openapi.json"
_RESOURCES = (
    lists,
    contacts,
    suppressions,
    imports,
    campaigns,
    campaign_trials,
    campaign_progress,
    campaign_export,
    templates,
    messages,
    inbox,
    dead_letters,
    hosts,
    meeting_types,
    slots,
    meetings,
    numbers,
    alarms,
    accounts,
    keys,
    webhook_endpoints,
    settings,
    senders,
    audit,
)
_ABOUT = """Campaigns by WhatsApp, e-mail and SMS.

Errors are problem documents (RFC 9457), their `detail` in Portuguese. Listings come in pages: `next` of one is `after`
of the following. A POST with an `Idempotency-Key` may be sent again for 24 hours: it has its effect once. Instants are
UTC."""


class Api(FastAPI):
    """The framework's application, whose document tells the truth; `home` is its public address."""

    home: str | None = None

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        return finish(super().openapi(), self.home)


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

    api.home = house.settings.public_url
    resources = APIRouter(prefix="/api/v1", responses=ANSWERS)
    for resource in _RESOURCES:
        include(resources, Area(resource.router(house)))
    foreseeing = api.state.foreseeing = Foreseeing(house)
    include(resources, Area(forecasts.router(house, foreseeing)))
    console = Console(house, foreseeing)
    pages = (unsubscribe.router(house), booking.router(house, report), console_routes.router(console))
    doors = (metrics.router(house), webhooks.router(house), mcp_door.router(house, foreseeing))
    for routes in (health.router(house, report), resources, *doors, *pages):
        include(api, Area(routes))
    shortcut = api.router.middleware_stack = Shortcut(api)
    api.state.preparing = lambda: chain(shortcut.preparing(), console.preparing())
    problems.install(api, report)
    api.add_middleware(AuditTrail, house=house)
    api.add_middleware(OnlyOnce, house=house)
    api.add_middleware(SessionForms, report=report)
    api.add_middleware(Gate, identify=identify, report=report)
    api.add_middleware(SameOrigin, public_url=house.settings.public_url, report=report)
    api.add_middleware(BodyLimit, upload=house.settings.upload_limit_mb * MEGABYTE)
    api.add_middleware(LastResort, report=report)
    api.add_middleware(PagesForProblems, console=console)
    return api
