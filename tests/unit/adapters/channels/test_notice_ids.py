"""The id of a notice is the longest that a message of ours can have: it travels by every channel and comes back."""

from __future__ import annotations

import email
import email.policy
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

from disparo.adapters.aws.sms import payload as aws_sms
from disparo.adapters.aws.sms.credentials import parse as parse_aws_sms
from disparo.adapters.channels.mailbox.letter import Letter
from disparo.adapters.channels.mailbox.replies import unsubscribing, written
from disparo.adapters.channels.mcp.payload import fields
from disparo.adapters.channels.sendgrid.callback import _told as read_events
from disparo.adapters.channels.sendgrid.credentials import SendGridCredentials
from disparo.adapters.channels.sendgrid.payload import mailings
from disparo.adapters.channels.smtp.credentials import SmtpCredentials
from disparo.adapters.channels.smtp.payload import Mail, compose
from disparo.adapters.channels.twilio.payload import status_callback
from disparo.adapters.channels.whatsapp.payload import free_text
from disparo.adapters.channels.whatsapp.statuses import read_status
from disparo.adapters.mail_server import MailServer, Security
from disparo.adapters.signed_links import SignedLinks
from disparo.domain.agenda.notice import NoticeKind, NoticeStep
from disparo.domain.contact import Channel
from disparo.domain.mail_message_id import mail_message_id, message_of
from disparo.domain.message import MessageId
from disparo.domain.receipt import Receipt
from disparo.domain.template import Content
from disparo.domain.ticket import Ticket
from disparo.ports.channel import Outgoing
from tests.unit.adapters.aws.sms.topic import SECRET

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
ID = MessageId("999999", 123456789012345678, "123456789")
TEXT = "999999.123456789012345678.123456789"
SMS = Outgoing(ID, "+5511999990000", Content("Oi"))
MAIL = Outgoing(ID, "ana@exemplo.com", Content("Oi", "Assunto"))


def mail(headers: str) -> Letter:
    return Letter(f"From: ana@exemplo.com\r\n{headers}\r\n\r\noi".encode())


def test_it_is_read_as_it_is_written() -> None:
    assert str(ID) == TEXT
    assert MessageId.parse(TEXT) == ID


def test_twilio_brings_it_back_in_its_address() -> None:
    address = status_callback("https://hooks.example.com", TEXT)
    assert parse_qs(address.partition("?")[2]) == {"id": [TEXT]}
    assert len(address) < 2048


def test_whatsapp_brings_it_back_in_each_status() -> None:
    body = free_text(SMS, "5511999990000")
    event = {"id": "wamid.x", "status": "delivered", "timestamp": "1764000000"}
    told = read_status({**event, "biz_opaque_callback_data": body["biz_opaque_callback_data"]})
    assert isinstance(told, Receipt)
    assert told.message_id == TEXT


def test_sendgrid_brings_it_back_in_each_event() -> None:
    secret = SendGridCredentials("https://x/v3", "SG.x", "oi@casa.com.br", "Casa", "contato@casa.com.br")
    [mailing] = mailings([(0, MAIL)], secret, "d0123456789abcdef")
    [one] = json.loads(mailing.body)["personalizations"]
    event = {"event": "delivered", "timestamp": 1764000000, "sg_event_id": "e", **one["custom_args"]}
    [receipt] = read_events([event], NOW).receipts
    assert receipt.message_id == TEXT
    assert message_of(one["headers"]["Message-ID"]) == TEXT


def test_many_notices_of_one_kind_share_a_request() -> None:
    secret = SendGridCredentials("https://x/v3", "SG.x", "oi@casa.com.br", "Casa", "contato@casa.com.br")
    long = "Um texto longo.\n" * 2_000
    notices = [
        replace(MAIL, id=MessageId("9", NoticeStep(str(number), 1, NoticeKind.REMINDER_1).number(), str(number)),
                address=f"p{number}@exemplo.com", content=Content(f"{number}\n{long}", "Oi"))
        for number in range(1, 5)
    ]  # fmt: skip
    [mailing] = mailings(enumerate(notices), secret, "d0123456789abcdef")
    assert len(mailing.envelopes) == len(notices)


def test_a_mail_says_it_in_its_headers_and_its_envelope() -> None:
    account = SmtpCredentials(
        MailServer("mail.test", 587, Security.STARTTLS), "a@casa.com.br", "b@casa.com.br", "Casa", "c@casa.com.br"
    )
    composed = compose(MAIL, account, NOW)
    assert isinstance(composed, Mail)
    assert composed.envelope_id == TEXT
    headers = email.message_from_bytes(composed.content, policy=email.policy.default)
    assert message_of(str(headers["Message-ID"])) == TEXT
    assert message_of(str(headers["References"])) == TEXT


def test_an_answer_and_an_unsubscription_by_mail_name_it() -> None:
    assert written(mail(f"In-Reply-To: {mail_message_id(ID, 'casa.com.br')}\r\nSubject: Re: x"), NOW).message_id == TEXT
    gone = unsubscribing(mail(f"Subject: unsubscribe {TEXT}"), NOW)
    assert gone is not None
    assert gone.message_id == TEXT


def test_sms_of_aws_and_mcp_carry_it() -> None:
    secret = parse_aws_sms("mcp-sms-aws", SECRET)
    [value] = aws_sms.request(SMS, secret)["Context"].values()
    assert value == TEXT
    assert fields(SMS, {})["message_id"] == TEXT


def test_tickets_and_links_carry_it() -> None:
    ticket = Ticket(ID, "whatsapp", Channel.WHATSAPP, 1, NOW, None, NOW, False)
    assert Ticket.from_json(json.loads(json.dumps(ticket.to_json()))) == ticket
    links = SignedLinks("https://disparo.example.com", lambda: b"k" * 32)
    url = links.unsubscribe_url(ID)
    assert url is not None
    assert links.message_of(url.rpartition("/")[2]) == ID
