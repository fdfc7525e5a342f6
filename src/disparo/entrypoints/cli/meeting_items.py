"""Meetings as JSON and as lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.moments import dated, in_zone
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import Session
from disparo.entrypoints.words import words
from disparo.entrypoints.words.agenda_sentences import REFUSALS, SAID
from disparo.ports.contacts import known_contact, name_of
from disparo.ports.desk import Said

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.agenda.meeting import Meeting
    from disparo.domain.agenda.slot import Slot
    from disparo.domain.contact import Contact
    from disparo.ports.desk import Answer

COLUMNS = {
    "id": "id", "start_at": "quando", "state": "estado", "type": "tipo", "contact": "com", "hosts": "anfitriões",
    "offers_until": "resposta até",
}  # fmt: skip

_TELLS_PEOPLE = frozenset({Said.OFFERED, Said.CONFIRMED, Said.MOVED, Said.CANCELLED, Said.DECLINED})
_WITH_OFFERS = frozenset({Said.TAKEN_MEANWHILE, Said.NOT_OFFERED, Said.WHICH})
"""Refusals after which one of the offers may be taken."""


def meeting_item(meeting: Meeting, contact: Contact | None, zone: str) -> dict[str, object]:
    """A meeting as JSON, its instants on the clock of this zone."""
    slot = meeting.slot
    offered = tuple(dict.fromkeys(host for offer in meeting.offers for host in offer.hosts))
    return {
        "id": meeting.id,
        "state": Code(meeting.state),
        "type": meeting.type_id,
        "contact_id": meeting.contact_id,
        "contact": name_of(contact),
        "channel": Code(meeting.channel),
        "place": str(meeting.place),
        "language": meeting.language,
        "campaign_id": meeting.campaign_id,
        "message_id": meeting.message_id,
        "hosts": list(offered if slot is None else slot.hosts),
        "start_at": None if slot is None else in_zone(slot.start_at, zone),
        "end_at": None if slot is None else in_zone(slot.end_at, zone),
        "offers": [slot_item(number, offer, zone) for number, offer in enumerate(meeting.offers, start=1)],
        "offers_until": in_zone(meeting.offers_until, zone) if meeting.offers else None,
        "proposed_at": in_zone(meeting.proposed_at, zone),
        "confirmed_at": in_zone(meeting.confirmed_at, zone),
        "attendance_at": in_zone(meeting.attendance_at, zone),
        "changed_at": in_zone(meeting.changed_at, zone),
        "by": Code(meeting.by),
        "reason": meeting.reason,
        "proposals": meeting.proposals,
        "reschedules": meeting.reschedules,
        "urgent": meeting.urgent,
        "notes": meeting.notes,
        "join_url": meeting.join_url,
        "version": meeting.sequence,
    }


def slot_item(number: int, slot: Slot, zone: str) -> dict[str, object]:
    """A time of a list as JSON, numbered as people take it."""
    return {
        "number": number,
        "start_at": in_zone(slot.start_at, zone),
        "end_at": in_zone(slot.end_at, zone),
        "hosts": list(slot.hosts),
    }


def offer_lines(offers: Sequence[Slot], zone: str) -> list[str]:
    """The times of an offer for people, one a line, by their numbers."""
    clock = ZoneInfo(zone)
    return [
        f"  {number}) {dated(slot.start_at.astimezone(clock))}  {', '.join(slot.hosts)}"
        for number, slot in enumerate(offers, start=1)
    ]


async def tell_answer(session: Session, app: App, answer: Answer, zone: str | None) -> int:
    """What the desk answered, in this zone or else in the contact's; exit code 4 when it refused."""
    meeting = answer.meeting
    shown_zone = zone or (meeting.place.zone if meeting is not None else session.zone)
    contact = None if meeting is None else await known_contact(app.store.contacts, meeting.contact_id)
    code = ExitCode.STATE if answer.said in REFUSALS else ExitCode.OK
    if session.out.json:
        item = None if meeting is None else meeting_item(meeting, contact, shown_zone)
        session.out.document({"said": answer.said, "detail": answer.detail, "meeting": item})
        return code
    for line in answer_lines(answer, contact, shown_zone):
        if code is ExitCode.OK:
            session.out.line(line)
        else:
            session.out.note(line)
    return code


_HINTS = {
    Said.NO_TIMES: "disparo slots",
    Said.UNREADABLE: "disparo hosts check",
    Said.NOT_OFFERED: "disparo why-slot",
}


def _said(said: Said) -> str:
    return f"{SAID[said]} (veja: {_HINTS[said]})" if said in _HINTS else SAID[said]


def answer_lines(answer: Answer, contact: Contact | None, zone: str) -> list[str]:
    """What the desk answered, for people."""
    meeting, wrong = answer.meeting, "erro: " if answer.said in REFUSALS else ""
    if meeting is None:
        return [f"{wrong}{_said(answer.said)}"]
    clock, who = ZoneInfo(zone), name_of(contact)
    lines = [f"{wrong}reunião {meeting.id}{f' com {who}' if who else ''}: {_said(answer.said)}"]
    if meeting.live and meeting.slot is not None:
        lines.append(f"marcada: {dated(meeting.slot.start_at.astimezone(clock))}, {', '.join(meeting.slot.hosts)}")
    elif not meeting.live:
        lines.append(f"estado: {words(meeting.state)}")
    offering = answer.said not in REFUSALS or answer.said in _WITH_OFFERS
    if meeting.live and offering and meeting.offers and meeting.offers_until is not None:
        until = dated(meeting.offers_until.astimezone(clock))
        lines += [f"horários reservados até {until}:", *offer_lines(meeting.offers, zone)]
    lines.append(f"(horas de {zone})")
    if answer.said in _TELLS_PEOPLE:
        lines.append("um worker envia os avisos e escreve nos calendários")
    return lines
