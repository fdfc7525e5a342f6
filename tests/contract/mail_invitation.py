"""An invitation as the engine puts it beside a message, and what a mail program finds of it in a mail."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from icalendar import Calendar

from disparo.adapters.icalendar.invitations import ICalendar
from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent
from disparo.domain.template import Invitation

START = datetime(2026, 11, 25, 17, tzinfo=UTC)


def invitation(email_address: str = "pessoa1@exemplo.com.br", *, cancelled: bool = False) -> Invitation:
    """What invites this person, in words that no alphabet of seven bits holds."""
    event = CalendarEvent(
        "m12@alquimista.ai",
        3,
        "Demonstração: João & Ana",
        START,
        START + timedelta(minutes=30),
        "America/Sao_Paulo",
        Attendee("Bia Conceição", "contato@alquimista.ai"),
        (Attendee("João", email_address),),
        "Até lá! 🎉\n.\n--fim",
        cancelled=cancelled,
    )
    return ICalendar().invitation(event, datetime(2026, 11, 23, 13, tzinfo=UTC))


def read(raw: bytes) -> EmailMessage:
    """A mail without a fault in it."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert not [part.defects for part in mail.walk() if part.defects]
    return mail


def structure(mail: EmailMessage) -> object:
    """The types of a mail's parts, as they are nested."""
    if not mail.is_multipart():
        return mail.get_content_type()
    return [mail.get_content_type(), *(structure(part) for part in mail.iter_parts())]


def only(mail: EmailMessage, content_type: str) -> EmailMessage:
    """The one part of this type."""
    [part] = [one for one in mail.walk() if one.get_content_type() == content_type]
    assert isinstance(part, EmailMessage)
    return part


def event_in(text: str | bytes) -> Any:
    """The one event of a calendar."""
    calendar: Any = Calendar.from_ical(text if isinstance(text, bytes) else text.encode())
    [event] = calendar.walk("VEVENT")
    return event
