from __future__ import annotations

import time
from pathlib import Path

import pytest

from disparo.adapters.icalendar.reply import Answered, CalendarReply, read_reply

PLAIN = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
UID:m12@casa.com.br
SEQUENCE:3
DTSTAMP:20261123T150000Z
DTSTART:20261125T170000Z
ORGANIZER:mailto:contato@casa.com.br
ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:mailto:Ana.Silva@exemplo.com.br
END:VEVENT
END:VCALENDAR
"""
PROGRAM = "-//Google Inc//Google Calendar 70.9054//EN"


def test_an_answer_says_which_meeting_what_and_who() -> None:
    assert read_reply(PLAIN) == CalendarReply(
        "m12@casa.com.br", Answered.ACCEPTED, "ana.silva@exemplo.com.br", "", PROGRAM, 3
    )


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("ACCEPTED", Answered.ACCEPTED),
        ("declined", Answered.DECLINED),
        ("Tentative", Answered.TENTATIVE),
        ("NEEDS-ACTION", None),
        ("DELEGATED", None),
        ("X-MAYBE", None),
    ],
)
def test_every_status_is_understood_or_left_alone(status: str, answer: Answered | None) -> None:
    reply = read_reply(PLAIN.replace("ACCEPTED", status))
    assert (reply.answer if reply else None) is answer


def test_who_proposes_another_time_counters() -> None:
    reply = read_reply(PLAIN.replace("METHOD:REPLY", "METHOD:COUNTER").replace("ACCEPTED", "TENTATIVE"))
    assert reply is not None
    assert reply.answer is Answered.COUNTER


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("METHOD:REPLY", "METHOD:Reply"),
        ("mailto:Ana", "MAILTO:Ana"),
        ("PARTSTAT=ACCEPTED:mailto:", "PARTSTAT=ACCEPTED;X-NUM-GUESTS=0:mai\n lto:"),
        ("UID:m12@casa.com.br", "UID:m12@cas\n a.com.br"),
        ("CN=Ana", 'CN="Silva, Ana: gerente"'),
        ("CN=Ana", "CN='Ana'"),
        ("\n", "\r\n"),
        ("VERSION:2.0\n", ""),
        ("DTSTAMP:20261123T150000Z\n", "DTSTAMP:quinta\nX-COISA;A=B:\\;\n"),
        ("DTSTART:20261125T170000Z\n", "DTSTART;TZID=America/Bogus:20261125T140000\n"),
        ("BEGIN:VEVENT", "BEGIN:VTIMEZONE\nTZID:America/Sao_Paulo\nEND:VTIMEZONE\nBEGIN:VEVENT"),
        ("BEGIN:VCALENDAR", "\n\n  BEGIN:VCALENDAR".replace("  ", "")),
        ("END:VCALENDAR\n", "END:VCALENDAR"),
    ],
)
def test_programs_write_the_same_in_many_ways(old: str, new: str) -> None:
    reply = read_reply(PLAIN.replace(old, new))
    assert reply is not None
    assert (reply.uid, reply.answer, reply.attendee) == (
        "m12@casa.com.br", Answered.ACCEPTED, "ana.silva@exemplo.com.br",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "sequence"), [("0", 0), ("17", 17), ("-1", None), ("x", None), ("9999999", None), ("", None)]
)
def test_the_version_that_they_saw_is_told(written: str, sequence: int | None) -> None:
    reply = read_reply(PLAIN.replace("SEQUENCE:3", f"SEQUENCE:{written}"))
    assert reply is not None
    assert reply.sequence == sequence
    silent = read_reply(PLAIN.replace("SEQUENCE:3\n", ""))
    assert silent is not None
    assert silent.sequence is None


def test_a_comment_is_read_with_its_lines() -> None:
    reply = read_reply(PLAIN.replace("END:VEVENT", "COMMENT:Chego às 14h\\, pode ser?\\nAna\nCOMMENT:x\nEND:VEVENT"))
    assert reply is not None
    assert reply.comment == "Chego às 14h, pode ser?\nAna"
    long = read_reply(PLAIN.replace("END:VEVENT", f"COMMENT:{'x' * 9_000}\nEND:VEVENT"))
    assert long is not None
    assert len(long.comment) == 2_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "oi",
        "/etc/passwd",
        ".",
        "\0",
        "\ud800",
        PLAIN.replace("REPLY", "REQUEST"),
        PLAIN.replace("METHOD:REPLY\n", ""),
        PLAIN.replace("UID:m12@casa.com.br\n", ""),
        PLAIN.replace("m12@casa.com.br", "m12 casa"),
        PLAIN.replace("m12@casa.com.br", "x" * 300),
        PLAIN.replace("VEVENT", "VTODO"),
        PLAIN.replace("mailto:Ana.Silva@exemplo.com.br", "Ana"),
        PLAIN.replace("ATTENDEE", "X-ATTENDEE"),
        PLAIN.replace("ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:", "ATTENDEE:"),
        PLAIN[: len(PLAIN) // 2],
        "BEGIN:VEVENT\n" * 5_000,
    ],
)
def test_what_is_no_answer_is_none(text: str) -> None:
    assert read_reply(text) is None


def test_a_text_is_never_taken_for_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "reply.ics").write_text(PLAIN)
    assert read_reply(str(tmp_path / "reply.ics")) is None


@pytest.mark.parametrize(
    "filling",
    [
        "\r\n" * 500_000,
        " " * 1_000_000,
        "X-A;" + "B=C;" * 200_000 + ":d\n",
        "X-A:" + '"\\' * 400_000,
        "BEGIN:A\n" * 9_999,
    ],
)
def test_a_huge_calendar_takes_no_time(filling: str) -> None:
    begun = time.process_time()
    read_reply(PLAIN.replace("BEGIN:VEVENT", f"{filling}\nBEGIN:VEVENT"))
    assert time.process_time() - begun < 2
