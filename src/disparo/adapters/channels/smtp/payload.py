"""Our message as an Internet message (RFC 5322) and its envelope (RFC 5321)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from hashlib import blake2b
from unicodedata import category
from urllib.parse import quote

from disparo.adapters.channels.smtp.credentials import SmtpCredentials
from disparo.adapters.mail_server import ascii_address
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.mail_message_id import mail_message_id
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.template import Invitation
from disparo.ports.channel import Outgoing

_LONGEST_SUBJECT = 2000
_LONGEST_LINE = 76
_LONGEST_WORD = 900
"""Of a subject: a line on the wire has at most 998 octets (RFC 5322 section 2.1.1)."""
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")
_METHOD = re.compile("[A-Z]{1,20}")
INVITATION_FILE = "invite.ics"


@dataclass(frozen=True, slots=True)
class Mail:
    """A message ready for the wire: lines end in CRLF, nothing above 7 bit unless `needs_utf8` (RFC 6531).

    `envelope_id` comes back in a server's report on it (RFC 3461).
    """

    sender: str
    recipient: str
    content: bytes
    message_id: str
    envelope_id: str
    needs_utf8: bool


def compose(message: Outgoing, account: SmtpCredentials, now: datetime) -> Mail | Outcome:
    """The message, the same for every attempt but for its Date; the outcome when it cannot be one.

    PERMANENT for a subject with control characters (nobody writes headers through it) or a text that is no Unicode,
    RECIPIENT for what is no address. The text is carried in quoted-printable, which no server on the way changes.
    """
    recipient = _recipient(message.address)
    if recipient is None:
        return Outcome(False, None, FailureClass.RECIPIENT, "address_invalid")
    if (problem := _problem(message)) is not None:
        return Outcome(False, None, FailureClass.PERMANENT, problem)
    message_id = mail_message_id(message.id, account.domain)
    lines = [
        f"From: {_mailbox(account.from_name, account.from_email)}",
        _field("To", f"<{recipient}>"),
        *([_field("Reply-To", f"<{account.reply_to}>")] if account.reply_to else []),
        f"Subject: {_subject(message.content.subject or '')}",
        f"Date: {format_datetime(now.astimezone(UTC))}",
        _field("Message-ID", message_id),
        # Some servers (Amazon SES) write a Message-ID of their own in place of ours; answers and reports repeat these.
        _field("References", mail_message_id(message.id, f"thread.{account.domain}")),
        *_unsubscribing(message, account),
    ]
    content = "\r\n".join([*lines, ""]).encode() + _body(message)
    return Mail(
        account.bounce_address, recipient, content, message_id, str(message.id), needs_utf8=not recipient.isascii()
    )


def _recipient(text: str) -> str | None:
    try:
        address = parse_email(text).address
    except EmailError:
        return None
    return ascii_address(address) or address


def _problem(message: Outgoing) -> str | None:
    content = message.content
    subject = content.subject or ""
    if any(category(char) in ("Cc", "Zl", "Zp") and char != "\t" for char in subject):
        return "line_break_in_subject"
    if len(subject) > _LONGEST_SUBJECT:
        return "subject_too_long"
    if message.unsubscribe_url is not None and not _URL.fullmatch(message.unsubscribe_url):
        return "unsubscribe_url_unusable"
    invitation = content.invitation
    if invitation is not None and not _METHOD.fullmatch(invitation.method):
        return "invitation_unusable"
    try:
        "".join((subject, content.text, content.html or "", invitation.text if invitation else "")).encode()
    except UnicodeEncodeError:
        return "text_not_unicode"
    return None


def _field(name: str, value: str) -> str:
    """A header field, broken behind its name where it is longer than a line should be (RFC 5322 section 2.1.1)."""
    return f"{name}: {value}" if len(name) + len(value) < _LONGEST_LINE else f"{name}:\r\n {value}"


def _subject(text: str) -> str:
    words = " ".join(text.split()) if text.isascii() else text.strip()
    longest = max(map(len, words.split()), default=0)  # what has no space cannot be folded as it is
    plain = words.isascii() and "=?" not in words and longest < _LONGEST_WORD
    charset = "us-ascii" if plain else "utf-8"
    return Header(words, charset, maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _mailbox(name: str, address: str) -> str:
    if not name:
        return f"<{address}>"
    if name.isascii() and "=?" not in name:
        return formataddr((name, address))
    return (
        f"{Header(name, 'utf-8', maxlinelen=76, header_name='From').encode(linesep=chr(13) + chr(10))}\r\n <{address}>"
    )


def _unsubscribing(message: Outgoing, account: SmtpCredentials) -> list[str]:
    """RFC 2369 section 3.2; with an address on the web also the one click of RFC 8058."""
    ways = []
    if message.unsubscribe_url is not None:
        ways.append(f"<{message.unsubscribe_url}>")
    if account.unsubscribe_address is not None:
        address = quote(account.unsubscribe_address, safe="@")
        ways.append(f"<mailto:{address}?subject={quote(f'unsubscribe {message.id}')}>")
    if not ways:
        return []
    lines = [_field("List-Unsubscribe", ",\r\n ".join(ways))]
    return [*lines, "List-Unsubscribe-Post: List-Unsubscribe=One-Click"] if message.unsubscribe_url else lines


def _body(message: Outgoing) -> bytes:
    content = message.content
    mail = EmailMessage(policy=SMTP)
    mail.set_content(content.text, cte="quoted-printable")
    if content.html is not None:
        mail.add_alternative(content.html, subtype="html", cte="quoted-printable")
    if content.invitation is not None:
        _invite(mail, content.invitation)
    # "=_" stands in no quoted-printable text (RFC 2045 section 6.7), nor in base64, so nobody's words end a part.
    digest = blake2b(str(message.id).encode(), digest_size=12).hexdigest()
    several = (part for part in mail.walk() if part.is_multipart())
    for kind, part in zip(("disparo", "alternative"), several, strict=False):
        part.set_boundary(f"=_{kind}_{digest}")
    return mail.as_bytes()


def _invite(mail: EmailMessage, invitation: Invitation) -> None:
    """The invitation as an alternative, which programs act upon (RFC 6047), and as a file for those that do not.

    So do Google's own invitations. Outlook takes an invitation only from the first part of a multipart/mixed, and what
    stands behind as a file (Microsoft's notes on RFC 6047, section 2.4); a second text/calendar would be a second one.
    """
    params = {"method": invitation.method}
    mail.add_alternative(invitation.text, subtype="calendar", charset="utf-8", cte="base64", params=params)
    mail.add_attachment(
        invitation.text.encode(),
        maintype="application",
        subtype="ics",
        filename=INVITATION_FILE,
        params={"name": INVITATION_FILE},
    )
