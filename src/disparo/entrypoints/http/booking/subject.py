"""The meeting that a page is about, with what must be known beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.errors import NotFoundError
from disparo.entrypoints.http.booking.visit import Visit
from disparo.ports.agenda import Hosts

AGAIN = frozenset({MeetingState.DECLINED, MeetingState.EXPIRED, MeetingState.CANCELLED, MeetingState.NO_SHOW})
"""Whose contact may book another meeting of the same type by the same link."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A meeting; `type` is None when it is no longer configured, and so are hosts of it missing here."""

    meeting: Meeting
    type: MeetingType | None
    hosts: tuple[Host, ...]

    def title(self, visit: Visit) -> str:
        """What the meeting is called."""
        return self.type.title if self.type else visit.say("meeting")

    def duration(self) -> timedelta:
        """How long it is, or is to be."""
        slots = (self.meeting.slot, *self.meeting.offers)
        fallback = self.type.duration if self.type else timedelta(0)
        return next((slot.end_at - slot.start_at for slot in slots if slot is not None), fallback)

    def names(self) -> str:
        """Who meets the contact."""
        return ", ".join(host.name for host in self.hosts)

    def zones(self) -> tuple[str, ...]:
        """The contact's zone, then the hosts'."""
        return (self.meeting.place.zone, *(host.place.zone for host in self.hosts))

    def phase(self, now: datetime) -> str:
        """Its state as of now: `offered`, `ran_out`, `ahead`, `now`, `past`, or that of one that is over."""
        meeting = self.meeting
        if meeting.state is MeetingState.PROPOSED:
            return "offered" if self.offers(now) else "ran_out"
        if meeting.state is not MeetingState.CONFIRMED or meeting.slot is None:
            return meeting.state.value
        if now < meeting.slot.start_at:
            return "ahead"
        return "now" if now < meeting.slot.end_at else "past"

    def offers(self, now: datetime) -> list[datetime]:
        """The times that are held for the contact now."""
        meeting = self.meeting
        held = meeting.live and meeting.offers_until is not None and now < meeting.offers_until
        return sorted({offer.start_at for offer in meeting.offers if offer.start_at > now}) if held else []

    def no_move(self, now: datetime) -> str:
        """Why the contact cannot reschedule, as a word's key; "" when they can."""
        slot, rules = self.meeting.slot, self.type
        if slot is None or rules is None or now >= slot.start_at - rules.latest_change:
            return "move_too_late"
        return "move_no_more" if self.meeting.reschedules >= rules.max_reschedules else ""

    def again(self) -> bool:
        """Whether the contact may book another one here."""
        return self.meeting.state in AGAIN and self.type is not None and self.type.active


async def subject_of(hosts: Hosts, meeting: Meeting) -> Subject:
    """The meeting with its type and hosts, as far as they are still there."""
    kind = await found_type(hosts, meeting.type_id)
    ids = meeting.slot.hosts if meeting.slot else [host for offer in meeting.offers for host in offer.hosts]
    found = {host_id: await _host(hosts, host_id) for host_id in dict.fromkeys(ids)}
    return Subject(meeting, kind, tuple(host for host in found.values() if host is not None))


async def found_type(hosts: Hosts, type_id: str) -> MeetingType | None:
    """A type of meeting, or None."""
    try:
        return await hosts.type(type_id)
    except NotFoundError:
        return None


async def _host(hosts: Hosts, host_id: str) -> Host | None:
    try:
        return await hosts.host(host_id)
    except NotFoundError:
        return None


def safe_url(text: str) -> str:
    """The address of a web page, or "" for anything else: it comes from calendars, and becomes a link."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return ""
    return text.strip() if parts.scheme in ("http", "https") and parts.netloc else ""
