"""The Message-ID of our e-mails, by which an answer or a bounce names the message that it is about."""

from __future__ import annotations

import re

from disparo.domain.message import MessageId

LONGEST_LOOK = 64 * 1024
"""Characters of a header that are looked at: more is no list of Message-IDs."""
_OURS = re.compile(r"<disparo\.([A-Za-z0-9_-]{1,100}\.[0-9]{1,18}\.[A-Za-z0-9_-]{1,100})@[A-Za-z0-9.\-:\[\]]{1,255}>")


def mail_message_id(message_id: MessageId, domain: str) -> str:
    """`<disparo.3.1.57@example.com>`, with its angle brackets (RFC 5322, section 3.6.4).

    The same for every attempt, so that mail programs show a second copy once. `domain` is that of the sender's
    address, in ASCII.
    """
    return f"<disparo.{message_id}@{domain}>"


def message_of(text: str) -> str | None:
    """The id of our message that a `References`, `In-Reply-To` or `Message-ID` names; None when it names none.

    Of several the last: `References` has the message that was answered at its end. Whatever the domain, as it may have
    changed since. Anybody can write such a header: it says what is answered, not who answers.
    """
    found = _OURS.findall(text[-LONGEST_LOOK:])
    return str(found[-1]) if found else None
