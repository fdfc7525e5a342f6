"""Whatever a message says, a mail program reads it as it was written."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.channels.smtp.credentials import SmtpCredentials
from disparo.adapters.channels.smtp.payload import Mail, compose
from disparo.adapters.mail_server import MailServer, Security
from disparo.domain.message import MessageId
from disparo.domain.template import Content
from disparo.ports.channel import Outgoing

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ACCOUNT = SmtpCredentials(MailServer("mail.test", 587, Security.STARTTLS), "a@b.com", "a@b.com")
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
SUBJECTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=300)
ASCII_SUBJECTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=300)


@given(SUBJECTS | ASCII_SUBJECTS, TEXTS, st.none() | TEXTS)
def test_a_mail_parser_reads_what_was_written(subject: str, text: str, html: str | None) -> None:
    message = Outgoing(MessageId("3", 1, "57"), "ana@exemplo.com", Content(text, subject, html))
    mail = compose(message, ACCOUNT, NOW)
    assert isinstance(mail, Mail)
    read = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert not read.defects
    assert read["Message-ID"] == mail.message_id
    old = email.message_from_bytes(mail.content)
    assert _one_line(str(make_header(decode_header(old["Subject"])))) == _one_line(subject)
    assert _content(read, "plain") == _lines(text)
    assert html is None or _content(read, "html") == _lines(html)


def _content(read: EmailMessage, subtype: str) -> str:
    [part] = [one for one in read.walk() if one.get_content_type() == f"text/{subtype}"]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return _lines(payload.decode())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())
