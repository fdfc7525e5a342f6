"""Our message as a mail: its headers, its parts, and what cannot be one."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from disparo.adapters.channels.smtp.credentials import SmtpCredentials
from disparo.adapters.channels.smtp.payload import Mail, compose
from disparo.adapters.mail_server import MailServer, Security
from disparo.domain.message import MessageId, Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Content, Invitation
from disparo.ports.channel import Outgoing

NOW = datetime(2026, 11, 23, 13, 0, 5, tzinfo=UTC)
ACCOUNT = SmtpCredentials(
    MailServer("mail.test", 587, Security.STARTTLS),
    "noreply@alquimista.ai",
    "devolucoes@alquimista.ai",
    "Alquimista",
    "contato@alquimista.ai",
)


def outgoing(
    subject: str | None = "Olá",
    text: str = "Oi",
    html: str | None = None,
    *,
    address: str = "ana@exemplo.com",
    unsubscribe_url: str | None = None,
) -> Outgoing:
    return Outgoing(MessageId("3", 1, "57"), address, Content(text, subject, html), unsubscribe_url=unsubscribe_url)


def composed(message: Outgoing, account: SmtpCredentials = ACCOUNT) -> tuple[Mail, EmailMessage]:
    mail = compose(message, account, NOW)
    assert isinstance(mail, Mail)
    return mail, email.message_from_bytes(mail.content, policy=email.policy.default)


def refused(message: Outgoing) -> Outcome:
    outcome = compose(message, ACCOUNT, NOW)
    assert isinstance(outcome, Outcome)
    return outcome


def test_the_headers_say_who_what_and_when() -> None:
    mail, read = composed(outgoing())
    assert read["From"] == "Alquimista <noreply@alquimista.ai>"
    assert read["To"] == "ana@exemplo.com"
    assert read["Reply-To"] == "contato@alquimista.ai"
    assert read["Date"] == "Mon, 23 Nov 2026 13:00:05 +0000"
    assert read["Message-ID"] == "<disparo.3.1.57@alquimista.ai>"
    assert read["References"] == "<disparo.3.1.57@thread.alquimista.ai>"
    assert (mail.sender, mail.recipient, mail.envelope_id) == ("devolucoes@alquimista.ai", "ana@exemplo.com", "3.1.57")
    assert "Auto-Submitted" not in read, "that is for answers to mail (RFC 3834)"


def test_text_and_html_are_alternatives_the_text_first() -> None:
    _, read = composed(outgoing(html="<p>Olá, Ana</p>"))
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert composed(outgoing())[1].get_content_type() == "text/plain"


CALENDAR = Invitation("REQUEST", "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nX-A:ç\r\nEND:VCALENDAR\r\n")


def inviting(invitation: Invitation = CALENDAR) -> Outgoing:
    message = outgoing(html="<p>Oi</p>")
    return replace(message, content=replace(message.content, invitation=invitation))


@pytest.mark.parametrize("message", [outgoing(html="<p>Oi</p>"), inviting()])
def test_the_same_message_is_the_same_mail(message: Outgoing) -> None:
    assert compose(message, ACCOUNT, NOW) == compose(message, ACCOUNT, NOW)


def test_an_invitation_changes_nothing_of_the_headers() -> None:
    plain, invited = composed(outgoing())[1], composed(inviting())[1]
    assert {name: plain[name] for name in plain} | {"Content-Type": "", "Content-Transfer-Encoding": ""} == {
        name: invited[name] for name in invited
    } | {"Content-Type": "", "Content-Transfer-Encoding": ""}


def test_a_mail_with_an_invitation_goes_any_way_that_others_go() -> None:
    mail, _ = composed(inviting(Invitation("CANCEL", "X-A:" + "é" * 9_000 + "\r\n")))
    assert mail.content.isascii()
    assert max(len(line) for line in mail.content.split(b"\r\n")) <= 78


@pytest.mark.parametrize("method", ["", "REQUEST; x=y", "REQUEST\r\nBcc: a@b.c", 'R"', "request"])
def test_nobody_writes_headers_through_an_invitations_method(method: str) -> None:
    assert refused(inviting(Invitation(method, CALENDAR.text))).reason == "invitation_unusable"


def test_an_invitation_that_is_no_unicode_is_refused() -> None:
    assert refused(inviting(Invitation("REQUEST", "\ud800"))).reason == "text_not_unicode"


def test_every_line_is_short_and_of_seven_bits() -> None:
    mail, _ = composed(outgoing("ação " * 40, "ção " * 500 + "x" * 5000, "<p>" + "é" * 3000 + "</p>"))
    assert mail.content.isascii()
    assert max(len(line) for line in mail.content.split(b"\r\n")) <= 78
    assert b"\n" not in mail.content.replace(b"\r\n", b"")


def test_one_click_unsubscribing_is_offered_where_there_is_a_page() -> None:
    url = "https://disparo.exemplo.com/u/" + "t" * 150
    _, read = composed(outgoing(unsubscribe_url=url))
    assert "".join(read["List-Unsubscribe"].split()) == f"<{url}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "List-Unsubscribe" not in composed(outgoing())[1]


def test_unsubscribing_by_mail_names_the_message() -> None:
    account = SmtpCredentials(ACCOUNT.server, "a@b.com", "a@b.com", unsubscribe_address="sair@b.com")
    _, read = composed(outgoing(), account)
    assert read["List-Unsubscribe"] == "<mailto:sair@b.com?subject=unsubscribe%203.1.57>"
    assert "List-Unsubscribe-Post" not in read, "one click is for pages (RFC 8058 section 3.1)"


@pytest.mark.parametrize(
    "name", ["Clínica São José", 'Ana "Bia" <x>', "Silva, Souza & Cia", "=?utf-8?q?x?=", "ção " * 40]
)
def test_a_senders_name_is_read_as_it_was_written(name: str) -> None:
    account = SmtpCredentials(ACCOUNT.server, "a@b.com", "a@b.com", name.strip())
    old = email.message_from_bytes(composed(outgoing(), account)[0].content)
    shown, address = parseaddr(old["From"])
    assert (str(make_header(decode_header(shown))), address) == (name.strip(), "a@b.com")


@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\r", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_nobody_writes_headers_through_a_subject(breaker: str) -> None:
    outcome = refused(outgoing(f"Oi{breaker}Bcc: outra@exemplo.com"))
    assert (outcome.failure, outcome.reason) == (FailureClass.PERMANENT, "line_break_in_subject")


@pytest.mark.parametrize("url", ["https://x/\r\nBcc: a@b.c", "https://x/ y", "javascript:x", "https://x/>,<y"])
def test_nor_through_an_address_of_unsubscribing(url: str) -> None:
    assert refused(outgoing(unsubscribe_url=url)).reason == "unsubscribe_url_unusable"


@pytest.mark.parametrize(
    "address", ["", "ana", "ana@exemplo.com\r\nRCPT TO:<x@y.z>", "ana@exemplo.com> SIZE=1", "a b@x.com"]
)
def test_what_is_no_address_is_the_recipients_fault(address: str) -> None:
    outcome = refused(outgoing(address=address))
    assert (outcome.failure, outcome.reason, outcome.detail) == (FailureClass.RECIPIENT, "address_invalid", "")


def test_half_a_character_is_no_text() -> None:
    assert refused(outgoing(text="\ud83c")).reason == "text_not_unicode"
    assert refused(outgoing("\ud83c")).reason == "text_not_unicode"


def test_a_subject_that_never_ends_is_refused() -> None:
    assert refused(outgoing("x" * 2001)).reason == "subject_too_long"


def test_a_domain_beyond_ascii_goes_by_its_name_in_the_dns() -> None:
    mail, read = composed(outgoing(address="ana@ação.com.br"))
    assert (mail.recipient, mail.needs_utf8, read["To"]) == ("ana@xn--ao-siap.com.br", False, "ana@xn--ao-siap.com.br")


def test_a_local_part_beyond_ascii_needs_a_server_that_takes_it() -> None:
    mail, _ = composed(outgoing(address="joão@ação.com.br"))
    assert (mail.recipient, mail.needs_utf8) == ("joão@ação.com.br", True)
    assert "To: <joão@ação.com.br>\r\n" in mail.content.decode()


def test_a_subject_without_a_space_fits_on_lines_too() -> None:
    mail = compose(outgoing("a" * 1500), ACCOUNT, NOW)
    assert isinstance(mail, Mail)
    assert max(map(len, mail.content.split(b"\r\n"))) <= 998
    read = email.message_from_bytes(mail.content)
    assert str(make_header(decode_header(read["Subject"]))) == "a" * 1500
