"""What a program may do with a meeting: `/api/v1/meetings/...`; each is one change of the desk, safe to race."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.domain.principal import Principal
from disparo.entrypoints.http.installation import Installation
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.meeting_answers import AnswerOut, told
from disparo.entrypoints.http.once import HEADER
from disparo.entrypoints.http.revisions import IfMatch, check_revision
from disparo.ports.contacts import known_contact
from disparo.ports.desk import Answer, Wish
from disparo.usecases.agenda.wishes import wish_of

OPERATOR = "operator"
LONGEST_REASON, LONGEST_NOTES = 500, 2_000

MeetingId = Annotated[str, Path(max_length=20, description="The meeting's id.", examples=["12"])]


_WISH: dict[str, Any] = {"contact_id": "57", "type": "demonstracao"}
_START: dict[str, Any] = {"start_at": "2026-11-24T14:00:00-03:00"}


class WishIn(BaseModel):
    """Whom to meet, and what for."""

    model_config = ConfigDict(extra="forbid")

    contact_id: str = Field(max_length=40, examples=["57"])
    type: str = Field(max_length=40, examples=["demonstracao"])
    channel: Channel | None = Field(
        None, description="By what to tell the contact; WhatsApp when not given, else e-mail."
    )
    language: str = Field("pt", pattern="^(pt|en)$")
    notes: str = Field("", max_length=LONGEST_NOTES, description="For the host to read.")


class ProposalIn(WishIn):
    """Times to offer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_WISH, "channel": "whatsapp", "urgent": True}]})

    urgent: StrictBool = Field(False, description="The nearest times.")


class BookingIn(WishIn):
    """A time to agree at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_WISH, **_START}]})

    start_at: Instant = Field(examples=["2026-11-24T14:00:00-03:00"])
    host: str | None = Field(None, max_length=40, description="This host of the type; else as its rule says.")


class TimeIn(BaseModel):
    """A beginning."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_START]})

    start_at: Instant = Field(examples=["2026-11-24T14:00:00-03:00"])


class ChoiceIn(BaseModel):
    """Which of the offered times; neither where there is only one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"number": 1}, _START]})

    start_at: Instant | None = Field(None, examples=["2026-11-24T14:00:00-03:00"])
    number: int | None = Field(None, ge=1, le=10, description="Its place among the offers, from 1.")


class ReasonIn(BaseModel):
    """Why."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Ficou para o ano que vem."}]})

    reason: str = Field("", max_length=LONGEST_REASON, description="The contact and the host read it.")


class HeldIn(BaseModel):
    """What became of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"held": True}]})

    held: StrictBool = Field(description="False: the contact did not come.")


class HostIn(BaseModel):
    """To whom."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"host": "bruno"}]})

    host: str = Field(max_length=40, examples=["bruno"])


Change = Callable[[Meeting], Awaitable[Answer]]
Told = AnswerOut | Response


def add_to(routes: APIRouter, house: Installation) -> None:
    """The routes that change meetings."""
    making, changing = _Making(house), _Changing(house)
    for make in (making.propose, making.book):
        name = make.__name__
        routes.post(f"/{name}", name=f"meetings.{name}", status_code=201, response_model=AnswerOut)(make)
    for change in (
        *(changing.confirm, changing.offer, changing.move, changing.cancel, changing.decline, changing.outcome),
        changing.hand_over,
    ):
        name = change.__name__
        path = f"/{{meeting_id}}/{name.replace('_', '-')}"
        routes.post(path, name=f"meetings.{name}", response_model=AnswerOut)(change)


@dataclass(frozen=True, slots=True)
class _Making:
    """Requests that lead to a meeting."""

    house: Installation

    async def propose(self, wish: ProposalIn, request: Request) -> Told:
        """Offer a contact some times and hold them for an answer; a worker sends the offer."""
        wanted = await _wish(self.house, wish, request, urgent=wish.urgent)
        return await _told(self.house, await self.house.desk.propose(wanted, self.house.clock.now()), request)

    async def book(self, wish: BookingIn, request: Request) -> Told:
        """Agree a free time with a contact, without an offer before."""
        wanted, now = await _wish(self.house, wish, request), self.house.clock.now()
        answer = await self.house.desk.book(wanted, wish.start_at, now, OPERATOR, host_id=wish.host)
        return await _told(self.house, answer, request)


@dataclass(frozen=True, slots=True)
class _Changing:
    """Requests that change a meeting; each is refused where its `If-Match` is not the present revision."""

    house: Installation

    async def confirm(
        self, meeting_id: MeetingId, choice: ChoiceIn, request: Request, if_match: IfMatch = None
    ) -> Told:
        """Agree one of the times that are offered."""

        async def take(meeting: Meeting) -> Answer:
            return await self.house.desk.take(meeting_id, _chosen(meeting, choice), self._now(), OPERATOR)

        return await self._changed(meeting_id, if_match, request, take)

    async def offer(self, meeting_id: MeetingId, request: Request, if_match: IfMatch = None) -> Told:
        """Offer other times than before; what is agreed stands until one of them is taken."""
        return await self._changed(
            meeting_id, if_match, request, lambda _: self.house.desk.offer_again(meeting_id, self._now(), OPERATOR)
        )

    async def move(self, meeting_id: MeetingId, time: TimeIn, request: Request, if_match: IfMatch = None) -> Told:
        """Move what is agreed to another free time; where only offers are, agree it."""
        return await self._changed(
            meeting_id,
            if_match,
            request,
            lambda _: self.house.desk.move(meeting_id, time.start_at, self._now(), OPERATOR),
        )

    async def cancel(self, meeting_id: MeetingId, why: ReasonIn, request: Request, if_match: IfMatch = None) -> Told:
        """Call it off; contact and hosts are told, with the reason."""
        reason = why.reason.strip()
        return await self._changed(
            meeting_id, if_match, request, lambda _: self.house.desk.cancel(meeting_id, reason, self._now(), OPERATOR)
        )

    async def decline(self, meeting_id: MeetingId, request: Request, if_match: IfMatch = None) -> Told:
        """Note that the contact said no: to the offers, or to what is agreed."""
        return await self._changed(meeting_id, if_match, request, lambda _: self.house.desk.no(meeting_id, self._now()))

    async def outcome(self, meeting_id: MeetingId, what: HeldIn, request: Request, if_match: IfMatch = None) -> Told:
        """Note whether it was held; from its beginning on, and again when it was noted wrong."""
        return await self._changed(
            meeting_id,
            if_match,
            request,
            lambda _: self.house.desk.outcome(meeting_id, what.held, self._now(), OPERATOR),
        )

    async def hand_over(self, meeting_id: MeetingId, to: HostIn, request: Request, if_match: IfMatch = None) -> Told:
        """Give what is agreed to another host at the same time."""
        return await self._changed(
            meeting_id, if_match, request, lambda _: self.house.desk.hand_to(meeting_id, to.host, self._now())
        )

    def _now(self) -> datetime:
        return self.house.clock.now()

    async def _changed(self, meeting_id: str, if_match: str | None, request: Request, change: Change) -> Told:
        meeting = await self.house.store.meetings.get(meeting_id)
        check_revision(if_match, meeting.revision, f"a reunião {meeting_id}")
        return await _told(self.house, await change(meeting), request)


async def _told(house: Installation, answer: Answer, request: Request) -> Told:
    if answer.meeting is None:
        return told(answer, None)
    request.state.about = answer.meeting.contact_id  # so that a kept answer goes when the person is erased
    return told(answer, await known_contact(house.store.contacts, answer.meeting.contact_id))


def _chosen(meeting: Meeting, choice: ChoiceIn) -> datetime:
    if choice.start_at is not None:
        return choice.start_at
    number = choice.number
    if number is None and not meeting.offers and meeting.slot is not None:
        return meeting.slot.start_at  # it is agreed already, which is for the desk to say
    if number is None and len(meeting.offers) == 1:
        number = 1
    if number is None or number > len(meeting.offers):
        raise InputError(f"number: escolha um dos {len(meeting.offers)} horários oferecidos, ou diga start_at")
    return meeting.offers[number - 1].start_at


async def _wish(house: Installation, asked: WishIn, request: Request, *, urgent: bool = False) -> Wish:
    """The wish of a request; one with an `Idempotency-Key` is the same wish each time, even after a crash."""
    contact = await house.store.contacts.get(asked.contact_id)
    principal: Principal = request.state.principal
    key = request.headers.get(HEADER) or uuid4().hex
    return wish_of(
        contact,
        asked.type,
        Place(house.settings.business_hours_timezone),
        f"api:{principal.actor}:{key}",
        channel=asked.channel,
        urgent=urgent,
        language=asked.language,
        notes=asked.notes.strip(),
    )
