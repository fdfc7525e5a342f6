"""A meeting, from the first times offered to what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from disparo.domain.agenda.slot import Occupation, Slot
from disparo.domain.contact import Channel
from disparo.domain.instants import to_ms
from disparo.domain.intervals import Interval
from disparo.domain.lifecycle import Lifecycle
from disparo.domain.place import Place


class MeetingState(StrEnum):
    """Where a meeting stands."""

    PROPOSED = "proposed"
    """Times are offered and held."""
    CONFIRMED = "confirmed"
    """A time is agreed; past its end without an outcome, nobody has said yet whether it was held."""
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    HELD = "held"
    NO_SHOW = "no_show"


class MeetingEvent(StrEnum):
    """What can happen to a meeting."""

    OFFER = "offer"
    """Other times are offered; what is agreed stands until one of them is taken."""
    TAKE = "take"
    MOVE = "move"
    WITHDRAW = "withdraw"
    """Offers that nobody took are let go of, while what is agreed stands."""
    DECLINE = "decline"
    EXPIRE = "expire"
    CANCEL = "cancel"
    HOLD = "hold"
    MISS = "miss"


_S, _E = MeetingState, MeetingEvent

MEETING_LIFECYCLE: Lifecycle[MeetingState, MeetingEvent] = Lifecycle(
    "meeting",
    _S.PROPOSED,
    {
        (_S.PROPOSED, _E.OFFER): _S.PROPOSED,
        (_S.PROPOSED, _E.TAKE): _S.CONFIRMED,
        (_S.PROPOSED, _E.DECLINE): _S.DECLINED,
        (_S.PROPOSED, _E.EXPIRE): _S.EXPIRED,
        (_S.PROPOSED, _E.CANCEL): _S.CANCELLED,
        (_S.CONFIRMED, _E.OFFER): _S.CONFIRMED,
        (_S.CONFIRMED, _E.MOVE): _S.CONFIRMED,
        (_S.CONFIRMED, _E.WITHDRAW): _S.CONFIRMED,
        (_S.CONFIRMED, _E.CANCEL): _S.CANCELLED,
        (_S.CONFIRMED, _E.HOLD): _S.HELD,
        (_S.CONFIRMED, _E.MISS): _S.NO_SHOW,
        # The host was mistaken.
        (_S.HELD, _E.MISS): _S.NO_SHOW,
        (_S.NO_SHOW, _E.HOLD): _S.HELD,
    },
    {
        _S.PROPOSED: "a reunião está proposta",
        _S.CONFIRMED: "a reunião está confirmada",
        _S.DECLINED: "a reunião foi recusada",
        _S.EXPIRED: "a proposta de reunião venceu",
        _S.CANCELLED: "a reunião está cancelada",
        _S.HELD: "a reunião aconteceu",
        _S.NO_SHOW: "o contato faltou à reunião",
    },
    {
        _E.OFFER: "oferecer outros horários",
        _E.TAKE: "confirmá-la",
        _E.MOVE: "remarcá-la",
        _E.WITHDRAW: "retirar os horários oferecidos",
        _E.DECLINE: "recusá-la",
        _E.EXPIRE: "dá-la por vencida",
        _E.CANCEL: "cancelá-la",
        _E.HOLD: "dá-la por realizada",
        _E.MISS: "dar o contato por ausente",
    },
)

LIVE = frozenset({_S.PROPOSED, _S.CONFIRMED})
"""Something may still be agreed or moved."""

KEEPS_TIME = frozenset({_S.CONFIRMED, _S.HELD, _S.NO_SHOW})
"""What was agreed keeps its time, in the hosts' calendars too."""


@dataclass(frozen=True, slots=True)
class CalendarNote:
    """What is known of a meeting in one host's calendar: which version was written there, and what is left to do.

    `written` is the version (`Meeting.agreed`) that the calendar has, None when nothing is there. `due_at` is when the
    next try is made while something is left to do. `fault` is why the last one failed, since `faulty_since`.
    """

    host_id: str
    written: int | None = None
    etag: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    fault: str = ""
    faulty_since: datetime | None = None
    invited: bool = False
    """Whether this calendar invites the contact itself."""


WRITTEN = "written"
"""Stands for a reason that somebody wrote, where it is not told."""

_CODE = re.compile(r"[a-z_]{0,40}")


def is_code(reason: str) -> bool:
    """Whether a reason is a code of ours; what is none is what somebody wrote."""
    return _CODE.fullmatch(reason) is not None


@dataclass(frozen=True, slots=True)
class MeetingNews:
    """A change that other programs are still to be told of, as it was: `what` is the end of its event's name."""

    what: str
    sequence: int
    at: datetime
    by: str
    reason: str = ""
    slot: Slot | None = None
    offers: tuple[Slot, ...] = ()


_MOST_HEARD = 5


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting with one contact; `id` is "" until a store gives it one, `revision` rises with each change (compare and
    set).

    `sequence` is its version: it rises with whatever people must be told of. `agreed` is the version in which `slot`
    came to be, `offered` that of `offers`; a notice speaks of one of these and is void when it is another (I10).
    `told` is the last version of which notices were entered. `place` is the contact's. `buffer_*` are those of its type
    when it was made. `uid` names it in calendars (RFC 5545, section 3.8.4.7).
    """

    id: str
    type_id: str
    contact_id: str
    channel: Channel
    place: Place
    language: str
    uid: str
    proposed_at: datetime
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    state: MeetingState = MeetingState.PROPOSED
    revision: int = 0
    sequence: int = 0
    slot: Slot | None = None
    agreed: int | None = None
    first_agreed: int | None = None
    """The version in which a time was agreed first."""
    offers: tuple[Slot, ...] = ()
    offers_until: datetime | None = None
    offered: int | None = None
    proposals: int = 0
    reschedules: int = 0
    told: int = -1
    campaign_id: str | None = None
    message_id: str | None = None
    urgent: bool = False
    confirmed_at: datetime | None = None
    """When a time was first agreed."""
    attendance_at: datetime | None = None
    """When the contact said that they will come, of the time that is agreed."""
    changed_at: datetime | None = None
    """When its version last rose."""
    asked_at: datetime | None = None
    """When the host was asked for the outcome."""
    by: str = ""
    """Who made the last change: `contact`, `host`, `operator`, `calendar` or `system`."""
    reason: str = ""
    notes: str = ""
    join_url: str = ""
    heard: str = ""
    """What the contact said last and was acted upon, a line for each, so that repeats of them are none (I11)."""
    calendar: tuple[CalendarNote, ...] = ()
    offered_hosts: tuple[str, ...] = ()
    """Whose time was ever offered, so that a meeting that was never agreed counts for them."""
    refused: tuple[datetime, ...] = ()
    """Beginnings that were offered before and not taken, the last ones: they are not offered again."""
    unannounced: tuple[MeetingNews, ...] = ()
    """Its changes of which other programs were not told yet; kept with the change, so that none is lost."""

    erased: bool = False
    """Whether the person was erased: what a host's calendar says of them is to go, too."""

    @property
    def live(self) -> bool:
        """Whether something may still be agreed or moved."""
        return self.state in LIVE

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of what is agreed; none before."""
        return self.slot.hosts if self.slot is not None else ()

    def has_heard(self, event: str) -> bool:
        """Whether this was acted upon before, among the last things that were."""
        return event != "" and event in self.heard.split("\n")

    def having_heard(self, event: str) -> Self:
        """The meeting once this was acted upon; "" is nothing."""
        return (
            self
            if not event
            else replace(self, heard="\n".join([*self.heard.split("\n"), event][-_MOST_HEARD:]).strip())
        )

    def occupations(self) -> tuple[Occupation, ...]:
        """The time of hosts that it keeps now: of its offers as long as they are held, of what is agreed for good.

        What was held or missed keeps its time, too, as it counts among the meetings of its day and week.
        """
        until_ms = None if self.offers_until is None else to_ms(self.offers_until)
        kept = [(self.slot, None)] if self.slot is not None and self.state in KEEPS_TIME else []
        held = [(offer, until_ms) for offer in self.offers] if self.live else []
        return tuple(self._occupation(host, slot, until) for slot, until in [*kept, *held] for host in slot.hosts)

    def _occupation(self, host_id: str, slot: Slot, until_ms: int | None) -> Occupation:
        start, end = to_ms(slot.start_at - self.buffer_before), to_ms(slot.end_at + self.buffer_after)
        return Occupation(host_id, Interval(start, end), self.id, to_ms(slot.start_at), until_ms)

    @property
    def wake_at(self) -> datetime | None:
        """When it is looked at next: its notices, offers that run out, its calendars, its outcome; None for never."""
        wishes = [note.due_at for note in self.calendar if note.due_at is not None]
        if self.told < self.sequence and self.changed_at is not None:
            wishes.append(self.changed_at)
        if self.live and self.offers_until is not None:
            wishes.append(self.offers_until)
        if self.state is MeetingState.CONFIRMED and self.slot is not None and self.asked_at is None:
            wishes.append(self.slot.end_at)
        return min(wishes, default=None)
