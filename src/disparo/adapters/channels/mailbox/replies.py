"""What a person wrote to us by e-mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from typing import Final

from disparo.adapters.channels.mailbox import PROVIDER
from disparo.adapters.channels.mailbox.html_text import html_text
from disparo.adapters.channels.mailbox.letter import Letter, part_text
from disparo.adapters.channels.mailbox.quoting import new_part
from disparo.domain.contact import Channel
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.mail_message_id import message_of
from disparo.domain.receipt import Reply

LONGEST_REPLY: Final = 8_000
_LONGEST_ANSWERED = 200
_UNSUBSCRIBE: Final = re.compile(
    r"(?:unsubscribe|remove|descadastr(?:ar|e|o)|cancelar (?:a )?(?:inscri[cç][aã]o|assinatura)|dar de baja|baja)"
    r"(?:\s+(?P<id>[A-Za-z0-9_-]{1,100}\.[0-9]{1,18}\.[A-Za-z0-9_-]{1,100}))?",
    re.I,
)
"""The subject that mail programs write for a person who unsubscribes (List-Unsubscribe with `mailto:`, RFC 2369)."""
_ANSWERS: Final = re.compile(r"^\s*(?:re|res|aw|sv|enc|fwd?|rv)\s*:", re.I)
_IDS: Final = re.compile(r"<([^<>\s]{1,250})>")


def unsubscribing(letter: Letter, now: datetime) -> Reply | None:
    """The opt-out that a mail program wrote for a person; None when the mail is none."""
    match = _UNSUBSCRIBE.fullmatch(letter.header("Subject").strip(" .!"))
    if match is None:
        return None
    reply = written(letter, now)
    named = reply.message_id or match["id"]
    if named is None and reply.address is None:
        return None
    return Reply(
        PROVIDER,
        reply.event_id,
        named,
        match[0].strip(),
        reply.at,
        Channel.EMAIL,
        reply.address,
        sender=reply.sender,
        opted_out=True,
    )


def written(letter: Letter, now: datetime) -> Reply:
    """The mail as what a person says; `text` is what is new in it, else a subject of their own."""
    subject = letter.header("Subject")
    text = _text(letter) or ("" if _ANSWERS.match(subject) else subject)
    return Reply(
        PROVIDER,
        letter.event_id,
        answered_message(letter),
        text[:LONGEST_REPLY],
        letter.at(now),
        Channel.EMAIL,
        sender_address(letter),
        answers=_answered_id(letter),
        sender=_own_address(letter),
    )


def answered_message(letter: Letter) -> str | None:
    """The id of our message that the mail answers."""
    named = (message_of(letter.header(name)) for name in ("In-Reply-To", "References"))
    return next((found for found in named if found), None)


def sender_address(letter: Letter) -> str | None:
    """Who wrote it, when that is an address; a group that writes in its own name keeps the person's beside it."""
    return _address([letter.header(name) for name in ("X-Original-From", "From", "Reply-To")])


def _own_address(letter: Letter) -> str | None:
    """Ours that it came to, in lower case as accounts are named."""
    found = _address([letter.header(name) for name in ("Delivered-To", "X-Original-To", "To")])
    return found.lower() if found else None


def _address(candidates: Iterable[str]) -> str | None:
    for text in candidates:
        try:
            return parse_email(parseaddr(text[:1000])[1]).address
        except (EmailError, ValueError):
            continue
    return None


def _answered_id(letter: Letter) -> str | None:
    """The provider's id of what is answered: Amazon SES puts the id that it answered with before its own domain."""
    if message_of(letter.header("In-Reply-To")) is not None:
        return None
    match = _IDS.search(letter.header("In-Reply-To"))
    return match[1].partition("@")[0][:_LONGEST_ANSWERED] if match else None


def _text(letter: Letter) -> str:
    """The new words of the first plain part, else of the first HTML part; attachments are none."""
    for subtype, read in (("plain", str), ("html", html_text)):
        for part in letter.parts:
            if part.get_content_type() == f"text/{subtype}" and part.get_content_disposition() != "attachment":
                if text := new_part(read(part_text(part))):
                    return text
                break
    return ""
