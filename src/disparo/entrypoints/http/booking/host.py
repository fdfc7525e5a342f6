"""The host's page of a meeting: who comes, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Response

from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.errors import TransitionError
from disparo.entrypoints.http.booking.calendar_links import ics_link
from disparo.entrypoints.http.booking.fields import LONGEST_REASON, lines
from disparo.entrypoints.http.booking.notices import FAILED, notice_of
from disparo.entrypoints.http.booking.pages import page, see
from disparo.entrypoints.http.booking.refusals import RefusedError
from disparo.entrypoints.http.booking.subject import Subject, safe_url
from disparo.entrypoints.http.booking.visit import Visit
from disparo.entrypoints.http.installation import Installation
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.contacts import known_contact
from disparo.ports.desk import Answer

_OWN = "host"
_SETTLED = frozenset({MeetingState.HELD, MeetingState.NO_SHOW})


@dataclass(frozen=True, slots=True)
class HostPage:
    """One visit to a host's page."""

    house: Installation
    subject: Subject
    visit: Visit
    token: str

    async def show(self) -> Response:
        """The page as it stands."""
        phase = self.subject.phase(self.visit.now)
        if self.visit.query.get("view") == "cancel" and phase in ("ahead", "offered", "ran_out"):
            return page("end.html", self.visit, {"view": "host_cancel", "subject": self.subject, "notice": None})
        values = {
            "subject": self.subject,
            "notice": notice_of(self.visit, self.subject),
            "phase": phase,
            "contact": await known_contact(self.house.store.contacts, self.subject.meeting.contact_id),
            "state": self._state(phase),
            "offers": self.subject.offers(self.visit.now),
            "asks_outcome": phase in ("now", "past") or self.subject.meeting.state in _SETTLED,
            "ics": ics_link(self.token),
            "join_url": safe_url(self.subject.meeting.join_url),
        }
        return page("host.html", self.visit, values)

    def _state(self, phase: str) -> str:
        meeting = self.subject.meeting
        if phase == "past":
            return "host_state_unknown"
        if meeting.state is MeetingState.CONFIRMED and meeting.attendance_at is not None:
            return "host_state_attending"
        return f"host_state_{meeting.state.value}"

    async def act(self, form: Mapping[str, str]) -> Response:
        """Do what a button of the page asks for; RefusedError for no button of ours."""
        reason = lines(form.get("reason", ""), LONGEST_REASON)[:LONGEST_REASON]
        try:
            answer = await self._done(form.get("do", ""), reason)
        except (TransitionError, MeetingChangedError):
            return see(self.visit.link(said=FAILED))
        if answer is None:
            raise RefusedError("strange", 400)
        return see(self.visit.link(said=answer.said.value))

    async def _done(self, wish: str, reason: str) -> Answer | None:
        desk, meeting_id, now = self.house.desk, self.subject.meeting.id, self.visit.now
        if wish == "cancel":
            return await desk.cancel(meeting_id, reason, now, _OWN)
        if wish in ("held", "no_show"):
            return await desk.outcome(meeting_id, wish == "held", now, _OWN)
        return None
