"""How well it goes: proposals that are confirmed, meetings that are missed or moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.agenda.rates import Grouping, Key, Rates, rates_by
from disparo.entrypoints.console.agenda.when import midnight, zone_of
from disparo.entrypoints.console.charts import Point, Series
from disparo.entrypoints.console.shell import Console
from disparo.ports.agenda import MeetingFilter
from disparo.usecases.agenda.rates import proposed

SPANS = (7, 28, 90, 365)
USUAL = 28
_BY_WEEK_FROM = 60
Text = Annotated[str, Query(max_length=60)]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter()
    house = console.house

    @routes.get("/console/agenda/rates", name="agenda.rates")
    async def rates(
        request: Request,
        days: Annotated[int, Query(ge=1, le=366)] = USUAL,
        host: Text = "",
        type_: Annotated[str, Query(alias="type", max_length=40)] = "",
        by: Text = "host",
    ) -> Response:
        _, zone, now = console.words(request).gettext, zone_of(console), house.clock.now()
        today = now.astimezone(zone).date()
        since = midnight(today - timedelta(days=days - 1), zone)
        wanted = MeetingFilter(host_id=host or None, type_id=type_ or None)
        grouping = by if by in ("host", "type", "campaign") else "host"
        time = Grouping.DAY if days < _BY_WEEK_FROM else Grouping.WEEK

        every = await proposed(house.store.meetings, wanted, since - timedelta(days=days), None)
        present = [one for one in every if one.proposed_at >= since]
        earlier = [one for one in every if one.proposed_at < since]
        over_time = rates_by(present, [time], zone.key, now)
        groups = rates_by(present, [Grouping(grouping)], zone.key, now)
        names = await _names(console, grouping)
        return console.page(
            request,
            "agenda/rates.html",
            whole=rates_by(present, (), zone.key, now)[()],
            before=rates_by(earlier, (), zone.key, now)[()],
            groups=[(names.get(key[0], key[0]) or _("sem campanha"), one) for key, one in groups.items()],
            series=[Series(_("aceitas"), "good"), Series(_("sem resposta ou recusa"), "neutral")],
            points=_points(console, request, over_time, today, days, time),
            chosen={"days": days, "host": host, "type": type_, "by": grouping},
            choices={
                "days": [(str(one), _("Últimos %(days)s dias", days=one)) for one in SPANS],
                "host": [(one.id, one.name) for one in await house.store.hosts.hosts()],
                "type": [(one.id, one.title) for one in await house.store.hosts.types()],
            },
        )

    return routes


async def _names(console: Console, by: str) -> Mapping[str, str]:
    store = console.house.store
    if by == "host":
        return {one.id: one.name for one in await store.hosts.hosts()}
    if by == "type":
        return {one.id: one.title for one in await store.hosts.types()}
    return {one.id: one.name for one in await store.campaigns.all()}


def _points(
    console: Console, request: Request, found: Mapping[Key, Rates], today: date, days: int, time: Grouping
) -> list[Point]:
    formats = console.formats(request)
    first, points = today - timedelta(days=days - 1), list[Point]()
    step = 1 if time is Grouping.DAY else 7
    if step > 1:
        first -= timedelta(days=first.weekday())
    number, every = 0, max(1, days // step // 7)
    while first <= today:
        year, week, _ = first.isocalendar()
        one = found.get((first.isoformat() if step == 1 else f"{year}-W{week:02}",), Rates())
        tick = formats.date(first, "d/M") if number % every == 0 else ""
        points.append(Point(formats.day(first), [one.agreed, one.offered - one.agreed], tick))
        first, number = first + timedelta(days=step), number + 1
    return points
