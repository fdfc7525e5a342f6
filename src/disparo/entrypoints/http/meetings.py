"""`/api/v1/meetings`: what is proposed, agreed and over, and how well it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.agenda.rates import Grouping, Rates
from disparo.entrypoints.http import meeting_changes
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.meeting_answers import (
    MeetingDetail,
    MeetingOut,
    happening_out,
    meeting_fields,
    note_out,
    notice_out,
    planned_out,
)
from disparo.entrypoints.http.pages import After, Limit, Page, cut
from disparo.entrypoints.http.revisions import etag
from disparo.ports.agenda import MeetingFilter
from disparo.ports.contacts import known_contact
from disparo.ports.links import guest_url
from disparo.usecases.agenda.history import MeetingHistory, history
from disparo.usecases.agenda.rates import RatesWanted
from disparo.usecases.agenda.rates import rates as count
from disparo.usecases.agenda.story import story, to_come, why_void

MeetingId = Annotated[str, Path(max_length=20, description="The meeting's id.", examples=["12"])]
OfHost = Annotated[str | None, Query(max_length=40, description="Only of this host.")]
OfType = Annotated[str | None, Query(alias="type", max_length=40, description="Only of this type.")]
OfCampaign = Annotated[str | None, Query(max_length=100, description="Only of this campaign (name or id).")]
From = Annotated[Instant | None, Query(alias="from")]
To = Annotated[Instant | None, Query()]


class RatesOut(BaseModel):
    """What became of the meetings that were proposed in a time; shares from 0 to 1, null where there are too few."""

    group: Mapping[str, str] = Field(description="Of whom: one value for each `by`.", examples=[{"host": "ana"}])
    meetings: int
    offered: int
    agreed: int
    open: int
    booked: int
    declined: int
    expired: int
    upcoming: int
    held: int
    no_show: int
    unknown: int
    rescheduled: int
    moves: int
    cancelled: Mapping[str, int]
    confirmation_rate: float | None
    no_show_rate: float | None
    reschedule_rate: float | None
    mean_to_confirm_s: int | None
    median_to_confirm_s: int | None


class RatesList(BaseModel):
    """The rates of each group, in the order of their names."""

    items: list[RatesOut]


def router(house: Installation) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix="/meetings", tags=["meetings"])

    @routes.get("", name="meetings.list")
    async def list_(
        from_: From = None,
        to: To = None,
        host: OfHost = None,
        type_: OfType = None,
        state: Annotated[list[MeetingState] | None, Query(description="Only in these states.")] = None,
        contact: Annotated[str | None, Query(max_length=40, description="Only with this contact (id).")] = None,
        campaign: OfCampaign = None,
        limit: Limit = 50,
        after: After = None,
    ) -> Page[MeetingOut]:
        """Meetings, newest first; with `from` or `to` those that are agreed to begin in that span."""
        states = None if state is None else frozenset(state)
        wanted = MeetingFilter(states, host, type_, contact, await _campaign_id(house, campaign), from_, to)
        found, more = cut(await house.store.meetings.page(wanted, after, limit + 1), limit)
        contacts = await asyncio.gather(*(known_contact(house.store.contacts, one.contact_id) for one in found))
        items = [
            MeetingOut.model_validate(meeting_fields(one, contact))
            for one, contact in zip(found, contacts, strict=True)
        ]
        return Page(items=items, next=found[-1].id if more else None)

    @routes.get("/rates", name="meetings.rates")
    async def rates(
        by: Annotated[list[Grouping] | None, Query(max_length=6, description="Counted apart by these.")] = None,
        from_: From = None,
        to: To = None,
        host: OfHost = None,
        type_: OfType = None,
        campaign: OfCampaign = None,
        zone: Annotated[str | None, Query(max_length=60, description="Whose days; that of the settings.")] = None,
    ) -> RatesList:
        """How many proposals are confirmed and how many meetings missed, of those proposed in a span."""
        groupings = tuple(dict.fromkeys(by or ()))
        wanted = MeetingFilter(host_id=host, type_id=type_, campaign_id=await _campaign_id(house, campaign))
        clock = zone or house.settings.business_hours_timezone
        asked = RatesWanted(wanted, groupings, clock, from_, to)
        found = await count(house.store.meetings, asked, house.clock.now())
        names = [str(one) for one in groupings]
        return RatesList(items=[_rates_out(dict(zip(names, key, strict=True)), one) for key, one in found.items()])

    @routes.get("/{meeting_id}", name="meetings.show")
    async def show(meeting_id: MeetingId, response: Response) -> MeetingDetail:
        """One meeting with its notices, what its hosts' calendars have, and what happened."""
        found = await history(house.store, meeting_id)
        response.headers["ETag"] = etag(found.meeting.revision)
        return _detail(house, found)

    meeting_changes.add_to(routes, house)
    return routes


async def _campaign_id(house: Installation, name: str | None) -> str | None:
    return None if name is None else (await house.store.campaigns.get(name)).id


def _detail(house: Installation, found: MeetingHistory) -> MeetingDetail:
    now, meeting = house.clock.now(), found.meeting
    notices = [notice_out(one, why_void(meeting, one, now)) for one in found.notices]
    notices += [planned_out(one) for one in to_come(found, house.settings.hours(), now)]
    return MeetingDetail.model_validate(
        {
            **meeting_fields(meeting, found.contact),
            "title": None if found.type is None else found.type.title,
            "uid": meeting.uid,
            "guest_url": guest_url(house.links, meeting),
            "notices": notices,
            "calendar": [note_out(one) for one in meeting.calendar],
            "history": [happening_out(one) for one in story(found)],
        }
    )


def _rates_out(group: Mapping[str, str], one: Rates) -> RatesOut:
    plain = (
        *("meetings", "offered", "agreed", "open", "booked", "declined", "expired", "upcoming", "held", "no_show"),
        *("unknown", "rescheduled", "moves", "cancelled"),
    )
    shares = ("confirmation_rate", "no_show_rate", "reschedule_rate")
    values: dict[str, Any] = {name: getattr(one, name) for name in plain}
    values |= {name: None if (share := getattr(one, name)) is None else round(share, 4) for name in shares}
    return RatesOut(
        group=group,
        mean_to_confirm_s=_seconds(one.mean_to_confirm),
        median_to_confirm_s=_seconds(one.median_to_confirm),
        **values,
    )


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else round(span.total_seconds())
