"""The page of a campaign's forecast: begun when it is first looked at, followed while it is played, kept afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from disparo.domain.campaign_sketch import CampaignSketch
from disparo.domain.errors import DisparoError
from disparo.entrypoints.console.campaigns.charting import Bar, charts_of, over_time
from disparo.entrypoints.console.campaigns.foreseen import sentences
from disparo.entrypoints.console.campaigns.sketches import path_of, way, whole
from disparo.entrypoints.console.plain import plain
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.forecast_jobs import ENDED, GOOD_FOR, ForecastJob, JobState
from disparo.entrypoints.forecast_orders import Order
from disparo.entrypoints.http.sse import EventStream, Snapshot

SketchId = Annotated[str, Path(max_length=40)]
WAIT_S = 4.0
"""For a quick one, before the page shows how far it is."""
_NOTHING: dict[str, Any] = {"job": None, "stale": False, "fault": "", "forecast": None, "chart": None, "said": []}


def add(console: Console, routes: APIRouter) -> None:
    """Put the routes among those of the wizard."""
    _page(console, routes)
    _following(console, routes)


def _page(console: Console, routes: APIRouter) -> None:
    house = console.house

    @routes.get("/{sketch_id}/forecast", name="campaigns.forecast")
    async def forecast(
        request: Request, sketch_id: SketchId, run: Annotated[str, Query(max_length=1)] = ""
    ) -> Response:
        """When it begins and ends and what limits it, or how far that is; played anew when `run` asks for it."""
        sketch = await house.store.sketches.get(sketch_id)
        found = await (_begun(console, request, sketch, anew=True) if run else _known(console, request, sketch))
        job: ForecastJob | None = found["job"]
        if run and job is not None and job.state not in ENDED:
            return console.redirect(request, path_of(sketch_id, "forecast"))  # to be looked at again and again
        steps = way(sketch, console.words(request).gettext)
        begun = bool(job or found["fault"])
        return console.page(request, "campaigns/forecast.html", sketch=sketch, way=steps, begun=begun, **found)

    @routes.get("/{sketch_id}/forecast/result", name="campaigns.forecast_result")
    async def result(request: Request, sketch_id: SketchId) -> Response:
        """What is known, for the script that fills the page; begun when nothing is."""
        sketch = await house.store.sketches.get(sketch_id)
        found = await _known(console, request, sketch)
        if not (found["job"] or found["fault"]):
            found = await _begun(console, request, sketch, anew=False)
        return console.fragment(request, "campaigns/forecast_live.html", sketch=sketch, **found)


def _following(console: Console, routes: APIRouter) -> None:
    house, foreseeing = console.house, console.foreseeing

    @routes.get("/{sketch_id}/forecast/standing", name="campaigns.forecast_standing")
    async def standing(request: Request, sketch_id: SketchId) -> Response:
        """The part of the page that changes while it is played; nothing is begun."""
        sketch = await house.store.sketches.get(sketch_id)
        found = await _known(console, request, sketch)
        return console.fragment(request, "campaigns/forecast_standing.html", sketch=sketch, **found)

    @routes.get("/{sketch_id}/forecast/events", name="campaigns.forecast_events")
    async def events(request: Request, sketch_id: SketchId) -> Response:
        """Says when that part has changed."""
        await house.store.sketches.get(sketch_id)

        async def look() -> Snapshot:
            job = None if foreseeing.desk is None else foreseeing.desk.about(sketch_id)
            if job is None or job.state in ENDED:
                return Snapshot({}, event="done", last=True)
            told = {"state": job.state, "contacts": job.standing.contacts, "played": job.standing.played}
            return Snapshot(told, event="changed")

        return await EventStream.of(request, look)

    @routes.post("/{sketch_id}/forecast/cancel", name="campaigns.cancel_forecast")
    async def cancel(request: Request, sketch_id: SketchId) -> Response:
        """End it, for everybody who looks at it."""
        _, desk = console.words(request).gettext, foreseeing.desk
        job = None if desk is None else desk.about(sketch_id)
        if desk is None or job is None or job.state in ENDED:
            return console.redirect(request, path_of(sketch_id, "forecast"), _("A previsão já terminou."), "info")
        desk.cancel(job.id)
        return console.redirect(request, path_of(sketch_id, "forecast"), _("Previsão cancelada."), "info")


async def _begun(console: Console, request: Request, sketch: CampaignSketch, *, anew: bool) -> dict[str, Any]:
    """A forecast that was just asked for, once it is done or takes longer than one waits for a page."""
    house, stopping = console.house, getattr(request.app.state, "stopping", lambda: False)
    try:
        campaign, _compiled = await whole(console, sketch)
        order = Order(campaign, house.clock.now())
        job = await console.foreseeing.answer(order, subject=sketch.id, anew=anew, wait_s=WAIT_S, stopping=stopping)
    except DisparoError as error:
        return _fault(error)
    return _shown(console, request, job, stale=False)


async def _known(console: Console, request: Request, sketch: CampaignSketch) -> dict[str, Any]:
    """The latest forecast of a sketch, as far as it is; nothing where a quick one is no longer true."""
    house, desk = console.house, console.foreseeing.desk
    if desk is None or (job := desk.about(sketch.id)) is None:
        return _NOTHING
    try:
        campaign, _compiled = await whole(console, sketch)
    except DisparoError as error:
        return _fault(error)
    stale = job.question != await console.foreseeing.question(replace(job.order, campaign=campaign))
    old = job.ended_after is not None and house.clock.elapsed() - job.ended_after > GOOD_FOR
    if job.state is JobState.DONE and not job.slow and (stale or old):
        return _NOTHING
    return _shown(console, request, job, stale=stale)


def _fault(error: DisparoError) -> dict[str, Any]:
    return {**_NOTHING, "fault": plain(str(error), placed=True)}


def _shown(console: Console, request: Request, job: ForecastJob, *, stale: bool) -> dict[str, Any]:
    known = {**_NOTHING, "job": job, "stale": stale}
    found = job.forecast
    if found is None:
        return known if job.error is None else {**known, "fault": plain(str(job.error), placed=True)}
    _, charts = console.words(request).gettext, charts_of(console, request)
    bars = [Bar(one.begins_at, one.messages, not one.open) for one in found.hours]
    chart = over_time(bars, found.zone, charts, _)
    return {**known, "forecast": found, "chart": chart, "said": sentences(found, console.formats(request), _)}
