"""The hours as a form, and a year with its open and closed days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.area_codes import STATE_NAMES
from disparo.domain.errors import InputError, RevisionError
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import decide
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.entrypoints.console.calendar_grid import YearDay, year_months
from disparo.entrypoints.console.forms import OVERTAKEN, Form, read_form
from disparo.entrypoints.console.settings.editing import told_of, views_of
from disparo.entrypoints.console.settings.hours_form import document_of, hours_failed, hours_form, zone_rows
from disparo.entrypoints.console.settings.topics import HOME
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.http.settings import audited, hours_of
from disparo.entrypoints.words import words as words_of_code
from disparo.usecases.open_days import FIRST_YEAR, LAST_YEAR, OpenDay, places, whereabouts, year_of

PATH = f"{HOME}/hours"
MOST_CAMPAIGNS = 50
ZONES = (
    *("America/Sao_Paulo", "America/Bahia", "America/Fortaleza", "America/Recife", "America/Belem", "America/Manaus"),
    *("America/Cuiaba", "America/Campo_Grande", "America/Porto_Velho", "America/Boa_Vista", "America/Rio_Branco"),
    *("America/Noronha", "America/New_York", "Europe/Lisbon", "Europe/London", "UTC"),
)
"""Those that are offered; any other can be written."""

InYear = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]
AtPlace = Annotated[str, Query(max_length=60)]
OfCampaign = Annotated[str, Query(max_length=100)]


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=HOME)
    house = console.house

    @routes.get("/hours", name="settings.hours_page")
    async def page(request: Request) -> Response:
        return _page(console, request, None)

    @routes.post("/hours", name="settings.change")
    async def change(request: Request) -> Response:
        form = await read_form(request)
        views = views_of(house.configuration)
        try:
            document = document_of(form, _present(console))
            parse_business_hours(document)
            wanted = {} if document == _present(console) else {"business_hours": document}
            revision = form.get("revision")
            asked = int(revision) if revision.isdecimal() and len(revision) < 20 else None
            changes = house.configuration.change(wanted, asked) if wanted else []
        except RevisionError:
            return _page(console, request, form.again(console.words(request).gettext(OVERTAKEN)), 409)
        except InputError as error:
            return _page(console, request, hours_failed(form, error), 422)
        if changes:
            request.state.audit = audited(changes)
        told = told_of(changes, views, console.words(request))
        return console.redirect(request, PATH, told, "good" if changes else "info")

    @routes.get("/year", name="settings.year_page")
    async def year_(request: Request, year: InYear = None, place: AtPlace = "", campaign: OfCampaign = "") -> Response:
        return await _year(console, request, year, place, campaign)

    return routes


def _present(console: Console) -> dict[str, Any]:
    """The document as it is written now, every default written out."""
    return parse_business_hours(console.house.configuration.read().settings.hours_document()).to_document()


def _page(console: Console, request: Request, form: Form | None, status: int = 200) -> Response:
    house, document = console.house, _present(console)
    hours = parse_business_hours(document)
    views = views_of(house.configuration)
    now = house.clock.now()
    return console.page(
        request,
        "settings/hours.html",
        status,
        form=form or hours_form(document),
        rows=zone_rows(form, document),
        setting=views["business_hours"],
        configuration=house.configuration,
        zones=[*dict.fromkeys((*ZONES, hours.zone))],
        states=[("", "–"), *_states(hours.country)],
        cities=[name for name in _names(hours.country) if len(name) > 3],
        decision=decide(hours, Place(hours.zone), now),
        hours=hours,
    )


async def _year(console: Console, request: Request, year: int | None, place: str, campaign: str) -> Response:
    house = console.house
    hours = await hours_of(house, campaign)
    where = whereabouts(hours, place)
    now = house.clock.now()
    wanted = console.formats(request).date(now, "y") if year is None else str(year)
    days = year_of(where, int(wanted))
    by_day = {one.day: one for one in days}
    words = console.words(request)

    def mark(day: date) -> YearDay:
        one = by_day[day]
        if one.holiday is not None:
            return YearDay(day, "warn", one.holiday)
        return YearDay(day) if one.open else YearDay(day, "closed", words_of_code(one.reason, words.gettext))

    campaigns = await house.store.campaigns.page(None, MOST_CAMPAIGNS)
    return console.page(
        request,
        "settings/year.html",
        year=int(wanted),
        first=FIRST_YEAR,
        last=LAST_YEAR,
        months=year_months(int(wanted), mark),
        holidays=[one for one in days if one.holiday is not None],
        counts=_counts(days),
        place=place,
        campaign=campaign,
        places=[("", words.gettext("Sem estado conhecido")), *_states(hours.country), *_cities(hours.country)],
        campaigns=[(one.name, one.name) for one in campaigns],
        zone_there=where.place.zone,
        imagined=where.hours != hours,
        hours=hours,
    )


def _counts(days: Sequence[OpenDay]) -> Mapping[str, int]:
    return {
        "open": sum(one.open for one in days),
        "holidays": sum(one.holiday is not None and one.reason == "holiday" for one in days),
        "off": sum(one.reason == "day_off" for one in days),
    }


def _names(country: str) -> Sequence[str]:
    prefix = f"{country}-"
    return [code.removeprefix(prefix) for code in places(parse_business_hours({"country": country}))]


def _states(country: str) -> list[tuple[str, str]]:
    known = STATE_NAMES if country == "BR" else {}
    return sorted(
        ((f"{country}-{name}", known.get(name, name)) for name in _names(country) if len(name) <= 3),
        key=lambda pair: pair[1],
    )


def _cities(country: str) -> list[tuple[str, str]]:
    return [(f"{country}-{name}", name) for name in _names(country) if len(name) > 3]
