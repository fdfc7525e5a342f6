"""Writing one event into a calendar, so that a repeat does no harm and other hands' changes stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from disparo.adapters.calendars.google.api import GoogleApi, Request
from disparo.adapters.calendars.google.credentials import GoogleCredentials
from disparo.adapters.calendars.google.errors import MEND_WAIT_S, Fault, GoogleFaultError, not_understood
from disparo.adapters.calendars.google.payload import (
    Standing,
    attendees,
    conference_wish,
    event_body,
    is_ours,
    read_standing,
    untouched,
)
from disparo.adapters.http_exchange import Answer
from disparo.domain.agenda.calendar_event import CalendarEvent, WriteResult, Written
from disparo.domain.policies.retry import FailureClass

ROUNDS = 3
"""How often an event that changes while we write it is looked at again within one call."""
_GONE = frozenset({404, 410})
_RETRY = frozenset({FailureClass.TRANSIENT, FailureClass.THROTTLED, FailureClass.AUTH, FailureClass.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Writing:
    """One event, in one calendar; `zone` is the host's. Each method raises GoogleFaultError when Google fails it."""

    api: GoogleApi
    secret: GoogleCredentials
    calendar_id: str
    event: CalendarEvent
    zone: str

    async def put(self, etag: str) -> Written:
        """See `Calendar.put`: an insert under our own id, or a change of the version that is there.

        What is there is read before it is changed, since a change with attendees sends them mail each time.
        """
        if not etag:
            written = await self._insert()
            if written is not None:
                return written
        return await self._change(etag)

    async def remove(self, etag: str) -> Written:
        """See `Calendar.remove`. An event that others moved since is left, like one of a newer version of ours."""
        known = etag
        for _ in range(ROUNDS):
            if not known:
                standing = await self._standing()
                if standing is None or standing.cancelled:
                    return Written(WriteResult.DONE)
                if kept := self._kept_from_removal(standing, etag):
                    return kept
                known = standing.etag
            fault = await self._fault_of(Request("DELETE", self._path(), self._told_by(self._invites()), etag=known))
            if fault is None or await self._is_gone(fault):
                return Written(WriteResult.DONE)
            if fault.status != 412:
                raise GoogleFaultError(fault)
            known = ""
        return _again("changed_meanwhile")

    # --- putting

    async def _insert(self) -> Written | None:
        """None when its id is taken: it is there, or was."""
        answer = await self._write("POST", None, wish=self.event.online)
        if not isinstance(answer, Fault):
            return self._done(answer)
        if answer.status == 409:
            return None
        raise _not_shared(answer) if answer.status == 404 else GoogleFaultError(answer)

    async def _change(self, etag: str) -> Written:
        for _ in range(ROUNDS):
            standing = await self._standing()
            if standing is None:
                return Written(WriteResult.CHANGED, fault="removed_there") if etag else _again("not_found")
            if kept := self._kept_from_change(standing, etag):
                return kept
            conference = standing.conference
            wish = self.event.online and (standing.cancelled or not (conference.url or conference.pending))
            answer = await self._write("PATCH", standing, wish=wish, known=standing.etag == etag)
            if not isinstance(answer, Fault):
                return self._done(answer)
            if etag and await self._is_gone(answer):
                return Written(WriteResult.CHANGED, fault="removed_there")
            if answer.status != 412:
                raise GoogleFaultError(answer)
        return _again("changed_meanwhile")

    def _kept_from_change(self, standing: Standing, etag: str) -> Written | None:
        """What to say of an event that is not to be written over; None when it is."""
        mark = standing.mark
        if mark is not None and mark.sequence > self.event.sequence:
            return Written(WriteResult.CHANGED, standing.etag, fault="newer_there")
        if standing.cancelled:
            # Whoever knew its version wrote it, so others removed it since; else it is what we removed before.
            return Written(WriteResult.CHANGED, standing.etag, fault="removed_there") if etag else None
        if mark is not None and is_ours(standing) and mark.sequence == self.event.sequence:
            # Of a version that others moved since, nobody is told the etag: the next one is not to undo it unseen.
            return self._written(standing, etag if standing.moved else standing.etag)
        return self._kept_by_others(standing, etag)

    def _kept_from_removal(self, standing: Standing, etag: str) -> Written | None:
        if standing.mark is not None and standing.mark.sequence > self.event.sequence:
            return Written(WriteResult.CHANGED, standing.etag, fault="newer_there")
        return self._kept_by_others(standing, etag)

    def _kept_by_others(self, standing: Standing, etag: str) -> Written | None:
        """What to say of an event that others moved, unless we know this version of it or want it just there."""
        if not is_ours(standing):
            return Written(WriteResult.CHANGED, standing.etag, fault="not_ours")
        wanted = standing.at(self.event.start_at, self.event.end_at)
        if standing.moved and standing.etag != etag and not wanted:
            return Written(WriteResult.CHANGED, standing.etag, fault="moved_there")
        return None

    async def _write(
        self, method: str, standing: Standing | None, *, wish: bool, known: bool = False
    ) -> Answer | Fault:
        """Write it with attendees and conference, without what this account may not have.

        Google takes nothing of a request that it refuses, so that another one is no repeat.
        """
        invites, etag = self._invites(), "" if standing is None else standing.etag
        path = self._path() if standing is not None else self._path()[:-1]
        while True:
            body = self._body(standing, invites, known)
            if wish:
                body["conferenceData"] = conference_wish(self.event)
            query = self._told_by(invites) | ({"conferenceDataVersion": "1"} if wish else {})
            try:
                return await self.api.ask(self.secret, Request(method, path, query, body, etag))
            except GoogleFaultError as error:
                fault = error.fault
            if invites and "forbiddenForServiceAccounts" in fault.reasons:
                invites = False
            elif wish and fault.status == 400:
                wish = False
            else:
                return fault

    def _body(self, standing: Standing | None, invites: bool, known: bool) -> dict[str, Any]:
        """What is told of it: all, but of a version that we do not know only what other hands left as it was."""
        body = event_body(self.event, shared=invites)
        if standing is None:
            body["id"] = self.event.key
        elif not (known or standing.cancelled):
            body = untouched(body, standing)
        if invites:
            body["attendees"] = attendees(self.event, () if standing is None else standing.guests)
        return body

    # --- what is there

    async def _standing(self) -> Standing | None:
        """The event as it is there, None when it is not."""
        try:
            answer = await self.api.ask(self.secret, Request("GET", self._path()))
        except GoogleFaultError as error:
            if await self._is_gone(error.fault):
                return None
            raise
        return self._read(answer)

    async def _is_gone(self, fault: Fault) -> bool:
        """Whether a fault says that the event is not there; GoogleFaultError when it is the calendar that is not.

        Google answers both with the same 404, and an event in a calendar that is no longer shared is there as before.
        """
        if fault.status == 404:
            query = {"maxResults": "1", "fields": "timeZone"}
            try:
                await self.api.ask(self.secret, Request("GET", self._path()[:-1], query))
            except GoogleFaultError as error:
                raise (_not_shared(error.fault) if error.fault.status == 404 else error) from None
        return fault.status in _GONE

    async def _fault_of(self, request: Request) -> Fault | None:
        try:
            await self.api.ask(self.secret, request)
        except GoogleFaultError as error:
            return error.fault
        return None

    def _read(self, answer: Answer) -> Standing:
        document = answer.json()
        standing = read_standing(document, self.zone) if isinstance(document, dict) else None
        if standing is None or standing.id != self.event.key or not (standing.etag or standing.cancelled):
            raise not_understood("not the event that was asked for")
        return standing

    def _done(self, answer: Answer) -> Written:
        standing = self._read(answer)
        return self._written(standing, standing.etag)

    def _written(self, standing: Standing, etag: str) -> Written:
        conference = standing.conference
        return Written(
            WriteResult.DONE,
            etag,
            join_url=conference.url,
            invited=self._invites() and bool(standing.answers),
            pending=self.event.online and conference.pending,
        )

    # --- how it is asked for

    def _path(self) -> tuple[str, ...]:
        return ("calendars", self.calendar_id, "events", self.event.key)

    def _invites(self) -> bool:
        return self.secret.subject is not None and bool(attendees(self.event))

    @staticmethod
    def _told_by(google: bool) -> dict[str, str]:
        return {"sendUpdates": "all" if google else "none"}


def failed(fault: Fault) -> Written:
    """What a write ends with that Google failed: everything but a request that can never be is tried again."""
    result = WriteResult.RETRY if fault.failure in _RETRY else WriteResult.REFUSED
    return Written(result, fault=fault.code, detail=fault.detail, retry_after_s=fault.retry_after_s)


def _not_shared(fault: Fault) -> GoogleFaultError:
    """A person mends this by sharing the calendar, and then it can be written."""
    return GoogleFaultError(Fault(FailureClass.AUTH, "calendar_not_found", fault.detail, MEND_WAIT_S, fault.status))


def _again(code: str) -> Written:
    return Written(WriteResult.RETRY, fault=code)
