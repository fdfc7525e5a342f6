"""Reports on a mail: delivery (RFC 3464 and its older relatives), complaint (RFC 5965), opening (RFC 8098)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import Parser
from typing import Any, Final, TypeAlias

from disparo.adapters.channels.mailbox.letter import Letter, header, part_text
from disparo.adapters.mail_status import MailStatus, basic_status, enhanced_status, impersonal
from disparo.domain.mail_message_id import message_of
from disparo.domain.receipt import ReceiptKind as Kind
from disparo.domain.receipt import SuppressionCause as Cause

AnyMessage: TypeAlias = "Message[Any, Any]"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a report says of one recipient."""

    kind: Kind
    reason: str
    detail: str = ""
    suppress: Cause | None = None


HARD: Final = frozenset(
    {(1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (1, 6), (1, 10), (2, 1), (4, 1), (4, 4), (7, 17), (7, 18)}
)
"""Subject and detail of a 5.x.x that is said of the address itself, which is never to be tried again."""
FULL: Final = frozenset({(2, 2)})
BLOCKED_SUBJECTS: Final = frozenset({3, 5, 6, 7})
"""The mail or its sender was refused (system, protocol, content, policy): the address is not at fault."""

_BLOCKED = re.compile(
    r"spam|block(?:ed|list)|blacklist|policy|reputation|listed|unsolicited|DMARC|SPF|DKIM|bloquead", re.I
)
_UNKNOWN = re.compile(
    r"no mailbox|(?:unknown|invalid) (?:user|mailbox|recipient|address)|(?:user|recipient|mailbox|address)\w* "
    r"(?:is )?(?:unknown|not found|rejected|disabled|unavailable)|does ?n[o']t exist|no such|não (?:existe|encontrad)"
    r"|couldn'?t be found|no está|inexistente",
    re.I,
)
_FULL = re.compile(r"(?:mailbox|inbox|caixa).{0,40}(?:full|quota|storage|cheia)|over ?quota|quota exceeded", re.I)
_BOUNCER = re.compile(r"\b(?:mailer-daemon|postmaster|mail-?daemon|mdaemon|microsoftexchange\w*)@", re.I)
_BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|incomplete)|mail (?:delivery|system|failure)|failure notice"
    r"|returned (?:mail|to sender)|não (?:é possível entregar|entregue|foi entregue)|falha na entrega"
    r"|no se puede entregar|\b(?:delivery|message|mail)\b.{0,20}\bdelayed|could not send",
    re.I,
)
_DELAYED = re.compile(
    r"delayed|delay\b|will (?:be )?retr|still (?:be )?(?:try|attempt)|warning: could not|atrasad", re.I
)
_BOUNCE_TEXT = re.compile(
    r"\bqmail-send program\b|\bThis message was created automatically by mail delivery software", re.I
)
_ENVELOPE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}\.[0-9]{1,18}\.[A-Za-z0-9_-]{1,100}")
_NOT_BAD = frozenset({"not-spam", "auth-failure", "dmarc"})
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_RETURNED = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}
_MOST_RECIPIENTS = 10
_LONGEST_PROSE = 20_000


def message_named_in(letter: Letter) -> str | None:
    """The id of the message of ours that a report is about.

    By the envelope id that the report repeats, else the headers that it returns, else by whatever names it.
    """
    for block in _blocks(letter):
        if _ENVELOPE_ID.fullmatch(given := header(block, "Original-Envelope-Id")):
            return given
        if found := message_of(header(block, "Original-Message-ID")):
            return found
    for returned in _returned(letter):
        for name in ("Message-ID", "References"):
            if found := message_of(header(returned, name)):
                return found
    for name in ("In-Reply-To", "References"):
        if found := message_of(letter.header(name)):
            return found
    return next((found for text in letter.texts() if (found := message_of(text))), None)


def delivery_findings(letter: Letter) -> Sequence[Finding]:
    """What a delivery report says, for each recipient in it; empty when the mail is none."""
    blocks = [block for block in _blocks(letter) if "Action" in block or "Status" in block]
    if any(part.get_content_type() in _REPORTS for part in _children(letter)) and blocks:
        return [_of_recipient(block) for block in blocks[:_MOST_RECIPIENTS]]
    return [_of_prose(letter)] if _is_old_bounce(letter) else []


def complaint_finding(letter: Letter) -> Finding | None:
    """What an abuse report says; None when the mail is none."""
    block = _single(letter, "message/feedback-report")
    if block is None:
        return None
    kind = header(block, "Feedback-Type").lower() or "abuse"
    if kind in _NOT_BAD:
        return Finding(Kind.NOTED, "feedback_report", kind)
    if kind.startswith("opt-out"):
        return Finding(Kind.NOTED, "opted_out", kind, Cause.OPTED_OUT)
    return Finding(Kind.NOTED, "complained", impersonal(kind), Cause.COMPLAINED)


def opening_finding(letter: Letter) -> Finding | None:
    """What a person's mail program says it did with the mail; None when the mail is no such note."""
    block = _single(letter, "message/disposition-notification")
    if block is None:
        return None
    done = header(block, "Disposition").rpartition(";")[2].strip().lower()
    if done.startswith("displayed"):
        return Finding(Kind.READ, "", "displayed")
    return Finding(Kind.NOTED, "not_opened", impersonal(done))


def _of_recipient(block: AnyMessage) -> Finding:
    words = header(block, "Diagnostic-Code")
    status = enhanced_status(header(block, "Status"))
    action = header(block, "Action").split("(")[0].strip().lower()
    detail = impersonal(f"{status or ''} {words}", _address(block))
    if action == "delivered":
        return Finding(Kind.DELIVERED, "", detail)
    if action == "failed" or (not action and status is not None and status.kind == 5):
        return _failed(status, words, detail)
    return Finding(Kind.NOTED, {"delayed": "delayed", "relayed": "relayed"}.get(action, "reported"), detail)


def _of_prose(letter: Letter) -> Finding:
    prose = "\n".join(letter.texts())[:_LONGEST_PROSE]
    if _DELAYED.search(letter.header("Subject")) or _DELAYED.search(prose[:1000]):
        return Finding(Kind.NOTED, "delayed", impersonal(letter.header("Subject")))
    status = enhanced_status(prose)
    return _failed(status, prose, str(status or basic_status(prose) or ""))


def _failed(status: MailStatus | None, words: str, detail: str) -> Finding:
    """The address is given up for good only where it is the address that is at fault."""
    status = _most_telling(status, enhanced_status(words))
    code = basic_status(words)
    if (status.kind if status else (code or 500) // 100) == 4:
        return Finding(Kind.FAILED, "bounced_soft", detail)
    if (status is not None and status.word in FULL) or _FULL.search(words):
        return Finding(Kind.FAILED, "mailbox_full", detail)
    if status is not None and status.word in HARD:
        return Finding(Kind.FAILED, "bounced", detail, Cause.BOUNCED)
    if (status is not None and status.subject in BLOCKED_SUBJECTS) or _BLOCKED.search(words):
        return Finding(Kind.FAILED, "blocked", detail)
    surely = _UNKNOWN.search(words) is not None or (status is not None and status.kind == 5)
    return Finding(Kind.FAILED, "bounced", detail, Cause.BOUNCED if surely else None)


def _most_telling(status: MailStatus | None, said: MailStatus | None) -> MailStatus | None:
    """Servers that write 5.0.0 into the report often quote the code that they were told."""
    general = status is None or status.word == (0, 0)
    return said if general and said is not None and (status is None or said.kind == status.kind) else status


def _is_old_bounce(letter: Letter) -> bool:
    if "X-Failed-Recipients" in letter.message:
        return True
    sender = letter.header("From") + " " + letter.header("Return-Path")
    if not _BOUNCER.search(sender) and letter.header("Return-Path") != "<>":
        return False
    first = next(letter.texts(), "")[:2000]
    return bool(_BOUNCE_SUBJECT.search(letter.header("Subject")) or _BOUNCE_TEXT.search(first))


def _address(block: AnyMessage) -> str:
    return header(block, "Final-Recipient").rpartition(";")[2].strip(" <>")


def _single(letter: Letter, content_type: str) -> AnyMessage | None:
    part = next((one for one in _children(letter) if one.get_content_type() == content_type), None)
    return None if part is None else next(_groups(part), None)


def _blocks(letter: Letter) -> Iterator[AnyMessage]:
    wanted = _REPORTS | {"message/disposition-notification", "message/feedback-report"}
    for part in _children(letter):
        if part.get_content_type() in wanted:
            yield from _groups(part)


def _children(letter: Letter) -> list[AnyMessage]:
    """The parts of the mail itself: a report that somebody attached to a mail of theirs is no report to us."""
    return _inner(letter.message) or [letter.message]


def _groups(part: AnyMessage) -> Iterator[AnyMessage]:
    """The groups of fields in a report; the library parts them for some types and not for others."""
    inner = _inner(part)
    for one in inner:
        yield one
        yield from _parsed(part_text(one))
    if not inner:
        yield from _parsed(part_text(part))


def _inner(part: AnyMessage) -> list[AnyMessage]:
    payload = part.get_payload() if part.is_multipart() else []
    return [one for one in payload if isinstance(one, Message)]


def _parsed(text: str) -> Iterator[AnyMessage]:
    for group in re.split(r"\n[ \t]*\n", text[:_LONGEST_PROSE].replace("\r\n", "\n").strip()):
        if group:
            yield Parser().parsestr(group + "\n\n", headersonly=True)


def _returned(letter: Letter) -> Iterator[AnyMessage]:
    for part in letter.parts:
        if part.get_content_type() in _RETURNED:
            yield from _inner(part) or list(_parsed(part_text(part)))[:1]
