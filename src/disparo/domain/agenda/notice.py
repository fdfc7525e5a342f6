"""Notices: the messages about a meeting, each bound to one version of it (I10).

A notice is a row of the ledger in a campaign of kind `agenda`. Its step number says which meeting, which version and
which notice it is, so that one version of a meeting can never be told of twice (I2), and whoever is about to send it
knows what it speaks of.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self

MOST_SEQUENCES = 1_000
"""Versions of one meeting; a change beyond is refused."""

KINDS_WIDTH = 100
"""Places for kinds in a step number; a campaign's own steps are fewer."""


class NoticeKind(StrEnum):
    """What a message about a meeting says."""

    PROPOSAL = "proposal"
    CONFIRMED = "confirmed"
    MOVED = "moved"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    EXPIRED = "expired"
    NO_TIMES = "no_times"
    """Times were asked for and there are none to offer."""
    WHICH = "which"
    """An answer said yes, but not to which of the times."""
    REMINDER_1 = "reminder_1"
    REMINDER_2 = "reminder_2"
    REMINDER_3 = "reminder_3"
    NO_SHOW_1 = "no_show_1"
    NO_SHOW_2 = "no_show_2"
    NO_SHOW_3 = "no_show_3"
    HOST_BOOKED = "host_booked"
    HOST_MOVED = "host_moved"
    HOST_CANCELLED = "host_cancelled"
    BRIEFING = "briefing"
    OUTCOME = "outcome"
    """Asks the host whether the meeting was held."""
    CALENDAR_FAULT = "calendar_fault"
    """Tells the host that their calendar cannot be read or written."""
    NOT_OPEN = "not_open"
    """An answer to what is over."""
    TOO_LATE = "too_late"
    TOO_MANY = "too_many"
    LATER = "later"
    """A calendar could not be read just now."""


REMINDERS = (NoticeKind.REMINDER_1, NoticeKind.REMINDER_2, NoticeKind.REMINDER_3)
NO_SHOWS = (NoticeKind.NO_SHOW_1, NoticeKind.NO_SHOW_2, NoticeKind.NO_SHOW_3)
INVITING = frozenset({NoticeKind.CONFIRMED, NoticeKind.MOVED, NoticeKind.CANCELLED})
"""These go by e-mail too, with the invitation, to whoever has one."""
TO_HOST = frozenset(
    {
        NoticeKind.HOST_BOOKED,
        NoticeKind.HOST_MOVED,
        NoticeKind.HOST_CANCELLED,
        NoticeKind.BRIEFING,
        NoticeKind.OUTCOME,
        NoticeKind.CALENDAR_FAULT,
    }
)
"""These go to the host, by e-mail; the others to the contact."""

_KINDS = tuple(NoticeKind)
"""Their order is part of what is stored: new kinds go to the end."""


class NoticeStep(NamedTuple):
    """What a notice's step number says; `host` numbers the meeting's hosts from 0, for notices that go to them."""

    meeting_id: str
    sequence: int
    kind: NoticeKind
    host: int = 0

    def number(self) -> int:
        """The step's number in the ledger; ValueError for a sequence or host that has no place in it."""
        if not (0 <= self.sequence < MOST_SEQUENCES and 0 <= self.host < 10):
            raise ValueError(f"no place for {self}")
        version = (int(self.meeting_id) * MOST_SEQUENCES + self.sequence) * 10 + self.host
        return version * KINDS_WIDTH + template_step(self.kind)

    @property
    def of_a_host(self) -> bool:
        """Whether it is about a host's calendar and of no meeting: then a day stands in the meeting's place."""
        return self.kind is NoticeKind.CALENDAR_FAULT and self.sequence == MOST_SEQUENCES - 1

    @classmethod
    def parse(cls, step: int) -> Self | None:
        """What a step number says; None for a campaign's own step."""
        version, kind = divmod(step, KINDS_WIDTH)
        if version == 0 or not 1 <= kind <= len(_KINDS):
            return None
        version, host = divmod(version, 10)
        meeting, sequence = divmod(version, MOST_SEQUENCES)
        return cls(str(meeting), sequence, _KINDS[kind - 1], host)


def template_step(kind: NoticeKind) -> int:
    """The number, from 1, of a kind among the steps of an agenda's campaign."""
    return _KINDS.index(kind) + 1


BY_HAND = KINDS_WIDTH - 1
"""Where a notice's number has its kind, a message that was written by hand has this (`hand_message`)."""


def own_step(step: int) -> int:
    """The step of its campaign that a ledger row is of.

    A notice's is that of its kind, what was written by hand is all of the first, any other row's is its own number.
    """
    if step <= KINDS_WIDTH:
        return step
    place = step % KINDS_WIDTH
    return 1 if place == BY_HAND else place
