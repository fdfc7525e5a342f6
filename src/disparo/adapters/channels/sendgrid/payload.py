"""Our messages as requests of v3 Mail Send, as few as can be.

One personalization is one recipient. Messages of the very same text share a request. Others share one too: what differs
between them travels as substitutions, each whole text where they are short, else only the parts of it that differ.
Limits: Twilio SendGrid's OpenAPI file `tsg_mail_v3` (1,000 personalizations, 10,000 bytes of substitutions in each) and
its page "Errors" of Mail Send (150 substitutions; an address once in a request; text/plain before text/html).

An invitation travels as a third content and as a file beside it, the form that the maintainers of SendGrid's libraries
name (sendgrid-ruby, issue 298); a charset behind the file's type is refused ("cannot contain ';'").
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from disparo.adapters.channels.sendgrid.credentials import SendGridCredentials
from disparo.adapters.channels.sendgrid.pattern import WHOLE, Pattern, pattern_of
from disparo.adapters.mail_server import ascii_address
from disparo.domain.agenda.notice import own_step
from disparo.domain.mail_message_id import mail_message_id
from disparo.domain.template import Invitation
from disparo.ports.channel import Outgoing

MOST_RECIPIENTS = 1000
SUBSTITUTION_BYTES = 10_000
"""As JSON; the lower of two figures, the page "Errors" says 50,000."""
WORTH_A_REQUEST = 50
"""From so many recipients on, messages of the same text have a request of their own."""
OUR_ID = "disparo_id"
"""Under this name our message id travels in `custom_args` and comes back in each event; it is no personal data."""

INVITATION_FILE = "invite.ics"

Numbered = tuple[int, Outgoing]
"""A message and its place in what was given."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Envelope:
    """One recipient's part of a request: `number` is the place of its message in what was given."""

    number: int
    address: str
    personalization: bytes


@dataclass(frozen=True, slots=True)
class Mailing:
    """A request: its recipients, and what they share."""

    envelopes: Sequence[Envelope]
    shared: bytes

    @property
    def body(self) -> bytes:
        """The request's JSON."""
        recipients = b",".join(envelope.personalization for envelope in self.envelopes)
        return b'{"personalizations":[' + recipients + b"]," + self.shared

    def to(self, envelopes: Sequence[Envelope]) -> Mailing:
        """The same to some of its recipients."""
        return replace(self, envelopes=envelopes)


def mailings(messages: Iterable[Numbered], secret: SendGridCredentials, stem: str) -> list[Mailing]:
    """The requests that carry these messages, each message exactly once.

    `stem`, letters and digits, begins the names of substitutions. No text may have it: then no value can be taken for
    the place where another value goes. Every address must have an ASCII form.
    """
    return [mailing for group in _groups(messages) for mailing in _requests(group, secret, stem)]


def _groups(messages: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Messages that may share a request: of the same text, short ones, long ones of the same step and shape.

    An invitation is the whole request's, so that only those who get the same one share it.
    """
    together: dict[object, list[Numbered]] = {}
    for same in _by_text(messages):
        if len(same) >= WORTH_A_REQUEST or same[0][1].content.invitation is not None:
            yield same
        else:
            together.setdefault(_kind(same[0][1]), []).extend(same)
    yield from together.values()


def _kind(message: Outgoing) -> object:
    if _is_short(message):
        return message.content.html is None
    text, html = message.content.text, message.content.html
    shape = text.count("\n"), None if html is None else html.count(">")
    return message.id.campaign_id, own_step(message.id.step), shape


def _is_short(message: Outgoing) -> bool:
    """Whether its texts may fit as they are: a character is a byte or more."""
    return len(message.content.text) + len(message.content.html or "") <= SUBSTITUTION_BYTES


def _by_text(messages: Iterable[Numbered]) -> Iterable[list[Numbered]]:
    same: dict[tuple[str, str | None, Invitation | None], list[Numbered]] = {}
    for number, message in messages:
        content = message.content
        same.setdefault((content.text, content.html, content.invitation), []).append((number, message))
    return same.values()


def _requests(group: Sequence[Numbered], secret: SendGridCredentials, stem: str) -> Iterator[Mailing]:
    """One text for all with places for what differs; one for each text that differs in more than fits."""
    text = _pattern(group, [one.content.text for _, one in group], "\n")
    has_html = group[0][1].content.html is not None
    html = _pattern(group, [one.content.html or "" for _, one in group], ">") if has_html else None
    patterns = [text, html] if html else [text]
    tags = [f"%{stem}x{number}%" for number in range(sum(one.gaps for one in patterns))]
    fitting: list[Envelope] = []
    too_large: list[Numbered] = []
    for number, message in group:
        substitutions = _substitutions(message, patterns, tags)
        if len(substitutions) > SUBSTITUTION_BYTES:
            too_large.append((number, message))
        else:
            fitting.append(_envelope(number, message, secret, substitutions if tags else None))
    contents = [{"type": "text/plain", "value": text.with_tags(tags[: text.gaps])}]
    if html:
        contents.append({"type": "text/html", "value": html.with_tags(tags[text.gaps :])})
    shared = _shared(secret, contents, group[0][1].content.invitation)
    yield from (Mailing(envelopes, shared) for envelopes in _cut(fitting))
    for same in _by_text(too_large):
        yield from _requests(same, secret, stem)


def _pattern(group: Sequence[Numbered], texts: Sequence[str], separator: str) -> Pattern:
    different = dict.fromkeys(texts)
    return WHOLE if len(different) > 1 and _is_short(group[0][1]) else pattern_of(different, separator)


def _substitutions(message: Outgoing, patterns: Sequence[Pattern], tags: Sequence[str]) -> bytes:
    """What this message has in each place, as JSON."""
    if not tags:
        return b"{}"
    texts = (message.content.text, message.content.html or "")
    # Texts have the patterns that were made of them.
    values = [value for one, text in zip(patterns, texts, strict=False) for value in one.values(text) or ()]
    return _encode(dict(zip(tags, values, strict=True))).encode("utf-8", "replace")


def _envelope(number: int, message: Outgoing, secret: SendGridCredentials, substitutions: bytes | None) -> Envelope:
    address = ascii_address(message.address) or message.address
    headers = {
        "Message-ID": mail_message_id(message.id, secret.domain),
        # SendGrid may put a Message-ID of its own in place of ours; an answer repeats these, too (RFC 5322, 3.6.4).
        "References": mail_message_id(message.id, f"thread.{secret.domain}"),
    }
    if message.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    document = {
        "to": [{"email": address}],
        "subject": message.content.subject or "",
        "headers": headers,
        "custom_args": {OUR_ID: str(message.id)},
    }
    written = _encode(document).encode("utf-8", "replace")
    if substitutions is not None:
        written = b"".join((written[:-1], b',"substitutions":', substitutions, b"}"))
    return Envelope(number, address.lower(), written)


def _shared(
    secret: SendGridCredentials, contents: Sequence[dict[str, str]], invitation: Invitation | None = None
) -> bytes:
    """The rest of a request behind its recipients."""
    sender = {"email": secret.from_email, **({"name": secret.from_name} if secret.from_name else {})}
    document: dict[str, object] = {"from": sender}
    if secret.reply_to:
        document["reply_to"] = {"email": secret.reply_to}
    document["content"] = contents
    if invitation is not None:
        calendar = {"type": f"text/calendar; method={invitation.method}", "value": invitation.text}
        document["content"] = [*contents, calendar]
        document["attachments"] = [_file(invitation)]
    document["tracking_settings"] = {
        "click_tracking": {"enable": secret.tracking, "enable_text": False},
        "open_tracking": {"enable": secret.tracking},
        "subscription_tracking": {"enable": False},  # the way out is ours
    }
    return _encode(document).encode("utf-8", "replace")[1:]


def _file(invitation: Invitation) -> dict[str, str]:
    written = b64encode(invitation.text.encode("utf-8", "replace")).decode()
    return {
        "content": written,
        "type": "application/ics",
        "filename": INVITATION_FILE,
        "disposition": "attachment",
    }


def _cut(envelopes: Iterable[Envelope]) -> Iterator[list[Envelope]]:
    """As many at once as a request takes, no address twice in one."""
    requests: list[dict[str, Envelope]] = []
    for envelope in envelopes:
        free = (one for one in requests if envelope.address not in one and len(one) < MOST_RECIPIENTS)
        home = next(free, None)
        if home is None:
            requests.append(home := {})
        home[envelope.address] = envelope
    return (list(one.values()) for one in requests)
