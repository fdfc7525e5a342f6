"""What is written into a host's calendar, and what is read from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from disparo.domain.intervals import Interval


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who takes part; without an e-mail they are named in the text only."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A meeting as calendars know it. `uid` is the same for all its versions, `sequence` rises (RFC 5545, 3.8.7.4).

    `start_at` and `end_at` are UTC; `zone` is the host's, for programs that show one. `invites` says that the calendar
    itself is to invite the attendees; else we do. `host_notes` (what we know of the contact) are for the host's eyes: a
    calendar that shows the event to attendees leaves them out.
    """

    uid: str
    sequence: int
    title: str
    start_at: datetime
    end_at: datetime
    zone: str
    organizer: Attendee
    attendees: tuple[Attendee, ...] = ()
    description: str = ""
    location: str = ""
    url: str = ""
    online: bool = False
    cancelled: bool = False
    host_notes: str = ""

    @property
    def key(self) -> str:
        """The uid as an id that every calendar takes: 64 characters of `0-9a-f` (base32hex's own, for Google)."""
        return key_of_uid(self.uid)


def key_of_uid(uid: str) -> str:
    """The id under which an event of this uid is kept where ids are not free."""
    return sha256(uid.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BusyTimes:
    """When a calendar is taken; one that could not be read (`fault` says why) is taken throughout (I9).

    `fault` is a short code, `detail` the provider's words without personal data. `auth` says that a person must mend
    its access.
    """

    busy: Sequence[Interval] = ()
    fault: str = ""
    detail: str = ""
    auth: bool = False

    @property
    def readable(self) -> bool:
        """Whether it says anything."""
        return not self.fault


class WriteResult(StrEnum):
    """What came of writing into a calendar."""

    DONE = "done"
    """It is there as it should be, or gone as it should be; a repeat says the same."""
    RETRY = "retry"
    """Try again: it may be there or not, and writing again does no harm."""
    CHANGED = "changed"
    """Somebody changed the event there since we last wrote it; it was left as it is."""
    REFUSED = "refused"
    """It never can be; a person must look."""


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a write: `etag` is the version that the calendar has now, `join_url` its conference if it made one.

    `invited` says that the calendar invites the attendees itself, so that we do not.
    """

    result: WriteResult
    etag: str = ""
    join_url: str = ""
    invited: bool = False
    fault: str = ""
    detail: str = ""
    retry_after_s: float | None = None
    pending: bool = False
    """Whether the conference is still being made: ask again soon."""


class ChangeKind(StrEnum):
    """What happened to an event of ours in its calendar, by other hands."""

    MOVED = "moved"
    REMOVED = "removed"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """An event of ours, by its `key`, that was changed there; `start_at` and `end_at` are its times now."""

    key: str
    kind: ChangeKind
    start_at: datetime | None = None
    end_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a token, and the token for the next time; a `fault` says that it could not be asked."""

    changes: Sequence[CalendarChange] = ()
    token: str | None = None
    fault: str = ""
