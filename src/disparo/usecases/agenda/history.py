"""A meeting with everything that belongs to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import NoticeStep
from disparo.domain.campaign import CampaignKind
from disparo.domain.contact import Contact
from disparo.domain.message import MessageRecord
from disparo.ports.agenda import hosts_by_id
from disparo.ports.contacts import known_contact
from disparo.ports.store import Store

_MOST_FOUND = 100


@dataclass(frozen=True, slots=True)
class SentNotice:
    """A notice of a meeting: what it says of which version, and its row."""

    step: NoticeStep
    row: MessageRecord
    contact: Contact


@dataclass(frozen=True, slots=True)
class MeetingHistory:
    """All that is known of one meeting. `hosts` are those of its times that (still) exist; `notices` by when they are
    due.
    """

    meeting: Meeting
    type: MeetingType | None
    contact: Contact | None
    hosts: Mapping[str, Host]
    notices: Sequence[SentNotice]


async def history(store: Store, meeting_id: str) -> MeetingHistory:
    """One meeting, its notices to contact and hosts included; NotFoundError when there is none."""
    meeting = await store.meetings.get(meeting_id)
    names = [host for slot in (*meeting.offers, *([meeting.slot] if meeting.slot else [])) for host in slot.hosts]
    known = await hosts_by_id(store.hosts)
    types = {one.id: one for one in await store.hosts.types()}
    contact = await known_contact(store.contacts, meeting.contact_id)
    hosts = {name: known[name] for name in names if name in known}
    # Hosts who had it before were told, too.
    readers = [contact] if contact is not None else []
    for host in known.values():
        if host.email and (host.id in hosts or host.id in {note.host_id for note in meeting.calendar}):
            readers += await store.contacts.find(host.email, _MOST_FOUND)
    notices = await _notices(store, meeting, {one.id: one for one in readers})
    return MeetingHistory(meeting, types.get(meeting.type_id), contact, hosts, notices)


async def _notices(store: Store, meeting: Meeting, readers: Mapping[str, Contact]) -> Sequence[SentNotice]:
    found = []
    for campaign in await store.campaigns.all():
        if campaign.kind is not CampaignKind.AGENDA:
            continue
        for contact in readers.values():
            for row in await store.ledger.rows_of(campaign.id, contact.id):
                step = NoticeStep.parse(row.id.step)
                if step is not None and step.meeting_id == meeting.id and not step.of_a_host:
                    found.append(SentNotice(step, row, contact))
    return sorted(found, key=lambda one: (one.row.due_at or one.row.changed_at, one.row.id.step))
