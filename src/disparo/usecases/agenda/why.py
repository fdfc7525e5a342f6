"""Why a meeting may, or may not, begin at an instant (I12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from disparo.domain.agenda.availability import SlotDecision, SlotReason
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting_type import Assignment, MeetingType
from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.ports.agenda import Hosts, hosts_by_id
from disparo.ports.desk import Desk


@dataclass(frozen=True, slots=True)
class SlotExplanation:
    """What stands in the way of a meeting at an instant: a decision for each host, in the order of the type's."""

    type: MeetingType
    hosts: Mapping[str, Host]
    decisions: Sequence[SlotDecision]

    @property
    def bookable(self) -> bool:
        """Whether the meeting could be agreed: with one of the hosts, or, where they meet together, with all."""
        free = [one.reason is SlotReason.FREE for one in self.decisions]
        return bool(free) and (all(free) if self.type.assignment is Assignment.TOGETHER else any(free))


async def why_slot(
    hosts: Hosts,
    desk: Desk,
    type_id: str,
    place: Place | None,
    start_at: datetime,
    now: datetime,
    *,
    host_id: str | None = None,
) -> SlotExplanation:
    """Which rule refuses each host of a type, or only this one; `place` None leaves the contact's own rules out.

    NotFoundError for a type that does not exist, InputError for a host who is none of its.
    """
    meeting_type = await hosts.type(type_id)
    if host_id is not None and host_id not in meeting_type.hosts:
        raise InputError(f"{host_id} não é anfitrião de {type_id}; os dele são: {', '.join(meeting_type.hosts)}")
    decisions = await desk.explain(type_id, place, start_at, now)
    known = await hosts_by_id(hosts)
    return SlotExplanation(meeting_type, known, [one for one in decisions if host_id is None or one.host_id == host_id])
