"""What a calendar program says for a person who was invited (RFC 5546, sections 3.2.3 and 3.2.7)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from disparo.adapters.icalendar.clean import lines, one_line
from disparo.domain.email_address import EmailError, parse_email

if TYPE_CHECKING:
    from icalendar import Component

LONGEST_CALENDAR: Final = 64 * 1024
"""Bytes of a calendar that are read."""
MOST_COMPONENTS: Final = 50
LONGEST_COMMENT: Final = 2_000
_LONGEST_UID = 255
_SEQUENCE = re.compile("[0-9]{1,6}", re.ASCII)
_UID = re.compile(rf"[!-~]{{1,{_LONGEST_UID}}}")


class Answered(StrEnum):
    """What somebody who was invited answers."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    COUNTER = "counter"
    """They propose another time."""


@dataclass(frozen=True, slots=True)
class CalendarReply:
    """An answer to the invitation with this uid; `attendee` is the address, in lower case, of who answers.

    `comment` is what they wrote beside it, `program` the product that wrote the answer. `sequence` is the version that
    they saw, None when it is not told.
    """

    uid: str
    answer: Answered
    attendee: str
    comment: str = ""
    program: str = ""
    sequence: int | None = None


def read_reply(text: str) -> CalendarReply | None:
    """The answer that a calendar holds; None for a calendar that is none, and for what is no calendar.

    Anybody can write one: nothing raises, and its first 64 KiB are read.
    """
    try:
        return next(_replies(text), None)
    except Exception:  # whatever breaks in the package by what a stranger wrote, it is no answer
        return None


def _replies(text: str) -> Iterator[CalendarReply]:
    from icalendar import Calendar

    # As bytes: a text of one line would be taken for the name of a file.
    written = text[:LONGEST_CALENDAR].strip().encode("utf-8", "replace") + b"\r\n"
    if written.upper().count(b"BEGIN:") > MOST_COMPONENTS:
        return
    for calendar in Calendar.from_ical(written, multiple=True):
        method = str(calendar.get("METHOD", "")).strip().upper()
        if method not in ("REPLY", "COUNTER"):
            continue
        program = one_line(str(calendar.get("PRODID", "")), _LONGEST_UID)
        for event in calendar.walk("VEVENT"):
            if (reply := _reply(event, method, program)) is not None:
                yield reply


def _reply(event: Component, method: str, program: str) -> CalendarReply | None:
    uid = str(event.get("UID", "")).strip()
    attendee = _first(event.get("ATTENDEE"))
    address = _mailbox(str(attendee)) if attendee is not None else None
    if address is None or not _UID.fullmatch(uid):
        return None
    said = Answered.COUNTER if method == "COUNTER" else _answered(str(attendee.params.get("PARTSTAT", "")))
    if said is None:
        return None
    comment = _first(event.get("COMMENT"))
    sequence = str(event.get("SEQUENCE", ""))
    return CalendarReply(
        uid,
        said,
        address,
        lines("" if comment is None else str(comment), LONGEST_COMMENT),
        program,
        int(sequence) if _SEQUENCE.fullmatch(sequence) else None,
    )


def _answered(status: str) -> Answered | None:
    known = {one.value: one for one in (Answered.ACCEPTED, Answered.DECLINED, Answered.TENTATIVE)}
    return known.get(status.strip().lower())


def _first(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else None
    return value


def _mailbox(address: str) -> str | None:
    try:
        return parse_email(unquote(address.strip()[:500])).key
    except (EmailError, ValueError):
        return None
