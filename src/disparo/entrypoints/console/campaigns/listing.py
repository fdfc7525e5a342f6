"""All campaigns, and those that are still being written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.campaign import CampaignState
from disparo.entrypoints.console.campaigns.places import PATH
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.words import mark
from disparo.usecases import campaigns as usecase

PAGE = 20
SKETCHES = 8

GROUPS: Mapping[str, tuple[str, frozenset[CampaignState] | None]] = {
    "": (mark("Todas"), None),
    "live": (mark("Em andamento"), frozenset({CampaignState.RUNNING, CampaignState.PAUSED})),
    "draft": (mark("Rascunhos"), frozenset({CampaignState.DRAFT})),
    "over": (mark("Encerradas"), frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})),
}


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("", name="campaigns.page")
    async def page(
        request: Request,
        show: Annotated[str, Query(max_length=20)] = "",
        after: Annotated[str | None, Query(max_length=30)] = None,
    ) -> Response:
        """Campaigns, newest first, page by page."""
        show = show if show in GROUPS else ""
        behind = after if after and after.isascii() and after.isdecimal() else None
        found = await house.store.campaigns.page(behind, PAGE + 1, states=GROUPS[show][1])
        more = found[PAGE - 1].id if len(found) > PAGE else None
        now = house.clock.now()
        shown = [one for one in found[:PAGE] if not one.standing]
        reports = [await usecase.report(house.store, one.id, now) for one in shown]
        sketches = await house.store.sketches.latest(SKETCHES, now) if show in ("", "draft") and not behind else []
        return console.page(
            request,
            "campaigns/list.html",
            reports=reports,
            sketches=sketches,
            after=more,
            behind=behind,
            show=show,
            groups={key: words for key, (words, _) in GROUPS.items()},
        )

    return routes
