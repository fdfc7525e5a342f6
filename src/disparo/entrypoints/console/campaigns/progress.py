"""The page of one campaign: how it stands now, how far its messages got, hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from disparo.entrypoints.console.campaigns.charting import Bar, charts_of, funnel_chart, over_time
from disparo.entrypoints.console.campaigns.places import PATH
from disparo.entrypoints.console.campaigns.standing import limit_words, standings
from disparo.entrypoints.console.campaigns.standing import reason as reason_words
from disparo.entrypoints.console.campaigns.whose import whose
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.sse import EventStream, Snapshot
from disparo.usecases import campaign_hours, campaigns
from disparo.usecases.funnel import funnel

Name = Annotated[str, Path(max_length=100)]
MOST_LANES = 60
"""Lanes that are listed one by one; a campaign over the whole country has some thirty."""


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("/{name}", name="campaigns.show_page")
    async def show(request: Request, name: Name) -> Response:
        """The whole page."""
        return console.page(request, "campaigns/show.html", **await _values(console, request, name))

    @routes.get("/{name}/live", name="campaigns.live")
    async def live(request: Request, name: Name) -> Response:
        """The part of it that changes."""
        return console.fragment(request, "campaigns/live.html", **await _values(console, request, name))

    @routes.get("/{name}/events", name="campaigns.page_events")
    async def events(request: Request, name: Name) -> Response:
        """Says when the part that changes did."""
        from disparo.bootstrap import senders_of

        async def look() -> Snapshot:
            report = await campaigns.report(house.store, name, house.clock.now(), senders_of(house.settings))
            told = {
                "totals": [getattr(report.totals, key) for key in report.totals.__slots__],
                "state": str(report.campaign.state),
                "lanes": [lane.hours.open for lane in report.lanes],
            }
            over = report.campaign.ended_at is not None
            return Snapshot(told, event="done" if over else "changed", last=over)

        return await EventStream.of(request, look)

    return routes


async def _values(console: Console, request: Request, name: str) -> Mapping[str, Any]:
    from disparo.bootstrap import senders_of

    house, now = console.house, console.house.clock.now()
    _, charts = console.words(request).gettext, charts_of(console, request)
    report = await campaigns.report(house.store, name, now, senders_of(house.settings))
    campaign = report.campaign
    funnels = await funnel(house.store, campaign, report.steps)
    hours = await campaign_hours.hours(house.store, campaign, now)
    bars = [Bar(one.begins_at, one.sent, one.open == 0) for one in hours]
    meets = any(step.meeting for step in campaign.steps)
    return {
        "report": report,
        "campaign": campaign,
        "lead": whose(campaign, report.contacts, console.words(request), console.formats(request)),
        "standings": standings(report, now, _),
        "funnels": funnels,
        "booked": sum(one.booked for one in funnels),
        "meets": meets,
        "funnel_charts": [funnel_chart(one, charts, _, meets=meets) for one in funnels],
        "hours_chart": over_time(bars, campaign.place.zone, charts, _),
        "hours": hours,
        "lanes": [
            replace(lane, hours=replace(lane.hours, reason=reason_words(lane.hours.reason, lane.hours.detail, _)))
            for lane in report.lanes[:MOST_LANES]
        ],
        "limit_words": lambda limited_by: limit_words(limited_by, _),
    }
