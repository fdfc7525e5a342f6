"""Whatever people wrote comes through an invitation, and whatever comes back is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from unicodedata import category

from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from disparo.adapters.icalendar.invitations import ICalendar
from disparo.adapters.icalendar.reply import read_reply
from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent

NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
MARKS = st.text("ab;:,\"\\\\nN\n\r\t^'%= é😀\u2028\x85\x00", max_size=80)
WORDS = MARKS | st.text(max_size=80) | st.text("áé😀", min_size=30, max_size=80)


def made(title: str, text: str, name: str) -> CalendarEvent:
    host, guest = Attendee(name, "bia@casa.com.br"), Attendee(name, "joao@exemplo.com.br")
    return CalendarEvent(
        "m12@casa.com.br", 3, title, NOW, NOW + timedelta(hours=1), "UTC", host, (guest,), text, title
    )  # fmt: skip


def shown(text: str) -> str:
    """A text as it may come out: without control characters, breaks as one kind, a backslash before N apart."""
    whole = re.sub("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text).replace("\t", " ").strip()
    kept = "".join(char for char in whole if char == "\n" or category(char) not in ("Cc", "Cs"))
    return kept.replace("\\N", "\\ N")


def in_one_line(text: str) -> str:
    return " ".join(shown(" ".join(text.split())).split())


@given(WORDS, WORDS, WORDS)
@example("\\N", "\\\\N\\n", "a\\")
@example("", "", "")
def test_every_text_comes_back_from_the_parser(title: str, text: str, name: str) -> None:
    written = ICalendar().invitation(made(title, text, name), NOW).text
    calendar: Any = Calendar.from_ical(written.encode())
    [event] = calendar.walk("VEVENT")
    assert str(event.get("DESCRIPTION", "")) == shown(text)
    line = in_one_line(title)
    assert " ".join(str(event.get("SUMMARY", "")).split()) == line
    assert " ".join(str(event.get("LOCATION", "")).split()) == line
    spoken = in_one_line(name.translate(str.maketrans({'"': "'", "\\": "/", "^": "'"})))
    for who in (event["ORGANIZER"], event["ATTENDEE"]):
        assert " ".join(str(who.params.get("CN", "")).split()) == spoken
    assert str(event["ATTENDEE"]) == "mailto:joao@exemplo.com.br"
    assert event["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION"


@given(WORDS, WORDS, WORDS)
def test_every_line_has_at_most_75_octets_and_ends_in_crlf(title: str, text: str, name: str) -> None:
    event = made(title, text * 10, name)
    for written in (ICalendar().invitation(event, NOW).text, ICalendar().feed(title, [event], NOW)):
        raw = written.encode()
        assert raw.endswith(b"END:VCALENDAR\r\n")
        lines = raw.split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert b"\n" not in b"".join(lines)
        assert b"\r" not in b"".join(lines)
        for line in lines:
            line.decode()  # no character is torn


LINES = st.sampled_from(
    """BEGIN:VCALENDAR|END:VCALENDAR|BEGIN:VEVENT|END:VEVENT|METHOD:REPLY|METHOD:COUNTER|UID:m1@x|UID;X=1:y|PRODID:x
    ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.com|ATTENDEE:mailto:%ff@b|ATTENDEE;PARTSTAT="A","B":x|COMMENT:x\\n;
    DTSTART:x|DTSTART;TZID=x:y|BEGIN:|END:|BEGIN:VTIMEZONE|END:VTIMEZONE| x|ATTENDEE|=;:|GEO:x;y""".replace(
        "\n    ", "|"
    ).split("|")
) | st.text(max_size=40)


@given(st.lists(LINES, max_size=30).map("\r\n".join) | st.text(max_size=300))
def test_no_calendar_that_anybody_sends_breaks_the_reader(text: str) -> None:
    reply = read_reply(text)
    if reply is not None:
        assert 0 < len(reply.uid) <= 255
        assert "@" in reply.attendee
