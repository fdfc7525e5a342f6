"""The desk: what people and the engine ask of the agenda, each with one clear answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from disparo.domain.agenda.availability import SlotDecision
from disparo.domain.agenda.calendar_event import BusyTimes
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Channel
from disparo.domain.place import Place


class Said(StrEnum):
    """What the desk answers."""

    OFFERED = "offered"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    ALREADY = "already"
    """It was so already: a second click, a repeated message."""
    TAKEN_MEANWHILE = "taken_meanwhile"
    """That time went to somebody else; the meeting has new offers, if there are any."""
    NO_TIMES = "no_times"
    """There is nothing to offer; nothing was changed."""
    UNREADABLE = "unreadable"
    """A host's calendar cannot be read now; nothing was changed, trying later may help."""
    WHICH = "which"
    """A yes to several times: which one?"""
    ATTENDING = "attending"
    """They said that they will come."""
    DECLINED = "declined"
    CANCELLED = "cancelled"
    OUTCOME = "outcome"
    """What became of it was noted."""
    TOO_LATE = "too_late"
    """It begins too soon, or has begun, to be changed by the contact."""
    TOO_MANY = "too_many"
    """It was moved as often as its type allows, or times were offered as often."""
    TOO_EARLY = "too_early"
    """It has not begun, so that nobody can say what became of it."""
    NOT_OFFERED = "not_offered"
    """That time is not among those offered, or is offered no more."""
    NOT_OPEN = "not_open"
    """The meeting is over, cancelled or was never agreed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided, and the meeting as it is now (None where none came to be)."""

    said: Said
    meeting: Meeting | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to offer times, and what for.

    `key` makes a repeat of the same wish harmless (I11): one with a key that led to a meeting before is answered with
    that meeting. `urgent` asks for the nearest times.
    """

    type_id: str
    contact_id: str
    channel: Channel
    place: Place
    key: str
    language: str = "pt"
    urgent: bool = False
    campaign_id: str | None = None
    message_id: str | None = None
    notes: str = ""
    event: str = ""
    """What the contact said that led to it, so that the same again is no answer to what is offered."""
    insist: bool = False
    """Whether to go on looking, for two days, when there is nothing to offer yet: somebody who said yes is not lost."""


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """The times that could be booked, in order, and why hosts have none whose calendar cannot be read, by their ids."""

    slots: Sequence[Slot]
    unreadable: Mapping[str, BusyTimes]


class Desk(Protocol):
    """Every change of a meeting goes through here; each is one compare-and-set, safe to repeat and to race (I8, I11).

    `by` says who asks: `contact`, `host`, `operator`, `calendar` or `system`; limits on changes hold for contacts only.
    NotFoundError for a meeting, host or type that does not exist. `event` names what the contact said: the one that was
    acted upon last is answered with ALREADY, as a repeat would speak of other times than it was meant for.
    """

    async def slots(
        self,
        type_id: str,
        place: Place | None,
        start_at: datetime,
        end_at: datetime,
        now: datetime,
        *,
        moving: str | None = None,
    ) -> list[Slot]:
        """The times that could be booked now, in order; what `moving` (a meeting) keeps itself is not in the way.

        Hosts whose calendar cannot be read have none.
        """
        ...

    async def free_times(
        self,
        type_id: str,
        place: Place | None,
        start_at: datetime,
        end_at: datetime,
        now: datetime,
        *,
        moving: str | None = None,
        host_id: str | None = None,
        within: timedelta | None = None,
    ) -> FreeTimes:
        """As `slots`, with the hosts who cannot be asked, or did not answer `within` this time.

        With `host_id` only times of this host of the type, where it is one of several who gives a meeting.
        """
        ...

    async def explain(self, type_id: str, place: Place | None, start_at: datetime, now: datetime) -> list[SlotDecision]:
        """For each host of a type, which rule refuses a meeting that begins at this instant (I12)."""
        ...

    async def preview(self, wish: Wish, now: datetime, within: timedelta | None = None) -> FreeTimes:
        """The times that `propose` would offer somebody now, as far as nobody takes them meanwhile; nothing is held."""
        ...

    async def propose(self, wish: Wish, now: datetime) -> Answer:
        """Offer times to somebody and hold them: OFFERED, ALREADY, NO_TIMES, UNREADABLE."""
        ...

    async def book(
        self, wish: Wish, start_at: datetime, now: datetime, by: str, *, host_id: str | None = None
    ) -> Answer:
        """Agree a time without an offer before: CONFIRMED, ALREADY, TAKEN_MEANWHILE, NOT_OFFERED, UNREADABLE.

        `host_id` as for `free_times`.
        """
        ...

    async def offer_again(self, meeting_id: str, now: datetime, by: str, *, event: str = "") -> Answer:
        """Offer other times than before, to one who refused the last ones or wants to move what is agreed.

        OFFERED, NO_TIMES, UNREADABLE, TOO_MANY, TOO_LATE, NOT_OPEN; ALREADY for an `event` that was acted upon last.
        """
        ...

    async def take(self, meeting_id: str, start_at: datetime, now: datetime, by: str, *, event: str = "") -> Answer:
        """Agree one of the offered times: CONFIRMED, or MOVED of what was agreed before."""
        ...

    async def move(self, meeting_id: str, start_at: datetime, now: datetime, by: str) -> Answer:
        """Move what is agreed to another free time, offered or not: MOVED. Where only offers are, CONFIRMED."""
        ...

    async def yes(self, meeting_id: str, now: datetime, *, agreed_only: bool = False, event: str = "") -> Answer:
        """The contact says yes: takes the only offer, or will come to what is agreed; else WHICH, or NO_TIMES yet.

        With `agreed_only` it is about what is agreed, whatever is offered beside: ATTENDING, or NOT_OPEN.
        """
        ...

    async def no(self, meeting_id: str, now: datetime, *, offers_only: bool = False, event: str = "") -> Answer:
        """The contact says no: to offers alone DECLINED, to what is agreed CANCELLED; to offers beside it, these go.

        With `offers_only` what is agreed is never touched: ALREADY when no offers are left beside it.
        """
        ...

    async def cancel(self, meeting_id: str, reason: str, now: datetime, by: str, *, event: str = "") -> Answer:
        """Call it off: CANCELLED."""
        ...

    async def hand_to(self, meeting_id: str, host_id: str, now: datetime) -> Answer:
        """Give what is agreed to another host at the same time: MOVED."""
        ...

    async def outcome(self, meeting_id: str, held: bool, now: datetime, by: str) -> Answer:
        """Note whether it was held: OUTCOME; from its beginning on."""
        ...

    async def expire(self, meeting_id: str, now: datetime) -> Answer:
        """Give up a proposal that nobody answered."""
        ...
