"""Answers that calendar programs mail for people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disparo.adapters.channels.mailbox.reading import read_mail
from disparo.domain.contact import Channel
from disparo.domain.receipt import Reply
from disparo.domain.reply_intent import Intent, classify, is_opt_out
from tests.unit.adapters.channels.mailbox.calendar_mails import UID, apple, calendar, gmail, outlook
from tests.unit.adapters.channels.mailbox.mails import NOW, answer, mail


def only_reply(raw: bytes) -> Reply:
    told = read_mail(raw, NOW)
    assert not told.receipts
    assert not told.notices
    [reply] = told.replies
    return reply


def test_google_calendar_says_yes_though_a_program_wrote_the_mail() -> None:
    assert only_reply(gmail()) == Reply(
        "mailbox",
        "<calendar-5b0c@google.com>",
        None,
        "Aceitou o convite no calendário.",
        datetime(2026, 11, 23, 14, 30, tzinfo=UTC),
        Channel.EMAIL,
        "ana.silva@exemplo.com.br",
        sender="contato@alquimista.ai",
        choice="confirm",
        meeting=UID,
        meeting_version=3,
    )


def test_our_own_words_that_a_program_repeats_are_nobodys() -> None:
    """Both the text and the event of Google's mail have a way to opt out in them."""
    assert not is_opt_out(only_reply(gmail()).text)


def test_outlook_says_no_and_brings_what_the_person_wrote() -> None:
    reply = only_reply(outlook("DECLINED", "Estou de viagem. Pode ser na sexta?"))
    assert (reply.choice, reply.meeting, reply.message_id) == ("decline", UID, "3.1.57")
    assert reply.text == "Recusou o convite no calendário.\nEstou de viagem. Pode ser na sexta?"
    assert reply.address == "ana.silva@exemplo.com.br"


def test_who_opts_out_beside_a_no_is_heard() -> None:
    assert is_opt_out(only_reply(outlook("DECLINED", "Não quero mais receber mensagens.")).text)


def test_a_note_in_google_calendar_is_what_the_person_wrote() -> None:
    reply = only_reply(gmail("DECLINED", more="COMMENT:Nesse dia não\\, só na outra semana\n"))
    assert reply.text == "Recusou o convite no calendário.\nNesse dia não, só na outra semana"


def test_perhaps_is_no_choice() -> None:
    for raw in (gmail("TENTATIVE"), outlook("TENTATIVE"), apple("TENTATIVE")):
        reply = only_reply(raw)
        assert (reply.choice, reply.meeting) == (None, UID)
        assert reply.text.startswith("Talvez")
        assert classify(reply.text, reply.choice, meeting_open=True).intent is Intent.OTHER


def test_who_proposes_another_time_wants_another_time() -> None:
    reply = only_reply(outlook("TENTATIVE", method="COUNTER"))
    assert (reply.choice, reply.meeting) == (None, UID)
    assert classify(reply.text, reply.choice, meeting_open=True).intent is Intent.RESCHEDULE


@pytest.mark.parametrize("status", ["ACCEPTED", "DECLINED"])
def test_what_is_chosen_is_understood_so(status: str) -> None:
    reply = only_reply(apple(status))
    wanted = {"ACCEPTED": Intent.CONFIRM, "DECLINED": Intent.DECLINE}
    assert classify(reply.text, reply.choice).intent is wanted[status]


@pytest.mark.parametrize(
    "raw",
    [
        apple("ACCEPTED"),
        apple("ACCEPTED", from_apple=True),
        gmail(sender="Ana (Google Calendar) <calendar-notification@google.com>"),
        gmail(sender="ANA.SILVA@EXEMPLO.COM.BR"),
        gmail().replace(b"multipart/mixed", b"multipart/report; report-type=x"),
    ],
)
def test_whoever_carries_it_it_is_the_persons_answer(raw: bytes) -> None:
    reply = only_reply(raw)
    assert (reply.choice, reply.meeting, reply.address) == ("confirm", UID, "ana.silva@exemplo.com.br")


@pytest.mark.parametrize(
    "sender",
    [
        "outra@exemplo.com.br",
        "Ana <ana.silva@outro.com.br>",
        "ana.silva@exemplo.com.br.mal.com",
        "noreply@mal.com",
        '"ana.silva@exemplo.com.br" <mal@mal.com>',
    ],
)
def test_nobody_answers_for_somebody_else(sender: str) -> None:
    reply = only_reply(gmail(sender=sender))
    assert (reply.choice, reply.meeting, reply.meeting_version) == (None, None, None)
    assert reply.address != "ana.silva@exemplo.com.br"
    assert reply.text == "Aceitou o convite no calendário."


def test_one_that_comes_twice_is_the_same_event() -> None:
    assert only_reply(gmail()).event == only_reply(gmail()).event


@pytest.mark.parametrize("status", ["NEEDS-ACTION", "DELEGATED", ""])
def test_what_says_nothing_is_read_as_any_other_mail(status: str) -> None:
    told = read_mail(gmail(status), NOW)
    assert [one.kind for one in told.notices] == ["automatic_mail"]
    assert only_reply(outlook(status, "Vou ver.").replace(b"X-Auto-Response-Suppress: All\r\n", b"")).text == "Vou ver."


def test_an_invitation_of_theirs_is_no_answer() -> None:
    invitation = calendar("NEEDS-ACTION", "x").replace("METHOD:REPLY", "METHOD:REQUEST")
    raw = answer("Segue o convite.\n", "MIME-Version: 1.0\n")
    told = read_mail(raw.replace(b"text/plain", b"text/calendar; method=REQUEST") + invitation.encode(), NOW)
    assert [one.meeting for one in told.replies] == [None]


def test_an_absence_note_beside_an_invitation_of_ours_stays_one() -> None:
    raw = mail(
        "From: ana.silva@exemplo.com.br\nTo: contato@alquimista.ai\nSubject: Resposta automatica\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: text/plain",
        "Estou de ferias.\n",
    )
    assert [one.kind for one in read_mail(raw, NOW).notices] == ["automatic_mail"]


def test_garbage_in_a_calendar_is_read_as_a_mail_without_one() -> None:
    reply = only_reply(outlook("DECLINED", "Pode ser?").replace(b"X-Auto-Response-Suppress: All\r\n", b"")[:-900])
    assert (reply.text, reply.meeting) == ("Pode ser?", None)
