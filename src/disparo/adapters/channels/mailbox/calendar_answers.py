"""What a person's calendar program mails us about an invitation (RFC 6047)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from disparo.adapters.channels.mailbox.letter import Letter, part_text
from disparo.adapters.channels.mailbox.replies import LONGEST_REPLY, sender_address, written
from disparo.adapters.icalendar.reply import Answered, CalendarReply, read_reply
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.receipt import Reply

MOST_CALENDARS: Final = 3
"""Parts of a mail that are looked at."""
_TYPES: Final = frozenset({"text/calendar", "application/ics"})
_CHOICES: Final = {Answered.ACCEPTED: "confirm", Answered.DECLINED: "decline"}
_WORDS: Final = {
    Answered.ACCEPTED: "Aceitou o convite no calendário.",
    Answered.DECLINED: "Recusou o convite no calendário.",
    Answered.TENTATIVE: "Talvez: é o que respondeu ao convite no calendário.",
    Answered.COUNTER: "Propôs outro horário no calendário.",
}
_FORWARDERS: Final = frozenset(
    {"calendar-notification@google.com", "noreply@insideicloud.icloud.com", "noreply@email.apple.com"}
)
"""In whose name Google and Apple mail the answer of a person whose own domain would not let them; the person's address
stands in Reply-To."""
_WRITES_NO_MORE: Final = "Microsoft"
"""Exchange and Outlook leave the text of an answer to the person; other programs repeat the event there, in our words,
which would be read as the person's."""


def calendar_answer(letter: Letter, now: datetime) -> Reply | None:
    """The answer to an invitation; None when the mail is none.

    Its text says in Portuguese what was answered, and below it what the person added. Only a plain yes or no is a
    `choice`. One that speaks for somebody else than its sender is of no meeting: a text, to be read by people.
    """
    said = next(_answers(letter), None)
    if said is None:
        return None
    reply = written(letter, now)
    added = said.comment or (reply.text if _WRITES_NO_MORE in said.program else "")
    reply = replace(reply, text=f"{_WORDS[said.answer]}\n{added}".strip()[:LONGEST_REPLY])
    if said.attendee != _sender(letter):
        return reply if reply.address or reply.message_id else None
    return replace(
        reply,
        address=said.attendee,
        choice=_CHOICES.get(said.answer),
        meeting=said.uid,
        meeting_version=said.sequence,
    )


def _answers(letter: Letter) -> Iterator[CalendarReply]:
    calendars = [part for part in letter.parts if part.get_content_type() in _TYPES]
    for part in calendars[:MOST_CALENDARS]:
        if (said := read_reply(part_text(part))) is not None:
            yield said


def _sender(letter: Letter) -> str | None:
    """The mailbox that wrote, in lower case."""
    known = _key(sender_address(letter))
    if known in _FORWARDERS:
        return _key(parseaddr(letter.header("Reply-To")[:1000])[1])
    return known


def _key(address: str | None) -> str | None:
    try:
        return parse_email(address).key if address else None
    except EmailError:
        return None
