"""The contact's page of a meeting: what is offered or agreed, and everything that a contact can do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Response

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.errors import TransitionError
from disparo.entrypoints.http.booking.calendar_links import google_url, ics_link, outlook_url
from disparo.entrypoints.http.booking.fields import LONGEST_REASON, lines
from disparo.entrypoints.http.booking.notices import FAILED, KEPT, notice_of
from disparo.entrypoints.http.booking.pages import page, see
from disparo.entrypoints.http.booking.refusals import RefusedError
from disparo.entrypoints.http.booking.subject import Subject, safe_url
from disparo.entrypoints.http.booking.times import Asked, free_at, instant, week_of
from disparo.entrypoints.http.booking.visit import Visit
from disparo.entrypoints.http.installation import Installation
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.desk import Answer, Said, Wish
from disparo.ports.links import guest_url

_OWN = "contact"
_MISSED = frozenset({Said.TAKEN_MEANWHILE, Said.NOT_OFFERED, Said.NO_TIMES})


@dataclass(frozen=True, slots=True)
class GuestPage:
    """One visit to a contact's page."""

    house: Installation
    subject: Subject
    visit: Visit
    token: str

    async def show(self, wrong: str = "") -> Response:
        """The page as it stands; `wrong` is the word of what is missing in the form that was just sent."""
        view = self.visit.query.get("view", "")
        phase = self.subject.phase(self.visit.now)
        if self._may_choose(view, phase):
            return await self._picker(view)
        if (view, phase) in (("cancel", "ahead"), ("decline", "offered"), ("decline", "ran_out")):
            return self._page("end.html", view=view)
        if phase in ("offered", "ran_out"):
            return self._offered(phase, wrong)
        if self.subject.meeting.state is MeetingState.CONFIRMED:
            return self._confirmed(phase, wrong)
        return self._page("over.html", phase=phase)

    def _may_choose(self, view: str, phase: str) -> bool:
        if view == "again":
            return self.subject.again()
        if view != "move" or self.subject.type is None:
            return False
        return phase in ("offered", "ran_out") or (phase == "ahead" and not self.subject.no_move(self.visit.now))

    def _page(self, template: str, status: int = 200, **values: object) -> Response:
        notice = notice_of(self.visit, self.subject)
        return page(template, self.visit, {"subject": self.subject, "notice": notice, **values}, status)

    def _offered(self, phase: str, wrong: str) -> Response:
        at = instant(self.visit.query.get("at", ""))
        offers = self.subject.offers(self.visit.now)
        chosen = at if at in offers else None
        if self.visit.query.get("at") and chosen is None and phase == "offered" and not wrong:
            wrong = "time_wrong" if at is None else "time_gone"
        return self._page(
            "offered.html",
            422 if wrong == "offered_choose" else 200,
            phase=phase,
            offers=offers,
            chosen=chosen,
            wrong=wrong,
        )

    def _confirmed(self, phase: str, wrong: str) -> Response:
        title = self.subject.title(self.visit)
        slot = self.subject.meeting.slot
        about = [self.subject.names(), self.subject.meeting.join_url]
        return self._page(
            "confirmed.html",
            422 if wrong else 200,
            phase=phase,
            wrong=wrong,
            offers=self.subject.offers(self.visit.now),
            no_move=self.subject.no_move(self.visit.now),
            ics=ics_link(self.token),
            join_url=safe_url(self.subject.meeting.join_url),
            google=google_url(title, slot, about, self.where()) if slot else "",
            outlook=outlook_url(title, slot, about, self.where()) if slot else "",
        )

    def where(self) -> str:
        """Where people meet, as its type says."""
        return self.subject.type.location if self.subject.type else ""

    def _asked(self, view: str) -> Asked:
        meeting, kind = self.subject.meeting, self.subject.type
        horizon = kind.horizon if kind else timedelta(0)
        return Asked(meeting.type_id, meeting.place, horizon, meeting.id if view == "move" else None)

    async def _picker(self, view: str) -> Response:
        text = self.visit.query.get("at", "")
        at, asked = instant(text), self._asked(view)
        slot = await free_at(self.house.desk, asked, self.visit, at) if at else None
        if slot is not None:
            return self._page("choose.html", view=view, slot=slot)
        wrong = "" if not text else "time_wrong" if at is None else "time_gone"
        week = await week_of(self.house.desk, asked, self.visit)
        return self._page("times.html", view=view, week=week, wrong=wrong)

    async def act(self, form: Mapping[str, str]) -> Response:
        """Do what a button of the page asks for, then look at what became of it; RefusedError for no button of ours."""
        wish, at = form.get("do", ""), instant(form.get("at", ""))
        if wish in ("take", "move", "again") and at is None:
            return await self.show("offered_choose")
        try:
            answer = await self._done(wish, at, lines(form.get("reason", ""), LONGEST_REASON)[:LONGEST_REASON])
        except (TransitionError, MeetingChangedError):
            return see(self.visit.link(said=FAILED))
        if answer is None:
            raise RefusedError("strange", 400)
        return see(self._next(wish, at, answer))

    async def _done(self, wish: str, at: datetime | None, reason: str) -> Answer | None:
        desk, meeting, now = self.house.desk, self.subject.meeting, self.visit.now
        if at is not None:
            if wish == "take":
                return await desk.take(meeting.id, at, now, _OWN)
            if wish == "move":
                return await desk.move(meeting.id, at, now, _OWN)
            if wish == "again" and self.subject.again():
                return await desk.book(self._wish(), at, now, _OWN)
        if wish == "other":
            return await desk.offer_again(meeting.id, now, _OWN)
        if wish == "cancel":
            return await desk.cancel(meeting.id, reason, now, _OWN)
        if wish in ("decline", "keep"):
            # What is agreed stands, also where another tab agreed it meanwhile.
            return await desk.no(meeting.id, now, offers_only=True)
        return await desk.yes(meeting.id, now, agreed_only=True) if wish == "come" else None

    def _wish(self) -> Wish:
        one = self.subject.meeting
        key = f"again:{one.id}"  # one meeting leads to one other, however often its button is pressed
        return Wish(one.type_id, one.contact_id, one.channel, one.place, key, one.language, campaign_id=one.campaign_id)

    def _next(self, wish: str, at: datetime | None, answer: Answer) -> str:
        said = answer.said.value
        if wish == "again" and answer.meeting is not None:
            return "./" + (guest_token(self.house, answer.meeting) or "") + self.visit.link(said=said)
        if wish in ("move", "again") and answer.said in _MISSED and at is not None:
            return self.visit.link(view=wish, said=said, **{"from": self.visit.date_of(at).isoformat()})
        if wish == "keep" and answer.said is Said.DECLINED:
            said = KEPT
        return self.visit.link(said=said)


def guest_token(house: Installation, meeting: Meeting) -> str | None:
    """The end of a new link to a meeting; None where links lead nowhere."""
    url = guest_url(house.links, meeting)
    return None if url is None else url.rpartition("/")[2]
