"""Links by which people reach us, each signed, so that nobody can make one for somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from disparo.domain.agenda.meeting import Meeting
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageId


class LinkExpiredError(NotFoundError):
    """A link of ours whose time is over."""


class LinkPurpose(StrEnum):
    """What whoever has a link to the agenda may do."""

    GUEST = "g"
    """See and change one meeting, as the contact: `name` is its id."""
    HOST = "h"
    """Say what became of one meeting, as its host: `name` is its id."""
    FEED = "f"
    """Read a host's meetings as a calendar: `name` is the host's id (see `feed_url`)."""


@dataclass(frozen=True, slots=True)
class AgendaLink:
    """What a link to the agenda stands for."""

    purpose: LinkPurpose
    name: str


class Links(Protocol):
    """Makes links to us and reads what is in them.

    An unsubscribe link holds for ever: it is in mail that people keep.
    """

    def unsubscribe_url(self, message_id: MessageId) -> str | None:
        """Where whoever got this message asks for no more; always the same one. None where we have no public address.

        It names message and contact by their ids and holds no personal data.
        """
        ...

    def message_of(self, token: str) -> MessageId:
        """The message that the end of an unsubscribe link stands for; NotFoundError when it is no link of ours."""
        ...

    def agenda_url(self, link: AgendaLink, until: datetime | None) -> str | None:
        """Below `/book/`, a page of the agenda that can be opened until then (None: for ever); None without an address.

        It holds no personal data.
        """
        ...

    def type_url(self, type_id: str) -> str | None:
        """The public page of a type of meeting."""
        ...

    def agenda_link(self, token: str, now: datetime) -> AgendaLink:
        """What the end of such a link stands for; NotFoundError for none of ours, LinkExpiredError (a kind of it)."""
        ...


AFTERWARDS = timedelta(days=30)
"""How long after a meeting, or the last change of one, its links can be opened."""


def guest_url(links: Links, meeting: Meeting) -> str | None:
    """Where the contact sees and changes a meeting; None where we have no public address."""
    return links.agenda_url(AgendaLink(LinkPurpose.GUEST, meeting.id), _good_until(meeting))


def host_url(links: Links, meeting: Meeting) -> str | None:
    """Where its host says what became of a meeting."""
    return links.agenda_url(AgendaLink(LinkPurpose.HOST, meeting.id), _good_until(meeting))


def feed_url(links: Links, host_id: str, feed_link: int = 0) -> str | None:
    """A host's calendar to subscribe to; good until the host's `feed_link` is another one."""
    return links.agenda_url(AgendaLink(LinkPurpose.FEED, f"{host_id}.{feed_link}" if feed_link else host_id), None)


def feed_of(link: AgendaLink) -> tuple[str, int]:
    """The host of a link to a feed, and which of the host's links it is."""
    host_id, _, number = link.name.partition(".")  # no host's id has a dot
    return host_id, int(number or 0)


def _good_until(meeting: Meeting) -> datetime:
    known = [meeting.proposed_at, meeting.changed_at, meeting.offers_until]
    known += [one.end_at for one in (*meeting.offers, *([meeting.slot] if meeting.slot is not None else []))]
    return max(at for at in known if at is not None) + AFTERWARDS
