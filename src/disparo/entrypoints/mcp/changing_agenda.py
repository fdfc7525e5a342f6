"""Tools that change the agenda: offering times, agreeing, moving and cancelling meetings, noting what came of them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from disparo.domain.contact import Channel
from disparo.domain.errors import TransitionError
from disparo.domain.place import Place
from disparo.entrypoints.http.instants import Instant
from disparo.entrypoints.http.meeting_changes import LONGEST_NOTES, LONGEST_REASON, OPERATOR
from disparo.entrypoints.mcp.looking_agenda import MeetingIn, MeetingTold, TypeId, meeting_told
from disparo.entrypoints.mcp.tool import Asked, Confirmable, Id, Key, Wanted, changes
from disparo.entrypoints.words import words
from disparo.entrypoints.words.agenda_sentences import REFUSALS, SAID
from disparo.ports.contacts import known_contact, name_of
from disparo.ports.desk import Answer, Said, Wish
from disparo.usecases.agenda.wishes import wish_of


class WishWanted(Wanted):
    """Whom to meet, and what for."""

    contact_id: Id
    type: TypeId
    channel: Channel | None = Field(None, description="By what to tell the contact; WhatsApp, else e-mail.")
    language: str = Field("pt", pattern="^(pt|en)$", max_length=2)
    notes: str = Field("", max_length=LONGEST_NOTES, description="For the host to read.")
    key: Key = None


class ProposalWanted(WishWanted):
    """Times to offer."""

    urgent: bool = Field(False, description="The nearest times.")


class BookingWanted(WishWanted):
    """A time to agree at once."""

    start_at: Instant = Field(description="With its offset, as 2026-11-24T14:00:00-03:00.")
    host: str | None = Field(None, max_length=40, description="This host of the type; else as its rule says.")


class MoveWanted(MeetingIn):
    """A meeting's new time."""

    start_at: Instant = Field(description="With its offset, as 2026-11-24T14:00:00-03:00.")


class CancelWanted(Confirmable):
    """A meeting to call off."""

    meeting_id: Id
    reason: str = Field("", max_length=LONGEST_REASON, description="The contact and the host read it.")


class OutcomeWanted(MeetingIn):
    """What became of a meeting."""

    held: bool = Field(description="False: the contact did not come.")


class ChangedOut(BaseModel):
    """What was done, and the meeting as it is now."""

    said: Said
    text: str = Field(description="The same for a person, in Portuguese.")
    meeting: MeetingTold


@changes("meetings.propose", "Propose times", idempotent=False, outside=True)
async def propose_meeting(asked: Asked, wanted: ProposalWanted) -> ChangedOut:
    """Offer a contact some times and hold them for an answer; a worker sends the offer, the contact may choose."""
    wish = await _wish(asked, wanted, urgent=wanted.urgent)
    return await _told(asked, await asked.house.desk.propose(wish, asked.now))


@changes("meetings.book", "Book a meeting", idempotent=False, outside=True)
async def book_meeting(asked: Asked, wanted: BookingWanted) -> ChangedOut:
    """Agree a free time with a contact, without an offer before; contact and host are told."""
    wish = await _wish(asked, wanted)
    answer = await asked.house.desk.book(wish, wanted.start_at, asked.now, OPERATOR, host_id=wanted.host)
    return await _told(asked, answer)


@changes("meetings.move", "Move a meeting", destructive=True, outside=True)
async def move_meeting(asked: Asked, wanted: MoveWanted) -> ChangedOut:
    """Move what is agreed to another free time; where only offers are, agree it. Contact and host are told."""
    return await _told(asked, await asked.house.desk.move(wanted.meeting_id, wanted.start_at, asked.now, OPERATOR))


async def _cancel_would(asked: Asked, wanted: CancelWanted) -> str:
    store = asked.house.store
    meeting = await store.meetings.get(wanted.meeting_id)
    if not meeting.live:
        raise TransitionError(f"reunião {meeting.id}: {words(meeting.state)}; não há o que cancelar")
    who = name_of(await known_contact(store.contacts, meeting.contact_id)) or "contato apagado"
    when = f"de {meeting.slot.start_at:%Y-%m-%d %H:%M} UTC" if meeting.slot else "ainda sem horário marcado"
    whose = f"reunião {meeting.id} ({meeting.type_id}), {when}, com {who}"
    return f"Cancela a {whose}; o contato e os anfitriões são avisados."


@changes("meetings.cancel", "Cancel a meeting", foresee=_cancel_would, outside=True)
async def cancel_meeting(asked: Asked, wanted: CancelWanted) -> ChangedOut:
    """Call a meeting off; contact and hosts are told, with the reason."""
    reason = wanted.reason.strip()
    return await _told(asked, await asked.house.desk.cancel(wanted.meeting_id, reason, asked.now, OPERATOR))


@changes("meetings.outcome", "Note what became of a meeting", outside=True)
async def note_outcome(asked: Asked, wanted: OutcomeWanted) -> ChangedOut:
    """Note whether a meeting was held, from its beginning on; one that was missed is offered times again later."""
    return await _told(asked, await asked.house.desk.outcome(wanted.meeting_id, wanted.held, asked.now, OPERATOR))


async def _wish(asked: Asked, wanted: WishWanted, *, urgent: bool = False) -> Wish:
    contact = await asked.house.store.contacts.get(wanted.contact_id)
    return wish_of(
        contact,
        wanted.type,
        Place(asked.house.settings.business_hours_timezone),
        f"mcp:{asked.principal.actor}:{wanted.key or asked.key}",
        channel=wanted.channel,
        urgent=urgent,
        language=wanted.language,
        notes=wanted.notes.strip(),
    )


async def _told(asked: Asked, answer: Answer) -> ChangedOut:
    if answer.said in REFUSALS or answer.meeting is None:
        whose = "" if answer.meeting is None else f"reunião {answer.meeting.id}: "
        raise TransitionError(f"{whose}{SAID[answer.said]}")
    asked.told |= {"meeting": answer.meeting.id, "said": answer.said}
    contact = await known_contact(asked.house.store.contacts, answer.meeting.contact_id)
    return ChangedOut(said=answer.said, text=SAID[answer.said], meeting=meeting_told(answer.meeting, contact))


AGENDA_CHANGES = (propose_meeting, book_meeting, move_meeting, cancel_meeting, note_outcome)
