"""The public page of a type of meeting, on which anybody books."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from fastapi import Response

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.errors import NotFoundError, TransitionError
from disparo.domain.place import Place
from disparo.entrypoints.http.booking.fields import LONGEST_NOTE, TRAP, Details, details_of
from disparo.entrypoints.http.booking.guest import guest_token
from disparo.entrypoints.http.booking.notices import Notice
from disparo.entrypoints.http.booking.pages import page, see
from disparo.entrypoints.http.booking.refusals import RefusedError
from disparo.entrypoints.http.booking.times import Asked, free_at, instant, nearest, week_of
from disparo.entrypoints.http.booking.visit import Visit
from disparo.entrypoints.http.installation import Installation
from disparo.ports.agenda import Hosts, MeetingChangedError
from disparo.ports.desk import Answer, Said
from disparo.usecases.agenda.visitors import Visitor, book_visitor

NEAREST_SHOWN = 6
_LONGEST_KEY = 64


class NoSuchTypeError(NotFoundError):
    """No type that is open to anybody has this name."""


@dataclass(frozen=True, slots=True)
class PublicPage:
    """One visit to a type's public page."""

    house: Installation
    type: MeetingType
    hosts: tuple[Host, ...]
    visit: Visit

    @property
    def _asked(self) -> Asked:
        return Asked(self.type.id, Place(self.visit.zone), self.type.horizon)

    async def show(self) -> Response:
        """Free times by day; with a time in the address, the form that books it."""
        text = self.visit.query.get("at", "")
        at = instant(text)
        if at is not None and await free_at(self.house.desk, self._asked, self.visit, at):
            return self._form(Form(at, secrets.token_urlsafe(18)), 200)
        wrong = "" if not text else "time_wrong" if at is None else "time_gone"
        week = await week_of(self.house.desk, self._asked, self.visit)
        return self._page("public.html", 200, week=week, wrong=wrong, notice=None)

    def _form(self, form: Form, status: int, notice: Notice | None = None) -> Response:
        end_at = form.at + self.type.duration if form.at else None
        return self._page("details.html", status, form=form, end_at=end_at, notice=notice, trap=TRAP, most=LONGEST_NOTE)

    def _page(self, template: str, status: int, **values: object) -> Response:
        names = ", ".join(host.name for host in self.hosts) if len(self.hosts) == 1 else ""
        return page(template, self.visit, {"type": self.type, "names": names, **values}, status)

    async def book(self, sent: Mapping[str, str]) -> Response:
        """Book what the form asks for and look at the meeting; what is wrong comes back with all that was typed."""
        key = sent.get("key", "")
        if not 16 <= len(key) <= _LONGEST_KEY:
            raise RefusedError("strange", 400)
        details, at = details_of(sent, self.house.settings.default_region), instant(sent.get("at", ""))
        form = Form(at, key, details)
        if at is None:
            return await self._taken(form, "wrong_at")
        if details.wrong:
            return self._form(form, 422)
        try:
            answer = await self._booked(details, at, key)
        except (TransitionError, MeetingChangedError):
            return self._form(form, 409, Notice(self.visit.say("said_failed"), "bad"))
        if answer.meeting is not None:
            return await self._see(answer, answer.meeting)
        if answer.said is Said.TOO_MANY:
            return self._form(form, 409, Notice(self.visit.say("public_too_many"), "bad"))
        if answer.said is Said.UNREADABLE:
            return self._form(form, 503, Notice(self.visit.say("said_unreadable"), "bad"))
        return await self._taken(form, "")

    async def _booked(self, details: Details, at: datetime, key: str) -> Answer:
        visitor = Visitor(
            details.name,
            details.mailbox,
            details.number,
            Place(self.visit.zone),
            self.visit.language,
            details.note,
        )
        own = _key(key, self.type.id, details)
        return await book_visitor(self.house.store, self.house.desk, self.type.id, visitor, at, own, self.visit.now)

    async def _see(self, answer: Answer, meeting: Meeting) -> Response:
        token = guest_token(self.house, meeting)
        if token is not None:
            return see(f"../book/{token}{self.visit.link(said=answer.said.value)}")
        # Without a public address there are no links; what was booked is told here and now.
        notice = Notice(self.visit.words[f"said_{answer.said.value}"], "good")
        return self._page("booked.html", 200, meeting=meeting, notice=notice)

    async def _taken(self, form: Form, wrong: str) -> Response:
        around = form.at or self.visit.now
        others = await nearest(self.house.desk, self._asked, self.visit, around, NEAREST_SHOWN)
        again = Form(None, form.key, form.details, tuple(others), wrong)
        return self._form(again, 422 if wrong else 409)


@dataclass(frozen=True, slots=True)
class Form:
    """The form as it is shown: for the time `at`, or, where that is gone, with other times to choose from.

    `key` makes the same form, sent again, book nothing more (I11).
    """

    at: datetime | None
    key: str
    details: Details = field(default_factory=Details)
    others: tuple[datetime, ...] = ()
    wrong_at: str = ""


def _key(key: str, type_id: str, details: Details) -> str:
    """Bound to who sends the form: nobody reaches another's meeting by a key that they saw or guessed."""
    mailbox = details.mailbox.key if details.mailbox else ""
    number = details.number.key if details.number else ""
    digest = blake2b("\n".join((key, type_id, mailbox, number)).encode(), digest_size=16)
    return f"page:{digest.hexdigest()}"


async def open_type(hosts: Hosts, type_id: str) -> tuple[MeetingType, tuple[Host, ...]]:
    """A type that anybody may book, with its active hosts; NoSuchTypeError, the same for whatever is missing."""
    try:
        kind = await hosts.type(type_id)
        if kind.public and kind.active and len(type_id) <= _LONGEST_KEY:
            known = {host.id: host for host in await hosts.hosts() if host.active}
            if found := tuple(known[host_id] for host_id in kind.hosts if host_id in known):
                return kind, found
    except NotFoundError:
        pass
    raise NoSuchTypeError("não há página pública com este nome")
