"""What a reply means for a meeting: yes, the second one, another time, I cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.intents.unable import cannot_then
from disparo.domain.receipt import Reply
from disparo.domain.reply_intent import Intent, Understood
from disparo.engine.agenda.notices import Notices
from disparo.engine.recognition import Recognised
from disparo.ports.agenda import MeetingChangedError
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
_POSITIVE = frozenset({Intent.CONFIRM, Intent.RESCHEDULE})


@dataclass(frozen=True, slots=True)
class Spoken:
    """A reply, understood, and the meeting that it is about; `stale` is one that answers an earlier version of it."""

    reply: Reply
    understood: Understood
    meeting: Meeting
    stale: bool


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
        step = NoticeStep.parse(who.record.id.step) if who.record is not None else None
        if step is not None:
            try:
                return await self._store.meetings.get(step.meeting_id)
            except NotFoundError:
                return None
        if who.contact is None:
            return None
        live = [one for one in await self._store.meetings.of_contacts([who.contact.id]) if one.live]
        return max(live, key=lambda one: (one.changed_at or one.proposed_at, int(one.id)), default=None)

    async def _own(self, meeting: Meeting | None, who: Recognised) -> Meeting | None:
        """A meeting named by a calendar program, if it is with the one who writes: anybody can write a uid."""
        if meeting is None:
            return None
        try:
            contact = await self._store.contacts.get(meeting.contact_id)
        except NotFoundError:
            return None
        return meeting if set(who.keys) & set(contact.keys) else None

    async def act(
        self, meeting: Meeting, who: Recognised, reply: Reply, understood: Understood, now: datetime
    ) -> Answer | None:
        """Do what a reply asks of a meeting and tell the person what came of it; None when it asks nothing of it."""
        if understood.intent is Intent.OPT_OUT:
            # Times are held for nobody who wants nothing; what is agreed stands, as a person may still come.
            return await self._desk.no(meeting.id, now) if meeting.state is MeetingState.PROPOSED else None
        if understood.intent not in _OF_MEETINGS:
            return None
        if not meeting.live and _is_thanks(meeting, understood):
            return None
        spoken = Spoken(reply, understood, meeting, _answers_earlier(meeting, who))
        try:
            answer = await self._asked(spoken, now)
        except MeetingChangedError:  # others change it all the time: the person can try again
            answer = Answer(Said.UNREADABLE, meeting)
        kind = _TOLD.get(answer.said)
        if kind is not None and answer.meeting is not None:
            meeting_type = await self._store.hosts.type(answer.meeting.type_id)
            await self._notices.answer(answer.meeting, meeting_type, kind, now)
        return answer

    async def _asked(self, spoken: Spoken, now: datetime) -> Answer:
        meeting, intent = spoken.meeting, spoken.understood.intent
        if _of_an_earlier_invitation(spoken.reply, meeting):
            return Answer(Said.ALREADY, meeting)
        if not meeting.live:
            return Answer(Said.NOT_OPEN, meeting)
        if intent is Intent.SLOT:
            return await self._slot(spoken, now)
        if intent is Intent.RESCHEDULE:
            return await self._desk.offer_again(meeting.id, now, "contact", event=spoken.reply.event)
        if intent is Intent.CONFIRM:
            return Answer(Said.NOT_OFFERED, meeting) if spoken.stale else await self._desk.yes(meeting.id, now)
        if spoken.reply.meeting is not None:  # an invitation is declined as a whole, whatever else is offered
            return await self._desk.cancel(meeting.id, "declined", now, "contact")
        if spoken.understood.rule == "says_no" and cannot_then(spoken.reply.text):
            return await self._desk.offer_again(meeting.id, now, "contact", event=spoken.reply.event)
        return await self._desk.no(meeting.id, now)

    async def _slot(self, spoken: Spoken, now: datetime) -> Answer:
        meeting, number = spoken.meeting, spoken.understood.slot or 0
        if spoken.stale or not 1 <= number <= len(meeting.offers):
            return Answer(Said.WHICH if meeting.offers else Said.NOT_OFFERED, meeting)
        return await self._desk.take(meeting.id, meeting.offers[number - 1].start_at, now, "contact")

    async def invite(
        self, campaign: Campaign, who: Recognised, channel: Channel, understood: Understood, now: datetime
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
            return await self._desk.propose(_wish(type_id, campaign, contact, channel, str(record.id)), now)
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


def _answers_earlier(meeting: Meeting, who: Recognised) -> bool:
    """Whether it answers a notice of times that are offered or agreed no more."""
    step = NoticeStep.parse(who.record.id.step) if who.record is not None else None
    return step is not None and step.sequence not in (meeting.offered, meeting.agreed)


def _is_thanks(meeting: Meeting, understood: Understood) -> bool:
    """An "ok" to what is over asks nothing."""
    return understood.intent is Intent.CONFIRM and meeting.state is not MeetingState.EXPIRED
