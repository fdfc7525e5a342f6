"""What a notice's template is filled in with, and the answers to choose under it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.agenda.notice import REMINDERS, TO_HOST, NoticeKind, NoticeStep
from disparo.domain.agenda.slot import Slot
from disparo.domain.contact import Contact
from disparo.domain.whatsapp_content import MOST_BUTTONS, Choice, Choices
from disparo.ports.wording import Wording

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_AND = {"pt": ", às ", "en": ", "}
_CHOOSE = {"pt": "Ver horários", "en": "See times"}
_ANSWERS = {
    "pt": (("confirm", "Confirmo"), ("reschedule", "Remarcar"), ("decline", "Não posso ir")),
    "en": (("confirm", "I will come"), ("reschedule", "Reschedule"), ("decline", "I cannot come")),
}


def notice_values(
    reader: Host | None,
    meeting: Meeting,
    meeting_type: MeetingType,
    hosts: Mapping[str, Host],
    contact: Contact | None,
    wording: Wording,
    link: str | None,
) -> dict[str, str]:
    """The variables of a notice, in its reader's language and zone; what there is not is left out.

    `reader` is the host whom it goes to, None for the contact.
    """
    zone, language = (meeting.place.zone, meeting.language) if reader is None else (reader.place.zone, reader.language)
    slot = meeting.slot or (meeting.offers[0] if meeting.offers else None)
    names = slot.hosts if slot is not None else ()
    values = {
        "reuniao": meeting_type.title,
        "anfitriao": _listed([hosts[name].name for name in names if name in hosts], language),
        "nome": (contact.name.split() or [""])[0] if contact is not None else "",
        "contato": _contact_name(contact, language),
        "local": meeting.join_url or meeting_type.location,
        "motivo": "" if meeting.reason == "declined" else meeting.reason,
        "link": link or "",
        "duracao": f"{_minutes(slot, meeting_type)} min",
    }
    if meeting.slot is not None:
        values["quando"] = moment(meeting.slot.start_at, zone, language, wording)
        values["dia"] = wording.day(meeting.slot.start_at, zone, language)
        values["hora"] = wording.clock(meeting.slot.start_at, zone, language)
    if slot is not None:
        values["fuso"] = wording.zone(slot.start_at, zone, language)
    if meeting.offers:
        values |= _offered(meeting, zone, language, wording)
    return {name: value for name, value in values.items() if value}


def moment(at: datetime, zone: str, language: str, wording: Wording) -> str:
    """An instant in full: day, time and the name of the zone that it is meant in."""
    day, clock = wording.day(at, zone, language), wording.clock(at, zone, language)
    return f"{day}{_AND.get(language, ', ')}{clock}, {wording.zone(at, zone, language)}"


def reader_of(step: NoticeStep, meeting: Meeting, hosts: Mapping[str, Host]) -> Host | None:
    """The host whom a notice goes to; None for those that go to the contact."""
    names = meeting.hosts if step.kind in TO_HOST else ()
    return hosts.get(names[step.host]) if step.host < len(names) else None


def _offered(meeting: Meeting, zone: str, language: str, wording: Wording) -> dict[str, str]:
    lines = []
    for number, offer in enumerate(meeting.offers, start=1):
        day, clock = wording.day(offer.start_at, zone, language), wording.clock(offer.start_at, zone, language)
        lines.append(f"{number}) {day}{_AND.get(language, ', ')}{clock}")
    found = {"opcoes": "\n".join(lines)}
    for number, (line, offer) in enumerate(zip(lines, meeting.offers, strict=True), start=1):
        found[f"opcao_{number}"] = line.partition(") ")[2]
        found[f"opcao_{number}_curta"] = wording.short(offer.start_at, zone, language)
    if meeting.offers_until is not None:
        found["validade"] = moment(meeting.offers_until, zone, language, wording)
    return found


def notice_choices(kind: NoticeKind, meeting: Meeting, wording: Wording) -> Choices | None:
    """The answers to choose under a notice, on WhatsApp; their ids are what replies are understood by."""
    zone, language = meeting.place.zone, meeting.language
    if kind in (NoticeKind.PROPOSAL, NoticeKind.WHICH) and meeting.offers:
        options = tuple(
            Choice(f"slot:{number}", wording.short(offer.start_at, zone, language))
            for number, offer in enumerate(meeting.offers, start=1)
        )
        return Choices(options, None if len(options) <= MOST_BUTTONS else _CHOOSE.get(language, _CHOOSE["en"]))
    if kind in REMINDERS:
        return Choices(tuple(Choice(name, title) for name, title in _ANSWERS.get(language, _ANSWERS["en"])))
    return None


def _minutes(slot: Slot | None, meeting_type: MeetingType) -> int:
    length = meeting_type.duration if slot is None else slot.end_at - slot.start_at
    return int(length.total_seconds() // 60)


def _listed(names: list[str], language: str) -> str:
    last = " e " if language == "pt" else " and "
    return last.join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _contact_name(contact: Contact | None, language: str) -> str:
    nobody = "alguém" if language == "pt" else "somebody"
    if contact is None:
        return nobody
    name = " ".join(_CONTROL.sub(" ", contact.name).split())  # it stands in subjects, which are one line
    return name or contact.email or contact.phone or nobody
