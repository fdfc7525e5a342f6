"""`/api/v1/forecasts`: what a campaign will do, before it does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from disparo.domain.campaign import Campaign
from disparo.domain.errors import NotFoundError
from disparo.entrypoints.forecast_jobs import ENDED, ForecastJob
from disparo.entrypoints.forecast_orders import AT_ONCE_S, Order
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http import compiling, sse
from disparo.entrypoints.http.campaigns import whole
from disparo.entrypoints.http.forecast_models import (
    ForecastIn,
    ForecastJobOut,
    ForecastOut,
    address,
    forecast_out,
    job_out,
)
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.pages import Page
from disparo.entrypoints.http.prefer import Preference, wait_of
from disparo.usecases import campaign_edits

JobId = Annotated[str, Path(max_length=100, description="The forecast's id.")]
_LATER: dict[int | str, dict[str, Any]] = {
    202: {"model": ForecastJobOut, "description": "It takes longer; where it is to be asked for is in `Location`."}
}


def router(house: Installation, foreseeing: Foreseeing) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/forecasts", tags=["forecasts"])

    @routes.post("", name="forecasts.create", response_model=ForecastOut, responses=_LATER)
    async def create(wanted: ForecastIn, request: Request, prefer: Preference = None) -> Response:
        """Play a campaign to its end on a virtual clock; nothing is sent or kept.

        200 with the forecast when it is ready within 25 seconds or what `Prefer` says, else 202: it goes on, and is
        there when it is ready. The same question while it is under way, or in the half hour after a long one, is the
        same forecast. 503 when too many wait already. On AWS there are no jobs: 422 for what takes longer.
        """
        campaign = await foreseen_campaign(house, wanted)
        order = Order(campaign, wanted.at or house.clock.now(), wanted.failures, fixed=wanted.at is not None)
        wait_s, stopping = wait_of(prefer, AT_ONCE_S), stopping_of(request)
        job = await foreseeing.answer(order, anew=wanted.anew, wait_s=wait_s, stopping=stopping)
        request.state.audit = {"campaign": campaign.name, **({"forecast": job.id} if job.id else {})}
        if job.forecast is not None:
            return Response(forecast_out(job.forecast).model_dump_json(), media_type="application/json")
        body = job_out(job, stale=False).model_dump_json()
        return Response(body, 202, {"Location": address(job)}, media_type="application/json")

    @routes.get("", name="forecasts.list")
    async def list_() -> Page[ForecastJobOut]:
        """Forecasts under way and the latest that have ended, newest first, without their results."""
        jobs = foreseeing.desk.all() if foreseeing.desk is not None else ()
        items = [(await _out(job)).model_copy(update={"forecast": None}) for job in jobs]
        return Page(items=items, next=None)

    @routes.get("/{forecast_id}", name="forecasts.show")
    async def show(forecast_id: JobId) -> ForecastJobOut:
        """How far a forecast is, and what came of it."""
        return await _out(foreseeing.job(forecast_id))

    @routes.get("/{forecast_id}/events", name="forecasts.events", response_class=sse.EventStream, responses=sse.ANSWER)
    async def events(forecast_id: JobId, request: Request) -> sse.EventStream:
        """How far a forecast is, each second that it moves; the last event comes when it has ended."""

        async def look() -> sse.Snapshot:
            job = foreseeing.job(forecast_id)
            told = job_out(job, stale=False).model_dump(mode="json", exclude={"forecast", "stale"})
            return sse.Snapshot(told, last=job.state in ENDED)

        return await sse.EventStream.of(request, look)

    @routes.post("/{forecast_id}/cancel", name="forecasts.cancel")
    async def cancel(forecast_id: JobId) -> ForecastJobOut:
        """End a forecast that has not ended, for everybody who asked for it."""
        foreseeing.job(forecast_id)
        if foreseeing.desk is None:
            raise NotFoundError(f"a previsão {forecast_id} não existe")
        return await _out(foreseeing.desk.cancel(forecast_id))

    async def _out(job: ForecastJob) -> ForecastJobOut:
        return job_out(job, stale=await foreseeing.is_stale(job))

    return routes


def stopping_of(request: Request) -> Callable[[], bool]:
    """Whether the server that got this request stops."""
    stopping: Callable[[], bool] = getattr(request.app.state, "stopping", lambda: False)
    return stopping


async def foreseen_campaign(house: Installation, wanted: ForecastIn) -> Campaign:
    """The campaign that is to be played: a kept one, or the draft that a document describes."""
    if wanted.campaign is not None:
        return await house.store.campaigns.get(wanted.campaign)
    document = whole(house, wanted.document or {})
    compiled = await compiling.ready(house, document)
    return await campaign_edits.check(house.store, document, compiled, house.clock.now())
