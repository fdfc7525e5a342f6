"""A notice as it goes out: of the meeting as it is at that moment, or not at all (I10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from disparo.domain.agenda.event import event_of
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import INVITING, TO_HOST, NoticeKind, NoticeStep
from disparo.domain.agenda.notice_html import notice_html
from disparo.domain.agenda.notice_plan import void_reason
from disparo.domain.agenda.notice_texts import own_template
from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.message import Claimed
from disparo.domain.template import Content, Invitation, Template
from disparo.engine.agenda.briefings import Briefings
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.agenda.values import notice_choices, notice_values, reader_of
from disparo.ports.agenda import hosts_by_id
from disparo.ports.contacts import known_contact
from disparo.ports.links import Links, guest_url, host_url
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.ports.store import Store

GONE = "meeting_gone"
"""Its meeting, or its type, is not kept any more."""

_MOST_COMPILED = 1_000


class NoticeComposer:
    """Writes notices and says in the last look whether they still hold."""

    def __init__(
        self, store: Store, renderer: Renderer, links: Links | None, briefings: Briefings, parts: AgendaParts
    ) -> None:
        self._store, self._renderer, self._links, self._parts = store, renderer, links, parts
        self._briefings = briefings
        self._compiled: dict[tuple[str, int, NoticeKind, str, Channel], CompiledTemplate] = {}

    async def refusal(self, message: Claimed, now: datetime) -> str | None:
        """Why a notice must not go any more, or None."""
        step = NoticeStep.parse(message.id.step)
        if step is None:
            return GONE
        if step.of_a_host:
            return None
        try:
            return void_reason(await self._store.meetings.get(step.meeting_id), step, now)
        except NotFoundError:
            return GONE

    async def compose(self, message: Claimed, now: datetime) -> Content | str:
        """What is to be sent, or why it is not to be; RenderError for a text that cannot be written."""
        step = NoticeStep.parse(message.id.step)
        if step is None:
            return GONE
        if step.of_a_host:
            return await self._about_a_host(message, step)
        try:
            meeting = await self._store.meetings.get(step.meeting_id)
            meeting_type = await self._store.hosts.type(meeting.type_id)
        except NotFoundError:
            return GONE
        if (reason := void_reason(meeting, step, now)) is not None:
            return reason
        hosts = await hosts_by_id(self._store.hosts)
        return await self._content(message, step, meeting, meeting_type, hosts, now)

    async def _content(
        self,
        message: Claimed,
        step: NoticeStep,
        meeting: Meeting,
        meeting_type: MeetingType,
        hosts: Mapping[str, Host],
        now: datetime,
    ) -> Content:
        contact = await known_contact(self._store.contacts, meeting.contact_id)
        url = self._url(step.kind, meeting)
        reader = reader_of(step, meeting, hosts)
        language = meeting.language if reader is None else reader.language
        values = notice_values(reader, meeting, meeting_type, hosts, contact, self._parts.wording, url)
        html = None
        if step.kind is NoticeKind.CALENDAR_FAULT and reader is not None:
            faults = (note.fault for note in meeting.calendar if note.fault and note.host_id == reader.id)
            values |= {"anfitriao": reader.name, "motivo": next(faults, "?")}
        if step.kind is NoticeKind.BRIEFING:
            values["resumo"], html = await self._briefings.written(
                meeting, meeting_type, hosts, contact, language, reader=reader
            )
        content = self._template(step.kind, meeting_type, language, message.channel).render(values)
        if message.channel is Channel.EMAIL:
            invitation = await self._invitation(step, meeting, meeting_type, hosts, contact, now)
            return replace(content, html=content.html or html or notice_html(content.text), invitation=invitation)
        if message.channel is Channel.WHATSAPP and content.choices is None:
            return replace(content, choices=notice_choices(step.kind, meeting, self._parts.wording))
        return content

    async def _about_a_host(self, message: Claimed, step: NoticeStep) -> Content | str:
        """What is told to a host of their calendar, whatever is in it."""
        hosts = await self._store.hosts.hosts()
        host = next((one for one in hosts if one.email and message.email and one.email.lower() in message.keys), None)
        if host is None:
            return GONE
        template = fitting(own := own_template(step.kind, host.language), own, message.channel)
        values = {"anfitriao": host.name, "motivo": host.calendar.kind.value}
        content = self._renderer.compile(template).render(values)
        return replace(content, html=notice_html(content.text))

    def _template(
        self,
        kind: NoticeKind,
        meeting_type: MeetingType,
        language: str,
        channel: Channel,
    ) -> CompiledTemplate:
        key = (meeting_type.id, meeting_type.revision, kind, language, channel)
        if (known := self._compiled.get(key)) is None:
            if len(self._compiled) >= _MOST_COMPILED:
                self._compiled.clear()
            own = own_template(kind, language)
            template = fitting(meeting_type.messages.get(kind) or own, own, channel)
            known = self._compiled[key] = self._renderer.compile(template)
        return known

    def _url(self, kind: NoticeKind, meeting: Meeting) -> str | None:
        if self._links is None:
            return None
        return host_url(self._links, meeting) if kind in TO_HOST else guest_url(self._links, meeting)

    async def _invitation(
        self,
        step: NoticeStep,
        meeting: Meeting,
        meeting_type: MeetingType,
        hosts: Mapping[str, Host],
        contact: Contact | None,
        now: datetime,
    ) -> Invitation | None:
        if step.kind not in INVITING or meeting.slot is None or meeting.agreed is None:
            return None
        if any(note.invited for note in meeting.calendar):  # the host's calendar has done so
            return None
        url = self._url(step.kind, meeting) or ""
        event = event_of(meeting, meeting_type, hosts, contact, url=url)
        # Calendar programs mail their answer to the organizer, so that is to be an address that we read.
        email = await self._parts.own_address() or event.organizer.email
        if email is None:
            return None
        organizer = replace(event.organizer, email=email)
        return self._parts.invitations.invitation(replace(event, organizer=organizer), now)


def fitting(template: Template, own: Template, channel: Channel) -> Template:
    """A notice's template in the shape that a channel takes: an e-mail has a subject, WhatsApp its choices."""
    if channel is Channel.EMAIL:
        return replace(template, subject=template.subject or own.subject, approved=None, choices=None)
    if channel is Channel.WHATSAPP:
        return replace(template, subject=None, html=None)
    return replace(template, subject=None, html=None, approved=None, choices=None)
