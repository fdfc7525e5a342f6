"""`/api/v1/settings`: what can be set, where each value comes from, the hours and their year, and changing some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours, HoursReason, decide, next_open
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.revisions import IfMatch, asked_revision, etag
from disparo.settings.configuration import Change
from disparo.usecases.open_days import FIRST_YEAR, LAST_YEAR, OpenDay, places, whereabouts, year_of

MOST_CHANGES = 60
_SETTING: dict[str, Any] = {
    "name": "rate_limit_whatsapp_hourly",
    "group": "Sending",
    "description": "WhatsApp messages in any rolling 3,600 s.",
    "value": 200,
    "written": 200,
    "default": 100,
    "source": "console",
    "editable": True,
    "live": True,
    "edited": True,
    "overruled": False,
    "beneath": 100,
}
_CHANGES: dict[str, Any] = {"changes": {"rate_limit_whatsapp_hourly": 200, "rate_limit_sms_daily": "none"}}


class SettingOut(BaseModel):
    """One setting."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_SETTING]})

    name: str
    group: str
    description: str
    value: Any = Field(description="What this process goes by; `***` in place of a secret, null for none.")
    written: Any = Field(description="What the files say now: where it is not `value`, it waits for a restart.")
    default: Any = Field(description="What holds when nobody says anything, in this profile.")
    source: str = Field(description="Where `written` stands, such as `disparo.toml:7`, `console`, `env DISPARO_LIVE`.")
    editable: bool = Field(description="Whether it can be changed here.")
    live: bool = Field(description="Whether a change holds within seconds, not only after a restart.")
    edited: bool = Field(description="Whether it was changed here.")
    overruled: bool = Field(description="Whether such a change has no effect, as `source` says something else.")
    beneath: Any = Field(description="What would hold without any change made here.")


class SettingsOut(BaseModel):
    """All settings."""

    revision: int = Field(description="Changes with every change made here; for `If-Match`.", examples=[0])
    editable: bool = Field(description="Whether any can be changed here; on AWS Terraform's values decide.")
    fault: str = Field(description="What is wrong in the files, in Portuguese: the values before it hold on.")
    items: Sequence[SettingOut]


class SettingsIn(BaseModel):
    """What is to change."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_CHANGES]})

    changes: dict[Annotated[str, Field(max_length=80)], Any] = Field(
        min_length=1,
        max_length=MOST_CHANGES,
        description='Values by their settings\' names. `null` takes a change back; `"none"` is no limit, or no term.',
    )


class ChangeOut(BaseModel):
    """What became of a setting."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["rate_limit_whatsapp_hourly"])
    old: Any = Field(examples=[100])
    new: Any = Field(examples=[200])


class ChangedOut(BaseModel):
    """What was changed; what was so already is not in it."""

    revision: int = Field(examples=[139637976727552])
    changes: Sequence[ChangeOut]


class HoursOut(BaseModel):
    """The hours in which contacts are messaged that no campaign has hours for."""

    document: dict[str, Any] = Field(description="The hours as a document, every default written out.")
    source: str = Field(examples=["padrão"])
    open: bool = Field(description="Whether they are open now for a contact of whom nothing is known.")
    reason: HoursReason
    detail: str = Field(description="The holiday's name, the date of the day off, the start, the end or the lunch.")
    changes_at: datetime | None = Field(description="When that changes next.")
    next_open_at: datetime | None = Field(description="Now when open; null when nothing opens within 400 days.")


class DayOut(BaseModel):
    """One day."""

    day: date = Field(examples=["2026-07-09"])
    open: bool
    reason: HoursReason = Field(description="`open`, `day_off` or `holiday`.")
    holiday: str | None = Field(description="The holiday's name, also on a day off.", examples=["Natal"])


class YearOut(BaseModel):
    """The days of a year at a place."""

    year: int
    place: str = Field(description="The place's code; empty for contacts of whom nothing is known.", examples=["BR-SP"])
    zone: str = Field(examples=["America/Sao_Paulo"])
    days: Sequence[DayOut]


InYear = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, description="This year when left out.")]
AtPlace = Annotated[
    str | None,
    Query(max_length=60, description="A state or city with holidays of its own: `BR-SP`, `BR-São Paulo Capital`."),
]
OfCampaign = Annotated[str | None, Query(max_length=100, description="By the hours of this campaign, by name or id.")]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/settings", tags=["settings"])

    @routes.get("", name="settings.list")
    async def list_(response: Response) -> SettingsOut:
        """Every setting, its value and where that came from; secrets are hidden."""
        found = house.configuration
        views = [SettingOut.model_validate(one) for one in found.views()]
        response.headers["ETag"] = etag(found.revision)
        return SettingsOut(revision=found.revision, editable=found.editable, fault=found.fault, items=views)

    @routes.patch("", name="settings.change")
    async def change(wanted: SettingsIn, request: Request, response: Response, if_match: IfMatch = None) -> ChangedOut:
        """Change settings, all or none: they are checked together with the rest before anything is written.

        422 for what may not be changed here or cannot hold; 409 on AWS, where Terraform's values decide.
        """
        changes = house.configuration.change(wanted.changes, asked_revision(if_match))
        request.state.audit = audited(changes)
        response.headers["ETag"] = etag(house.configuration.revision)
        return ChangedOut(
            revision=house.configuration.revision, changes=[ChangeOut.model_validate(one) for one in changes]
        )

    @routes.get("/hours", name="settings.hours")
    async def hours() -> HoursOut:
        """The usual hours, and whether they are open now."""
        usual, now = house.settings.hours(), house.clock.now()
        place = Place(usual.zone)
        found = decide(usual, place, now)
        return HoursOut(
            document=usual.to_document(),
            source=str(house.configuration.read().sources["business_hours"]),
            open=found.open,
            reason=HoursReason(found.reason),
            detail=found.detail,
            changes_at=found.changes_at,
            next_open_at=next_open(usual, place, now),
        )

    @routes.get("/hours/places", name="settings.places")
    async def places_() -> Sequence[str]:
        """The places whose year can be asked for: states and cities with holidays of their own."""
        return places(house.settings.hours())

    @routes.get("/year", name="settings.year")
    async def year(year: InYear = None, place: AtPlace = None, campaign: OfCampaign = None) -> YearOut:
        """The days of a year somewhere: open or closed, and the holidays by their names."""
        hours = await hours_of(house, campaign)
        where = whereabouts(hours, place)
        wanted = house.clock.now().year if year is None else year
        days = [_day(one) for one in year_of(where, wanted)]
        return YearOut(year=wanted, place=where.code, zone=where.place.zone, days=days)

    return routes


async def hours_of(house: Installation, campaign: str | None) -> BusinessHours:
    """The hours of a campaign, by name or id; the usual ones without one."""
    return house.settings.hours() if not campaign else (await house.store.campaigns.get(campaign)).hours


def audited(changes: Sequence[Change]) -> Mapping[str, str]:
    """Changes as the audit keeps them: old and new of each setting; of a document only the parts that differ."""
    told: dict[str, str] = {}
    for one in changes:
        if isinstance(one.old, Mapping | None) and isinstance(one.new, Mapping | None) and (one.old or one.new):
            old, new = one.old or {}, one.new or {}
            for key in sorted(key for key in {*old, *new} if old.get(key) != new.get(key)):
                told[f"{one.name}.{key}"] = f"{_text(old.get(key))} → {_text(new.get(key))}"
        else:
            told[one.name] = f"{_text(one.old)} → {_text(one.new)}"
    return told


def _text(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _day(one: OpenDay) -> DayOut:
    return DayOut(day=one.day, open=one.open, reason=one.reason, holiday=one.holiday)
