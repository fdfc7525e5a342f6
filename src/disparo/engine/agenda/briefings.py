"""What a host should know before a meeting, gathered from everything that is kept of the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from disparo.domain.agenda.briefing import (
    Briefing,
    EarlierMeeting,
    Exchanged,
    briefing_html,
    briefing_text,
)
from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.message import SENT, MessageRecord
from disparo.domain.template import RenderError
from disparo.ports.links import Links, host_url
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store
from disparo.ports.wording import Wording

MOST_REPLIES = 40
MOST_EARLIER = 10
NEXT_STEP = "proximo_passo"
"""The column of a contact that says what is to be done next."""


class Briefings:
    """Gathers and writes briefings; reads only."""

    def __init__(self, store: Store, renderer: Renderer, links: Links | None, wording: Wording) -> None:
        self._store, self._renderer, self._links, self._wording = store, renderer, links, wording

    async def written(
        self,
        meeting: Meeting,
        meeting_type: MeetingType,
        hosts: Mapping[str, Host],
        contact: Contact | None,
        language: str,
        *,
        reader: Host | None = None,
    ) -> tuple[str, str]:
        """The briefing of what is agreed, as text and as HTML; two empty texts where nothing is.

        Its times are those of the `reader`, else of the first host.
        """
        if meeting.slot is None:
            return "", ""
        briefing = await self._gathered(meeting, meeting_type, hosts, contact, reader)
        return briefing_text(briefing, self._wording, language), briefing_html(briefing, self._wording, language)

    async def _gathered(
        self,
        meeting: Meeting,
        meeting_type: MeetingType,
        hosts: Mapping[str, Host],
        contact: Contact | None,
        reader: Host | None,
    ) -> Briefing:
        assert meeting.slot is not None, "asked of what is agreed only"
        host = reader or next((hosts[name] for name in meeting.slot.hosts if name in hosts), None)
        zone = host.place.zone if host is not None else meeting.place.zone
        return Briefing(
            title=meeting_type.title,
            start_at=meeting.slot.start_at,
            end_at=meeting.slot.end_at,
            zone=zone,
            contact_zone=meeting.place.zone if meeting.place.zone != zone else "",
            name=contact.name if contact is not None else "",
            addresses=_addresses(contact),
            hosts=tuple(hosts[one].name for one in meeting.slot.hosts if one in hosts),
            attending=meeting.attendance_at is not None,
            reschedules=meeting.reschedules,
            details=_details(contact),
            list_name=contact.list_name if contact is not None else "",
            source=contact.source if contact is not None else "",
            campaign=await self._campaign_name(meeting),
            exchanged=await self._exchanged(meeting, contact),
            earlier=await self._earlier(meeting),
            notes=meeting.notes,
            next_step=contact.variables.get(NEXT_STEP, "") if contact is not None else "",
            link=(host_url(self._links, meeting) or "") if self._links is not None else "",
            location=meeting_type.location,
            join_url=meeting.join_url,
        )

    async def _campaign_name(self, meeting: Meeting) -> str:
        if meeting.campaign_id is None:
            return ""
        try:
            return (await self._store.campaigns.get(meeting.campaign_id)).name
        except NotFoundError:
            return ""

    async def _exchanged(self, meeting: Meeting, contact: Contact | None) -> tuple[Exchanged, ...]:
        """What the person wrote, and which messages of the campaign reached them."""
        heard = await self._store.inbox.page(None, MOST_REPLIES, contact_id=meeting.contact_id)
        said = [Exchanged(one.heard.at, one.heard.channel, False, one.heard.text) for one in heard]
        return (*await self._sent(meeting, contact), *said)

    async def _sent(self, meeting: Meeting, contact: Contact | None) -> Sequence[Exchanged]:
        if meeting.campaign_id is None:
            return ()
        try:
            campaign = await self._store.campaigns.get(meeting.campaign_id)
        except NotFoundError:
            return ()
        rows: Sequence[MessageRecord] = await self._store.ledger.rows_of(campaign.id, meeting.contact_id)
        return [
            Exchanged(row.changed_at, row.channel, True, self._text(campaign, row.id.step, contact))
            for row in rows
            if row.state in SENT
        ]

    def _text(self, campaign: Campaign, step: int, contact: Contact | None) -> str:
        """What a message said, as its contact's data are now; its name where they do not fill it."""
        template = campaign.step(step).template
        try:
            variables = campaign.variables_for(contact.variables if contact is not None else {})
            return self._renderer.compile(template).render(variables).text
        except RenderError:
            return template.name

    async def _earlier(self, meeting: Meeting) -> tuple[EarlierMeeting, ...]:
        found: list[EarlierMeeting] = []
        for one in await self._store.meetings.of_contacts([meeting.contact_id]):
            if one.id != meeting.id and one.slot is not None and len(found) < MOST_EARLIER:
                found.append(EarlierMeeting(one.type_id, one.slot.start_at, one.state))
        return tuple(found)


def _details(contact: Contact | None) -> tuple[tuple[str, str], ...]:
    """What else the list says of them: columns that only repeat a name or an address are left out."""
    if contact is None:
        return ()
    known = {_plain(one) for one in (contact.name, contact.document, *_addresses(contact)) if one}

    def repeats(value: str) -> bool:
        plain = _plain(value)
        return any(plain == one or (len(plain) >= _NUMBER and one.endswith(plain)) for one in known)

    left = ((name, value) for name, value in contact.variables.items() if name != NEXT_STEP)
    return tuple((name, value) for name, value in left if value.strip() and not repeats(value))


def _plain(text: str) -> str:
    """As it is compared: a number by its digits, whatever stands between them."""
    digits = "".join(filter(str.isdigit, text)).lstrip("0")
    return digits if len(digits) >= _NUMBER else " ".join(text.lower().split())


_NUMBER = 8
"""Digits of the shortest telephone number."""


def _addresses(contact: Contact | None) -> tuple[str, ...]:
    if contact is None:
        return ()
    return tuple(one for one in (contact.phone, contact.email, *contact.other_phones, *contact.other_emails) if one)
