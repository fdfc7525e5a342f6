"""Notices into the ledger: entered once for each version of a meeting, cancelled when the version is void (I2, I10)."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import INVITING, TO_HOST, NoticeKind, NoticeStep
from disparo.domain.agenda.notice_plan import Planned, plan, void_reason
from disparo.domain.agenda.notice_texts import own_template
from disparo.domain.campaign import AGENDA_PREFIX, Campaign, CampaignKind, Step
from disparo.domain.contact import Channel, Contact, ContactDraft
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import NotFoundError
from disparo.domain.message import MessageEvent, MessageState
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.settlement import Settlement
from disparo.domain.waiting import Wait, WaitUnit
from disparo.ports.contacts import known_contact
from disparo.ports.ledger import NewMessage
from disparo.ports.standing import ALWAYS, NOBODY, standing
from disparo.ports.store import Store

HOSTS_LIST = "anfitrioes"
"""The list in which hosts are, to be messaged like anybody else."""

PROMPT, USUAL = 0, 3
"""Priorities: somebody is waiting for it, or not."""

AT_ONCE_SUFFIX = "-ja"
"""What goes at any hour is in a campaign of its own, whose lanes never close."""

_WINDOW = timedelta(hours=23)
"""So long after a person wrote, a free text by WhatsApp may meet a closed window."""

_LAST_HEARD = 5
"""Replies among which the last one by WhatsApp is looked for."""

_ORDER = (Channel.WHATSAPP, Channel.EMAIL, Channel.SMS)


class Notices:
    """Enters notices and cancels them; the same again changes nothing (I11)."""

    def __init__(self, store: Store, hours: BusinessHours) -> None:
        self._store, self._hours = store, hours
        self._hosts: dict[tuple[str, str], str] = {}

    async def tell(self, meeting: Meeting, meeting_type: MeetingType, now: datetime) -> None:
        """Enter what the meeting's present version means, and cancel what its earlier ones meant."""
        contact = await known_contact(self._store.contacts, meeting.contact_id)
        ways = None if contact is None else await self._ways(meeting, contact)
        for planned in plan(meeting, meeting_type, self._hours, now):
            if planned.step.kind in TO_HOST:
                await self._enter_to_host(meeting, planned, now)
            elif ways is not None:
                await self._enter(meeting, meeting_type, ways, planned, now)
        await self.void(meeting, contact, now)

    async def answer(self, meeting: Meeting, meeting_type: MeetingType, kind: NoticeKind, now: datetime) -> None:
        """Tell the contact something about the version that stands, once."""
        if (contact := await known_contact(self._store.contacts, meeting.contact_id)) is None:
            return
        version = meeting.offered if kind is NoticeKind.WHICH and meeting.offered is not None else meeting.sequence
        planned = Planned(NoticeStep(meeting.id, version, kind), now, True)
        ways = replace(await self._ways(meeting, contact), heard_at=now)  # what is answered may not be kept yet
        await self._enter(meeting, meeting_type, ways, planned, now)

    async def _ways(self, meeting: Meeting, contact: Contact) -> _Ways:
        entered: dict[int, set[Channel]] = {}
        for campaign in await self._standing_ones():
            for row in await self._store.ledger.rows_of(campaign.id, contact.id):
                entered.setdefault(row.id.step, set()).add(row.channel)
        heard = await self._store.inbox.page(None, _LAST_HEARD, contact_id=contact.id)
        times = [one.heard.at for one in heard if one.heard.channel is Channel.WHATSAPP]
        if meeting.message_id is not None:  # it began with an answer, which may not be kept yet
            times.append(meeting.proposed_at)
        if meeting.by == "contact" and meeting.changed_at is not None:
            times.append(meeting.changed_at)
        return _Ways(contact, entered, max(times, default=None))

    async def ask_hosts(
        self, meeting: Meeting, kind: NoticeKind, now: datetime, *, only: Container[str] | None = None
    ) -> None:
        """Tell every host of what is agreed, or `only` these of them, something about it, once."""
        if meeting.slot is None or meeting.agreed is None:
            return
        for number, host_id in enumerate(meeting.slot.hosts):
            if only is None or host_id in only:
                step = NoticeStep(meeting.id, meeting.agreed, kind, number)
                await self._enter_to_host(meeting, Planned(step, now, True), now)

    async def _enter(
        self,
        meeting: Meeting,
        meeting_type: MeetingType,
        ways: _Ways,
        planned: Planned,
        now: datetime,
    ) -> None:
        contact, usual = ways.contact, _channel(meeting, meeting_type, ways, planned)
        channels = [] if usual is None else [usual]
        if planned.step.kind in INVITING and contact.email and usual is not Channel.EMAIL:
            channels.append(Channel.EMAIL)
        for channel in channels:
            await self._row(contact.id, channel, meeting.place, planned, now)

    async def _enter_to_host(self, meeting: Meeting, planned: Planned, now: datetime) -> None:
        if planned.step.host >= len(meeting.hosts):
            return
        try:
            host = await self._store.hosts.host(meeting.hosts[planned.step.host])
        except NotFoundError:
            return
        await self.to_host(host, planned, now)

    async def to_host(self, host: Host, planned: Planned, now: datetime) -> None:
        """Enter a notice to a host; one without an e-mail gets none."""
        if (contact_id := await self._contact_of(host)) is not None:
            await self._row(contact_id, Channel.EMAIL, host.place, planned, now)

    async def _contact_of(self, host: Host) -> str | None:
        """The contact that a host is messaged as."""
        if host.email is None:
            return None
        known = (host.id, host.email)
        if known not in self._hosts:
            try:
                address = parse_email(host.email)
            except EmailError:
                return None
            draft = ContactDraft(
                f"agenda:{host.id}", host.place, host.name, email=address.address, email_key=address.key
            )
            [folded] = await self._store.contacts.fold(HOSTS_LIST, [draft])
            self._hosts[known] = folded.contact_id
        return self._hosts[known]

    async def _row(self, contact_id: str, channel: Channel, place: Place, planned: Planned, now: datetime) -> None:
        campaign = await self._campaign(channel, planned.prompt, now)
        if campaign.kind is not CampaignKind.AGENDA:
            return
        priority = PROMPT if planned.prompt else USUAL
        row = NewMessage(
            contact_id, planned.step.number(), channel, place, MessageState.DUE, priority, planned.due_at, ""
        )
        await self._store.ledger.enter(campaign, [row], now)

    async def _campaign(self, channel: Channel, prompt: bool, now: datetime) -> Campaign:
        name = f"{AGENDA_PREFIX}{channel}{AT_ONCE_SUFFIX if prompt else ''}"
        return await standing(self._store.campaigns, _draft(name, channel, ALWAYS if prompt else self._hours, now), now)

    async def void(self, meeting: Meeting, contact: Contact | None, now: datetime) -> None:
        """Cancel every notice of the meeting that has not begun and does not hold any more."""
        people = [] if contact is None else [contact.id]
        people += [one for one in await self._host_contacts(meeting) if one is not None]
        await self.cancel_of(meeting, people, now)

    async def cancel_of(self, meeting: Meeting, people: Iterable[str], now: datetime) -> None:
        """As `void`, for these contacts."""
        cancels: list[Settlement] = []
        for campaign in await self._standing_ones():
            for person in people:
                for row in await self._store.ledger.rows_of(campaign.id, person):
                    step = NoticeStep.parse(row.id.step)
                    if step is None or step.of_a_host or (step.meeting_id, row.state) != (meeting.id, MessageState.DUE):
                        continue
                    if (reason := void_reason(meeting, step, now)) is not None:
                        # With its fence, so that one that was claimed since we looked is left to its last look.
                        cancels.append(Settlement(row.id, MessageEvent.CANCEL, row.attempts, reason))
        if cancels:
            await self._store.ledger.settle(cancels, now)

    async def _host_contacts(self, meeting: Meeting) -> Sequence[str | None]:
        found: list[str | None] = []
        for name in dict.fromkeys([*meeting.hosts, *(note.host_id for note in meeting.calendar)]):
            try:
                found.append(await self._contact_of(await self._store.hosts.host(name)))
            except NotFoundError:
                continue
        return found

    async def _standing_ones(self) -> list[Campaign]:
        """The campaigns of notices that exist."""
        return [one for one in await self._store.campaigns.live() if one.kind is CampaignKind.AGENDA]


@dataclass(frozen=True, slots=True)
class _Ways:
    """How a contact can be reached: by what notices were `entered` before, and when they last wrote by WhatsApp."""

    contact: Contact
    entered: Mapping[int, Collection[Channel]]
    heard_at: datetime | None


def _channel(meeting: Meeting, meeting_type: MeetingType, ways: _Ways, planned: Planned) -> Channel | None:
    """By what a notice goes: as the meeting came about, where the contact can be reached like that."""
    if before := ways.entered.get(planned.step.number()):  # a kill came between: never by another one, too (I2)
        return next((one for one in before if one is not Channel.EMAIL), Channel.EMAIL)
    usual, contact = meeting.channel, ways.contact
    own = meeting_type.messages.get(planned.step.kind)
    approved = own is not None and own.approved is not None
    closed = ways.heard_at is None or planned.due_at >= ways.heard_at + _WINDOW
    if usual is Channel.WHATSAPP and not approved and contact.email and closed:
        usual = Channel.EMAIL  # WhatsApp takes nothing but an approved template then
    return next((one for one in (usual, *_ORDER) if contact.address(one)), None)


def _draft(name: str, channel: Channel, hours: BusinessHours, now: datetime) -> Campaign:
    mail = channel is Channel.EMAIL

    def step(kind: NoticeKind) -> Step:
        template = own_template(kind, "pt")
        shown = template if mail else replace(template, subject=None)
        return Step(channel, replace(shown, name=str(kind)), Wait(0, WaitUnit.MINUTES), stop_on_reply=False)

    return Campaign(
        id="",
        name=name,
        list_name=NOBODY,
        steps=tuple(map(step, NoticeKind)),
        hours=hours,
        place=Place(hours.zone, None),
        created_at=now,
        deadline=timedelta(days=1),
        kind=CampaignKind.AGENDA,
    )
