"""Our invitations, read back by the package's own parser."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from disparo.adapters.icalendar.invitations import ICalendar
from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent

NOW = datetime(2026, 11, 23, 15, 0, 5, 123456, tzinfo=UTC)
START = datetime(2026, 11, 25, 17, tzinfo=UTC)
EVENT = CalendarEvent(
    uid="m12@casa.com.br",
    sequence=3,
    title="Demonstração: Ana e João",
    start_at=START,
    end_at=START + timedelta(minutes=30),
    zone="America/Sao_Paulo",
    organizer=Attendee("Bia Rocha", "bia@casa.com.br"),
    attendees=(Attendee("João, o Bom", "joao@exemplo.com.br"),),
    description="Vamos ver o produto.\nAté lá!",
    location="Rua A, 1; São Paulo",
    url="https://casa.com.br/book/g.0.12.x",
)
INVITATIONS = ICalendar()


def read(text: str) -> tuple[Any, list[Any]]:
    """The calendar and its events."""
    calendar: Any = Calendar.from_ical(text.encode())
    return calendar, calendar.walk("VEVENT")


def only_event(event: CalendarEvent = EVENT) -> Any:
    [found] = read(INVITATIONS.invitation(event, NOW).text)[1]
    return found


def test_a_request_says_what_when_and_who() -> None:
    invitation = INVITATIONS.invitation(EVENT, NOW)
    calendar, [event] = read(invitation.text)
    assert (invitation.method, str(calendar["METHOD"])) == ("REQUEST", "REQUEST")
    assert (str(calendar["VERSION"]), str(calendar["PRODID"])) == ("2.0", "-//Disparo//Agenda//PT")
    assert (str(event["UID"]), event["SEQUENCE"], str(event["STATUS"])) == (EVENT.uid, 3, "CONFIRMED")
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (EVENT.start_at, EVENT.end_at)
    assert event.decoded("DTSTAMP") == NOW.replace(microsecond=0)
    told = [str(event[name]) for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "URL")]
    assert told == [EVENT.title, EVENT.description, EVENT.location, EVENT.url]


def test_the_organizer_and_who_is_asked_have_names_and_addresses() -> None:
    event = only_event()
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("mailto:bia@casa.com.br", "Bia Rocha")
    asked = event["ATTENDEE"]
    assert str(asked) == "mailto:joao@exemplo.com.br"
    assert dict(asked.params) == {
        "CN": "João, o Bom",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }


def test_a_cancelled_meeting_is_called_off_under_the_same_uid() -> None:
    invitation = INVITATIONS.invitation(replace(EVENT, cancelled=True, sequence=4), NOW)
    calendar, [event] = read(invitation.text)
    assert (invitation.method, str(calendar["METHOD"]), str(event["STATUS"])) == ("CANCEL", "CANCEL", "CANCELLED")
    assert (str(event["UID"]), event["SEQUENCE"]) == (EVENT.uid, 4)
    assert str(event["ATTENDEE"]) == "mailto:joao@exemplo.com.br"
    assert "RSVP" not in event["ATTENDEE"].params


def test_times_are_written_in_utc_whatever_zone_they_are_given_in() -> None:
    from zoneinfo import ZoneInfo

    local = replace(EVENT, start_at=START.astimezone(ZoneInfo("America/Sao_Paulo")))
    assert "\r\nDTSTART:20261125T170000Z\r\n" in INVITATIONS.invitation(local, NOW).text
    assert INVITATIONS.invitation(local, NOW) == INVITATIONS.invitation(EVENT, NOW), "the same event, the same text"


@pytest.mark.parametrize("email", [None, "", "joão", "a@b", "x@y.com\r\nSUMMARY:outro"])
def test_who_has_no_address_is_not_invited(email: str | None) -> None:
    assert "ATTENDEE" not in only_event(replace(EVENT, attendees=(Attendee("João", email),)))


def test_an_organizer_without_an_address_is_named_all_the_same() -> None:
    """A REQUEST must have one (RFC 5546, section 3.2.2)."""
    event = only_event(replace(EVENT, organizer=Attendee("Bia")))
    assert (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]) == ("invalid:nomail", "Bia")


def test_a_domain_with_accents_is_written_as_the_dns_has_it() -> None:
    event = only_event(replace(EVENT, attendees=(Attendee("João", "joao@ação.com.br"),)))
    assert str(event["ATTENDEE"]) == "mailto:joao@xn--ao-siap.com.br"


BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("mark", BREAKS)
def test_nobody_writes_properties_through_a_name_or_a_title(mark: str) -> None:
    evil = f'x"{mark}ATTENDEE:mailto:outra@exemplo.com.br{mark}END:VEVENT{mark}BEGIN:VEVENT'
    event = CalendarEvent(
        evil, 1, evil, START, EVENT.end_at, evil, Attendee(evil, "bia@casa.com.br"),
        (Attendee(evil, "joao@exemplo.com.br"),), evil, evil, evil,
    )  # fmt: skip
    text = INVITATIONS.invitation(event, NOW).text
    [found] = read(text)[1]
    assert str(found["ATTENDEE"]) == "mailto:joao@exemplo.com.br"
    assert set(found) == {
        "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "STATUS", "TRANSP", "DESCRIPTION",
        "LOCATION", "ATTENDEE",
    }  # fmt: skip
    assert len(read(INVITATIONS.feed(evil, [event], NOW))[1]) == 1
    assert not [line for line in text.split("\r\n") if line.startswith("ATTENDEE:")]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x/ y", "", "ftp://x", "https://x/\r\nSUMMARY:y"])
def test_what_is_no_web_address_is_left_out(url: str) -> None:
    assert "URL" not in only_event(replace(EVENT, url=url))


def test_a_long_text_is_cut_where_it_still_can_be_read() -> None:
    event = only_event(replace(EVENT, title="t" * 5_000, description="d" * 50_000))
    assert (len(event["SUMMARY"]), len(event["DESCRIPTION"])) == (250, 8_000)
    assert str(event["SUMMARY"]).endswith("t…")


def test_half_a_character_breaks_nothing() -> None:
    assert str(only_event(replace(EVENT, title="a\ud800b"))["SUMMARY"]) == "ab"


def test_a_feed_has_every_meeting_and_invites_nobody() -> None:
    called_off = replace(EVENT, uid="m13@casa.com.br", cancelled=True)
    calendar, events = read(INVITATIONS.feed("Agenda de Bia; casa", [EVENT, called_off], NOW))
    assert (str(calendar["METHOD"]), str(calendar["X-WR-CALNAME"])) == ("PUBLISH", "Agenda de Bia\\; casa")
    assert [(str(one["UID"]), str(one["STATUS"])) for one in events] == [
        ("m12@casa.com.br", "CONFIRMED"),
        ("m13@casa.com.br", "CANCELLED"),
    ]
    assert not [one for one in events if "ATTENDEE" in one]
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"


def test_an_empty_feed_is_a_calendar_all_the_same() -> None:
    assert read(INVITATIONS.feed("Agenda", [], NOW))[1] == []


def test_the_package_is_loaded_by_whoever_writes_an_invitation_only() -> None:
    asked = "import sys, disparo.adapters.icalendar.invitations, disparo.adapters.channels.mailbox.reading"
    done = subprocess.run(
        [sys.executable, "-c", f"{asked}; sys.exit('icalendar' in sys.modules)"], check=False, timeout=60
    )
    assert done.returncode == 0
