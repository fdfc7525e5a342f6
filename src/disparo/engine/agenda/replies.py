"""What a reply means for a meeting: yes, the second one, another time, I cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import REMINDERS, TO_HOST, NoticeKind, NoticeStep
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.intents.unable import cannot_then
from disparo.domain.receipt import Reply
from disparo.domain.reply_intent import Intent, Understood
from disparo.engine.agenda.notices import Notices
from disparo.engine.recognition import NAMESAKES, Recognised, key_of
from disparo.ports.agenda import MeetingChangedError
from disparo.ports.contacts import known_contact
from disparo.ports.desk import Answer, Desk, Said, Wish
from disparo.ports.store import Store

_TOLD: dict[Said, NoticeKind] = {
    Said.WHICH: NoticeKind.WHICH,
    Said.NO_TIMES: NoticeKind.NO_TIMES,
    Said.UNREADABLE: NoticeKind.LATER,
    Said.TOO_LATE: NoticeKind.TOO_LATE,
    Said.TOO_MANY: NoticeKind.TOO_MANY,
    Said.NOT_OFFERED: NoticeKind.NOT_OPEN,
    Said.NOT_OPEN: NoticeKind.NOT_OPEN,
}
"""What the person is told where the meeting itself did not change; a change has notices of its own."""

_OF_MEETINGS = frozenset({Intent.CONFIRM, Intent.DECLINE, Intent.RESCHEDULE, Intent.SLOT})
_AGREEING = frozenset({NoticeKind.CONFIRMED, NoticeKind.MOVED, *REMINDERS})
_POSITIVE = frozenset({Intent.CONFIRM, Intent.RESCHEDULE})


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply, understood, and the meeting that it is about; `stale` is one that answers an earlier version of it.

    `of_the_agreed` is one that answers what was said of the time that is agreed, whatever is offered beside it.
    """

    reply: Reply
    understood: Understood
    meeting: Meeting
    stale: bool
    of_the_agreed: bool


class MeetingReplies:
    """Acts on meetings by what contacts write. The same reply again changes nothing more (I11)."""

    def __init__(self, store: Store, desk: Desk, notices: Notices) -> None:
        self._store, self._desk, self._notices = store, desk, notices

    async def meeting_of(self, who: Recognised, reply: Reply) -> Meeting | None:
        """The meeting that a reply is about: the one it names, that of the notice it answers, else a live one.

        Of several live ones the one that begins or was offered last.
        """
        if reply.meeting is not None:
            return await self._own(await self._store.meetings.by_uid(reply.meeting), who)
        step = _answered(who)
        if step is not None and step.of_a_host:
            return None
        if step is not None:
            try:
                return await self._store.meetings.get(step.meeting_id)
            except NotFoundError:
                return None
        live = await self._live(who)
        return max(live, key=lambda one: (one.changed_at or one.proposed_at, int(one.id)), default=None)

    async def _live(self, who: Recognised) -> Sequence[Meeting]:
        """Every live meeting with a person, whichever of the contacts with their addresses it is with."""
        people = [] if who.contact is None else [who.contact.id]
        for key in who.keys:
            people += [one.id for one in await self._store.contacts.find(key, NAMESAKES)]
        return [one for one in await self._store.meetings.of_contacts(list(dict.fromkeys(people))) if one.live]

    async def _own(self, meeting: Meeting | None, who: Recognised) -> Meeting | None:
        """A meeting named by a calendar program, if it is with the one who writes: anybody can write a uid."""
        if meeting is None:
            return None
        contact = await known_contact(self._store.contacts, meeting.contact_id)
        return meeting if contact is not None and set(who.keys) & set(contact.keys) else None

    async def act(
        self, meeting: Meeting, who: Recognised, reply: Reply, understood: Understood, now: datetime
    ) -> Answer | None:
        """Do what a reply asks of a meeting and tell the person what came of it; None when it asks nothing of it."""
        if understood.intent is Intent.OPT_OUT:
            return await self._let_go(meeting, who, now)
        if understood.intent not in _OF_MEETINGS or _is_of_a_host(who) or _is_of_another(who, reply):
            return None
        if meeting.has_heard(reply.event) or (not meeting.live and _is_thanks(meeting, understood)):
            return None
        spoken = Spoken(
            reply, understood, meeting, _answers_earlier(meeting, who), _answers_agreed(meeting, who, reply)
        )
        try:
            answer = await self._asked(spoken, now)
        except MeetingChangedError:  # others change it all the time: the person can try again
            answer = Answer(Said.UNREADABLE, meeting)
        # Of a time that was lost they are told by the other ones that are offered, or else that there are none.
        lost = answer.said is Said.TAKEN_MEANWHILE and answer.detail
        kind = _TOLD.get(Said(answer.detail) if lost else answer.said)
        if kind is not None and answer.meeting is not None:
            meeting_type = await self._store.hosts.type(answer.meeting.type_id)
            await self._notices.answer(answer.meeting, meeting_type, kind, now)
        return answer

    async def _let_go(self, meeting: Meeting, who: Recognised, now: datetime) -> Answer | None:
        """Times are held for nobody who wants nothing; what is agreed stands, as a person may still come."""
        if _is_of_a_host(who):
            return None
        answer = None
        for one in dict.fromkeys([meeting.id, *(one.id for one in await self._live(who))]):
            said = await self._desk.no(one, now, offers_only=True)
            answer = said if one == meeting.id and said.said is Said.DECLINED else answer
        return answer

    async def _asked(self, spoken: Spoken, now: datetime) -> Answer:
        meeting, intent, event = spoken.meeting, spoken.understood.intent, spoken.reply.event
        if _of_an_earlier_invitation(spoken.reply, meeting):
            return Answer(Said.ALREADY, meeting)
        if not meeting.live:
            return Answer(Said.NOT_OPEN, meeting)
        if intent is Intent.SLOT:
            return await self._slot(spoken, now)
        if intent is Intent.RESCHEDULE:
            return await self._desk.offer_again(meeting.id, now, "contact", event=event)
        if intent is Intent.CONFIRM:
            if spoken.stale:
                return Answer(Said.NOT_OFFERED, meeting)
            return await self._desk.yes(meeting.id, now, agreed_only=spoken.of_the_agreed, event=event)
        return await self._declined(spoken, now)

    async def _declined(self, spoken: Spoken, now: datetime) -> Answer:
        meeting, rule, event = spoken.meeting, spoken.understood.rule, spoken.reply.event
        if rule == "choice" and spoken.stale:  # the button of a reminder of what was moved since
            return Answer(Said.NOT_OFFERED, meeting)
        if rule == "says_no" and cannot_then(spoken.reply.text):
            return await self._desk.offer_again(meeting.id, now, "contact", event=event)
        # An invitation and what a reminder reminds of are declined as a whole, whatever else is offered.
        if meeting.slot is not None and (spoken.of_the_agreed or rule == "cancels_meeting"):
            return await self._desk.cancel(meeting.id, "declined", now, "contact", event=event)
        return await self._desk.no(meeting.id, now, event=event)

    async def _slot(self, spoken: Spoken, now: datetime) -> Answer:
        meeting, number = spoken.meeting, spoken.understood.slot or 0
        if meeting.slot is None and not meeting.offers:
            return Answer(Said.NO_TIMES, meeting)
        if not meeting.offers:  # a second press of the button that they took it with
            return Answer(Said.ALREADY, meeting)
        if spoken.stale or not 1 <= number <= len(meeting.offers):
            return Answer(Said.WHICH, meeting)
        start_at = meeting.offers[number - 1].start_at
        return await self._desk.take(meeting.id, start_at, now, "contact", event=spoken.reply.event)

    async def invite(
        self, campaign: Campaign, who: Recognised, reply: Reply, understood: Understood, now: datetime
    ) -> Answer | None:
        """Offer times to somebody who answered a campaign's step positively; None when the step offers none."""
        record, contact = who.record, who.contact
        if record is None or contact is None or understood.intent not in _POSITIVE:
            return None
        if NoticeStep.parse(record.id.step) is not None:
            return None
        type_id = campaign.step(record.id.step).meeting
        if type_id is None:
            return None
        try:
            wish = _wish(type_id, campaign, contact, who.channel, str(record.id))
            return await self._desk.propose(replace(wish, event=reply.event), now)
        except NotFoundError:  # the type was removed since the campaign began: the reply waits in the inbox
            return None


def _wish(type_id: str, campaign: Campaign, contact: Contact, channel: Channel, message_id: str) -> Wish:
    return Wish(
        type_id=type_id,
        contact_id=contact.id,
        channel=channel,
        place=contact.place or campaign.place,
        key=f"campaign:{campaign.id}:{contact.id}",
        language=_language(contact),
        urgent=contact.priority <= 2,
        insist=True,
        campaign_id=campaign.id,
        message_id=message_id,
    )


def _language(contact: Contact) -> str:
    told = (contact.variables.get("idioma") or contact.variables.get("language") or "pt").strip().lower()
    return "en" if told.startswith(("en", "ing")) else "pt"


def _of_an_earlier_invitation(reply: Reply, meeting: Meeting) -> bool:
    """Whether a calendar program answers what was moved since: it says nothing of the time that is agreed now."""
    version = reply.meeting_version
    return version is not None and meeting.agreed is not None and version < meeting.agreed


def _answered(who: Recognised) -> NoticeStep | None:
    """The notice that a reply answers, or was written after."""
    return NoticeStep.parse(who.record.id.step) if who.record is not None else None


def _is_of_a_host(who: Recognised) -> bool:
    """Whether a host answers what hosts are told: their word is not the contact's, and is read by people."""
    step = _answered(who)
    return step is not None and step.kind in TO_HOST


def _is_of_another(who: Recognised, reply: Reply) -> bool:
    """Whether a mail comes from an address that is none of the contact's: people read it, and the meeting stands.

    What a mail answers anybody can write, and our Message-IDs can be guessed; providers vouch for numbers.
    """
    if who.contact is None or who.channel is not Channel.EMAIL:
        return False
    return key_of(reply.address) not in who.contact.keys


def _answers_earlier(meeting: Meeting, who: Recognised) -> bool:
    """Whether it answers a notice of times that are offered or agreed no more."""
    step = _answered(who)
    return step is not None and step.sequence not in (meeting.offered, meeting.agreed)


def _answers_agreed(meeting: Meeting, who: Recognised, reply: Reply) -> bool:
    """Whether it answers a notice of the time that is agreed, or an invitation to it."""
    if meeting.agreed is None:
        return False
    step = _answered(who)
    return reply.meeting is not None or (
        step is not None and step.kind in _AGREEING and step.sequence == meeting.agreed
    )


def _is_thanks(meeting: Meeting, understood: Understood) -> bool:
    """An "ok" to what is over asks nothing; where new times were suggested it does."""
    return understood.intent is Intent.CONFIRM and meeting.state not in (MeetingState.EXPIRED, MeetingState.NO_SHOW)
