"""Where hosts, types of meetings and meetings are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.keeping import hosts_of
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.slot import HostBounds, Occupation, Refusal
from disparo.domain.errors import DisparoError, RevisionError


class SlotTakenError(DisparoError):
    """The time is no longer free; nothing was changed. `refusal` says whose, which and why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("o horário não está mais livre; escolha outro")
        self.refusal = refusal


class MeetingChangedError(DisparoError):
    """Somebody changed the meeting since it was read; nothing was changed now."""


class Hosts(Protocol):
    """Hosts and types of meetings, by their short names; few, and read whole."""

    async def put_host(self, host: Host, *, over: int | None = None) -> Host:
        """Keep a host as told, whatever was kept under its id; the host with its new revision.

        With `over` only where this revision is kept (0: none yet); else RevisionError, and nothing is changed.
        """
        ...

    async def host(self, host_id: str) -> Host:
        """One host; NotFoundError."""
        ...

    async def hosts(self) -> Sequence[Host]:
        """All of them, in the order of their ids."""
        ...

    async def put_type(self, meeting_type: MeetingType, *, over: int | None = None) -> MeetingType:
        """Keep a type as told, whatever was kept under its id; the type with its new revision. `over` as for hosts."""
        ...

    async def type(self, type_id: str) -> MeetingType:
        """One type of meeting; NotFoundError."""
        ...

    async def types(self) -> Sequence[MeetingType]:
        """All of them, in the order of their ids."""
        ...

    async def sync_token(self, host_id: str) -> str | None:
        """Up to where changes in a host's calendar were read; None for never."""
        ...

    async def keep_sync_token(self, host_id: str, token: str | None) -> None:
        """Remember it; None begins anew."""
        ...


def changed_meanwhile(name: str) -> RevisionError:
    """What `put_host` and `put_type` answer for a revision that is not the one that is kept."""
    return RevisionError(f"{name} mudou desde que foi lido; leia-o de novo")


async def hosts_by_id(hosts: Hosts) -> dict[str, Host]:
    """Every host, by their ids."""
    return {host.id: host for host in await hosts.hosts()}


@dataclass(frozen=True, slots=True)
class MeetingFilter:
    """Which meetings to list; None is any. Times are of what is agreed: `start_at` inside, `end_at` outside."""

    states: frozenset[MeetingState] | None = None
    host_id: str | None = None
    type_id: str | None = None
    contact_id: str | None = None
    campaign_id: str | None = None
    from_at: datetime | None = None
    to_at: datetime | None = None

    def fits(self, meeting: Meeting) -> bool:
        """Whether a meeting is one of them."""
        slot = meeting.slot
        return (
            (self.states is None or meeting.state in self.states)
            and (self.host_id is None or self.host_id in hosts_of(meeting))
            and self.type_id in (None, meeting.type_id)
            and self.contact_id in (None, meeting.contact_id)
            and self.campaign_id in (None, meeting.campaign_id)
            and (self.from_at is None or (slot is not None and slot.start_at >= self.from_at))
            and (self.to_at is None or (slot is not None and slot.start_at < self.to_at))
        )


class Meetings(Protocol):
    """Meetings, and the time of hosts that they keep.

    `add` and `replace` are one act: the meeting as it is told and the time that its `occupations()` keep, or nothing.
    The store itself refuses time that is kept by another (I8) or is above a host's limits, by `slot.refusal`, whoever
    looked before and whatever happens beside it. `bounds` has every host of the meeting's offers and slot.
    """

    async def add(self, meeting: Meeting, bounds: Mapping[str, HostBounds], now: datetime) -> Meeting:
        """Keep a new one; it gets its id (a rising number) and revision 1. SlotTakenError.

        One whose `uid` is kept already is left alone and returned as it is kept: the same call twice adds one (I11).
        """
        ...

    async def replace(self, meeting: Meeting, bounds: Mapping[str, HostBounds], now: datetime) -> Meeting:
        """Change one that is still at this revision; the meeting with its next one.

        MeetingChangedError when it is at another, SlotTakenError when its time cannot be kept, NotFoundError.
        """
        ...

    async def get(self, meeting_id: str) -> Meeting:
        """One meeting; NotFoundError."""
        ...

    async def several(self, meeting_ids: Sequence[str]) -> Sequence[Meeting]:
        """Those of these meetings that exist, each once, in no order; one read for many."""
        ...

    async def by_uid(self, uid: str) -> Meeting | None:
        """The meeting of this uid."""
        ...

    async def occupations(
        self, host_ids: Sequence[str], start_at: datetime, end_at: datetime, now: datetime
    ) -> Sequence[Occupation]:
        """What keeps these hosts' time between two instants, holds that ran out left out; in no order.

        Sees every write that has returned.
        """
        ...

    async def page(self, wanted: MeetingFilter, after: str | None, limit: int) -> Sequence[Meeting]:
        """Meetings in the order of their ids, newest first, from behind `after`."""
        ...

    async def of_contacts(self, contact_ids: Sequence[str]) -> Sequence[Meeting]:
        """Every meeting of these contacts, newest first."""
        ...

    async def due(self, now: datetime, limit: int) -> Sequence[Meeting]:
        """Meetings whose `wake_at` has come, the longest waiting first."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next `wake_at` comes."""
        ...

    async def forget(self, contact_id: str) -> None:
        """Take notes out of a contact's meetings (LGPD); the meetings stay, so that they can be counted."""
        ...
