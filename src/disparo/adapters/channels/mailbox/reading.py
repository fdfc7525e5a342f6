"""What a mail that came back says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from disparo.adapters.channels.mailbox import PROVIDER
from disparo.adapters.channels.mailbox.automatic import is_automatic
from disparo.adapters.channels.mailbox.calendar_answers import calendar_answer
from disparo.adapters.channels.mailbox.dsn import (
    Finding,
    complaint_finding,
    delivery_findings,
    message_named_in,
    opening_finding,
)
from disparo.adapters.channels.mailbox.letter import Letter
from disparo.adapters.channels.mailbox.replies import answered_message, sender_address, unsubscribing, written
from disparo.domain.errors import InputError
from disparo.domain.mail_message_id import message_of
from disparo.domain.receipt import Notice, Receipt, ReceiptKind
from disparo.ports.callback import Told


def read_mail(raw: bytes, now: datetime) -> Told:
    """The receipts, replies and notices in a mail (RFC 5322, as bytes); InputError when it is none that can be read.

    Reports become receipts, a program's answer a note, a person's words a reply, and so does what their
    calendar answers to an invitation, though a program wrote the mail. What concerns no message of ours and nobody
    whose address is known becomes a notice. A mail that comes twice has the same event ids. Anybody can write
    to a mailbox: what a mail says of itself is believed.
    """
    try:
        return _read(Letter(raw), now)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError) as error:
        raise InputError(f"o e-mail não pôde ser lido ({type(error).__name__})") from None


def _read(letter: Letter, now: datetime) -> Told:
    if message_of(letter.header("Message-ID")) is not None:
        return _notice(letter, now, "own_mail")
    if findings := _findings(letter):
        return _reported(letter, findings, now)
    if (reply := unsubscribing(letter, now)) is not None:
        return Told(replies=[reply])
    if (reply := calendar_answer(letter, now)) is not None:
        return Told(replies=[reply])
    if is_automatic(letter):
        finding = Finding(ReceiptKind.NOTED, "auto_reply")
        answered = answered_message(letter)
        return (
            Told([_receipt(letter, finding, answered, 0, now)]) if answered else _notice(letter, now, "automatic_mail")
        )
    if answered_message(letter) is None and sender_address(letter) is None:
        return _notice(letter, now, "mail_of_nobody")
    return Told(replies=[written(letter, now)])


def _findings(letter: Letter) -> Sequence[Finding]:
    single = complaint_finding(letter) or opening_finding(letter)
    return [single] if single is not None else delivery_findings(letter)


def _reported(letter: Letter, findings: Sequence[Finding], now: datetime) -> Told:
    named = message_named_in(letter)
    if named is None:
        said = [{"kind": one.kind, "reason": one.reason, "detail": one.detail} for one in findings]
        return _notice(letter, now, "report_of_unknown_mail", said)
    return Told([_receipt(letter, finding, named, number, now) for number, finding in enumerate(findings)])


def _receipt(letter: Letter, finding: Finding, message_id: str, number: int, now: datetime) -> Receipt:
    event_id = f"{letter.event_id}:{number}" if number else letter.event_id
    return Receipt(
        PROVIDER,
        event_id,
        message_id,
        finding.kind,
        letter.at(now),
        detail=finding.detail,
        reason=finding.reason,
        suppress=finding.suppress,
    )


def _notice(letter: Letter, now: datetime, kind: str, said: object = None) -> Told:
    detail = json.dumps({"content_type": letter.message.get_content_type()[:100], "said": said}, ensure_ascii=False)
    return Told(notices=[Notice(PROVIDER, letter.event_id, kind, letter.at(now), detail)])
