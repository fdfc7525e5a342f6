from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from disparo.adapters.calendars.caldav.credentials import parse
from disparo.adapters.calendars.caldav.ours import There, read, written
from disparo.adapters.calendars.caldav.text import UnreadableError
from disparo.domain.agenda.calendar_event import Attendee, CalendarEvent, ChangeKind
from disparo.domain.errors import InputError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
EVENT = CalendarEvent(
    uid="u@example.com",
    sequence=3,
    title="Reunião; com, vírgulas \\ e ç",
    start_at=START,
    end_at=START + timedelta(hours=1),
    zone="America/Sao_Paulo",
    organizer=Attendee("Ana", "ana@example.com"),
    attendees=(Attendee("Léo", "leo@example.org"), Attendee("sem endereço")),
    description="linha um\n  linha dois: " + "comprida " * 30,
    location="Rua A; sala 2",
)
SECRET = {"url": "https://dav.example.com/a", "username": "ana", "password": "very secret"}


def there(text: bytes | str) -> There:
    return read(text if isinstance(text, str) else text.decode(), ZoneInfo("America/Sao_Paulo"))


def test_what_is_written_is_read_as_ours_and_whole() -> None:
    found = there(written(EVENT, NOW))
    assert (found.uid, found.version, found.intact, found.moved) == (EVENT.uid, 3, True, False)
    assert (found.start_at, found.end_at) == (EVENT.start_at, EVENT.end_at)
    assert list(found.changes("k")) == []


def test_the_same_time_in_another_zone_and_folded_texts_are_no_change() -> None:
    text = (
        written(EVENT, NOW).decode().replace("DTSTART:20261123T120000Z", "DTSTART;TZID=Europe/Lisbon:20261123T120000")
    )
    assert there(text).intact
    assert there(text.replace("\r\n ", "")).intact


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("DTSTART:20261123T120000Z", "DTSTART:20261123T113000Z", ChangeKind.MOVED),
        ("STATUS:CONFIRMED", "STATUS:CANCELLED", ChangeKind.REMOVED),
        ("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED", ChangeKind.ACCEPTED),
        ("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED", ChangeKind.DECLINED),
    ],
)
def test_what_others_do_is_seen(old: str, new: str, kind: ChangeKind) -> None:
    text = written(EVENT, NOW).decode().replace("\r\n ", "")
    assert old in text
    found = there(text.replace(old, new))
    assert [one.kind for one in found.changes("k")] == [kind]
    assert found.intact == (kind in (ChangeKind.ACCEPTED, ChangeKind.DECLINED))


def test_another_title_is_no_longer_what_we_wrote_and_an_alarm_is_nothing() -> None:
    text = written(EVENT, NOW).decode()
    assert not there(text.replace("SUMMARY:", "SUMMARY:Minha ")).intact
    assert not there(text.replace("STATUS:", "RRULE:FREQ=DAILY;COUNT=2\r\nSTATUS:")).intact
    assert there(text.replace("END:VEVENT", "BEGIN:VALARM\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT")).intact


def test_the_server_invites_nobody_and_notes_are_for_the_host_alone() -> None:
    text = written(EVENT, NOW).decode().replace("\r\n ", "")
    people = [line for line in text.splitlines() if line.startswith(("ATTENDEE", "ORGANIZER"))]
    assert len(people) == 2
    assert all("SCHEDULE-AGENT=CLIENT" in line for line in people)
    private = written(replace(EVENT, host_notes="disse que é caro"), NOW).decode()
    assert "caro" in private
    assert "leo@example.org" not in private
    assert "ORGANIZER" not in private


def test_what_is_none_of_ours_is_told_apart() -> None:
    text = written(EVENT, NOW).decode()
    without = "\r\n".join(line for line in text.splitlines() if not line.startswith("X-DISPARO")) + "\r\n"
    assert there(without).version is None
    assert list(there(without).changes("k")) == []
    with pytest.raises(UnreadableError):
        there("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", ""),
        ("url", "http://dav.example.com/"),
        ("url", "dav.example.com"),
        ("url", "https://ana:x@dav.example.com/"),
        ("url", "https://dav.example.com:x/"),
        ("username", ""),
        ("username", "a:b"),
        ("password", " "),
    ],
)
def test_a_wrong_field_is_named_and_its_value_never(field: str, value: str) -> None:
    with pytest.raises(InputError, match=f"segredo caldav, campo {field}: ") as caught:
        parse("caldav", {**SECRET, field: value})
    assert "very secret" not in str(caught.value)


def test_a_secret_is_not_shown_and_loopback_may_do_without_https() -> None:
    known = parse("caldav", SECRET)
    assert known.url == "https://dav.example.com/a/"
    assert "secret" not in repr(known)
    for url in ("http://localhost:5232", "http://127.0.0.1/", "http://[::1]:1/"):
        assert parse("caldav", {**SECRET, "url": url}).url.endswith("/")
