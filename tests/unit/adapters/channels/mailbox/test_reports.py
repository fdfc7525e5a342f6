"""Reports of servers: what becomes of the message, and whose address is never used again."""

from __future__ import annotations

import pytest

from disparo.adapters.channels.mailbox.reading import read_mail
from disparo.domain.receipt import Receipt, SuppressionCause
from disparo.domain.receipt import ReceiptKind as Kind
from tests.unit.adapters.channels.mailbox import mails
from tests.unit.adapters.channels.mailbox.mails import NOW, report

BOUNCED = SuppressionCause.BOUNCED


def only_receipt(raw: bytes) -> Receipt:
    told = read_mail(raw, NOW)
    assert not told.replies
    assert not told.notices
    [receipt] = told.receipts
    return receipt


@pytest.mark.parametrize(
    ("fields", "kind", "reason", "suppress"),
    [
        (mails.POSTFIX_UNKNOWN, Kind.FAILED, "bounced", BOUNCED),
        (mails.EXCHANGE_UNKNOWN, Kind.FAILED, "bounced", BOUNCED),
        (mails.GENERAL_CODE, Kind.FAILED, "bounced", BOUNCED),
        (mails.FULL, Kind.FAILED, "mailbox_full", None),
        (mails.SPAM, Kind.FAILED, "blocked", None),
        (mails.SPAM_WITHOUT_CODE, Kind.FAILED, "blocked", None),
        (mails.EXPIRED, Kind.FAILED, "bounced_soft", None),
        (mails.DELAYED, Kind.NOTED, "delayed", None),
        (mails.DELIVERED, Kind.DELIVERED, "", None),
        (mails.RELAYED, Kind.NOTED, "relayed", None),
        ("Action: failed\nStatus: 5.0.0", Kind.FAILED, "bounced", BOUNCED),
        ("Action: failed", Kind.FAILED, "bounced", None),
        ("Status: 5.1.1", Kind.FAILED, "bounced", BOUNCED),
        ("Action: danced\nStatus: 2.0.0", Kind.NOTED, "reported", None),
    ],
)
def test_a_delivery_report_is_understood(
    fields: str, kind: Kind, reason: str, suppress: SuppressionCause | None
) -> None:
    receipt = only_receipt(report(fields))
    assert (receipt.message_id, receipt.kind, receipt.reason, receipt.suppress) == ("3.1.57", kind, reason, suppress)
    assert (receipt.provider, receipt.event_id) == ("mailbox", "<relatorio1@mx.exemplo.com.br>")
    assert receipt.at.isoformat() == "2026-11-23T14:00:00+00:00"
    assert "@" not in receipt.detail
    assert "silva" not in receipt.detail


def test_the_detail_has_the_codes_and_the_words() -> None:
    assert only_receipt(report(mails.POSTFIX_UNKNOWN)).detail == (
        "5.1.1 smtp; 550 5.1.1 <<…>>: Recipient address rejected: User <…> unknown in virtual mailbox table"
    )


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_the_message_is_known_by_what_is_returned_of_it(returned: str) -> None:
    assert only_receipt(report(mails.POSTFIX_UNKNOWN, returned=returned)).message_id == "3.1.57"


def test_the_envelopes_id_names_it_where_nothing_is_returned() -> None:
    raw = report(mails.POSTFIX_UNKNOWN, report_fields="Original-Envelope-Id: 9.2.8\n", id_header="<x@y.com>")
    assert only_receipt(raw).message_id == "9.2.8"


def test_our_second_header_names_it_where_the_server_wrote_another_id() -> None:
    raw = report(mails.POSTFIX_UNKNOWN, id_header=f"<0100@email.amazonses.com>\nReferences: {mails.OURS}")
    assert only_receipt(raw).message_id == "3.1.57"


def test_each_recipient_of_a_report_is_an_event_of_its_own() -> None:
    told = read_mail(report(f"{mails.POSTFIX_UNKNOWN}\n\n{mails.DELIVERED}"), NOW)
    assert [(one.kind, one.event_id) for one in told.receipts] == [
        (Kind.FAILED, "<relatorio1@mx.exemplo.com.br>"),
        (Kind.DELIVERED, "<relatorio1@mx.exemplo.com.br>:1"),
    ]


def test_a_report_on_a_mail_that_is_not_ours_is_a_notice_without_addresses() -> None:
    told = read_mail(report(mails.POSTFIX_UNKNOWN, id_header="<outra@x.com>"), NOW)
    assert not told.receipts
    [notice] = told.notices
    assert notice.kind == "report_of_unknown_mail"
    assert "550 5.1.1" in notice.detail
    assert "silva" not in notice.detail


@pytest.mark.parametrize(
    ("raw", "kind", "reason", "suppress"),
    [
        (mails.EXIM, Kind.FAILED, "bounced", BOUNCED),
        (mails.QMAIL, Kind.FAILED, "bounced", BOUNCED),
        (mails.WARNING, Kind.NOTED, "delayed", None),
    ],
)
def test_older_servers_are_understood_by_their_words(
    raw: bytes, kind: Kind, reason: str, suppress: SuppressionCause | None
) -> None:
    receipt = only_receipt(raw)
    assert (receipt.message_id, receipt.kind, receipt.reason, receipt.suppress) == ("3.1.57", kind, reason, suppress)


def test_a_mail_without_an_id_is_recognised_by_its_bytes() -> None:
    assert only_receipt(mails.QMAIL).event_id == only_receipt(mails.QMAIL).event_id
    assert only_receipt(mails.QMAIL).event_id.startswith("digest:")
    assert only_receipt(mails.QMAIL + b"x").event_id != only_receipt(mails.QMAIL).event_id


@pytest.mark.parametrize(
    ("kind", "reason", "suppress"),
    [
        ("abuse", "complained", SuppressionCause.COMPLAINED),
        ("fraud", "complained", SuppressionCause.COMPLAINED),
        ("opt-out", "opted_out", SuppressionCause.OPTED_OUT),
        ("not-spam", "feedback_report", None),
        ("auth-failure", "feedback_report", None),
    ],
)
def test_a_complaint_is_noted_and_the_person_is_left_alone(
    kind: str, reason: str, suppress: SuppressionCause | None
) -> None:
    receipt = only_receipt(mails.complaint(kind))
    assert (receipt.message_id, receipt.kind, receipt.reason, receipt.suppress) == (
        "3.1.57",
        Kind.NOTED,
        reason,
        suppress,
    )


def test_a_mail_that_was_shown_was_read_and_one_that_was_deleted_was_not() -> None:
    assert only_receipt(mails.opened()).kind is Kind.READ
    deleted = only_receipt(mails.opened("automatic-action/MDN-sent-automatically; deleted"))
    assert (deleted.kind, deleted.reason) == (Kind.NOTED, "not_opened")


def test_a_report_that_somebody_attached_is_no_report_to_us() -> None:
    forwarded = mails.mail(
        "From: ana@exemplo.com.br\nSubject: veja isto\nMessage-ID: <a@b>\n"
        'Content-Type: multipart/mixed; boundary="fora"',
        "--fora\nContent-Type: text/plain\n\nOlha o que voltou\n--fora\nContent-Type: message/rfc822\n\n"
        + report(mails.POSTFIX_UNKNOWN).decode().replace("\r\n", "\n")
        + "\n--fora--\n",
    )
    told = read_mail(forwarded, NOW)
    assert not told.receipts
    assert told.replies[0].text == "Olha o que voltou"


@pytest.mark.parametrize(
    "date",
    ["", "Date: nonsense\n", "Date: Fri, 01 Jan 2100 00:00:00 +0000\n", "Date: Thu, 1 Jan 1970 00:00:00 +0000\n"],
)
def test_an_instant_that_cannot_be_is_now(date: str) -> None:
    raw = mails.WARNING.replace(b"Message-Id:", date.replace("\n", "\r\n").encode() + b"Message-Id:")
    assert only_receipt(raw).at == NOW
