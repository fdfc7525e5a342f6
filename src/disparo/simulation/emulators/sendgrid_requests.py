"""What SendGrid's v3 Mail Send takes.

Sources: SendGrid's OpenAPI description `tsg_mail_v3` (fields, required ones, limits) and its page "Errors" of Mail Send
(an address once in all personalizations, text before HTML, 1,000 recipients, reserved headers). The description calls
message-level `custom_args` a string; the API takes an object, so does this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from disparo.simulation.emulators.sendgrid_settings import (
    BadMailError,
    check_settings,
    items_of,
    known_fields,
    object_of,
)

MOST_RECIPIENTS = 1000
MOST_BYTES = 30 * 1024 * 1024
MOST_ARGUMENT_BYTES = 10_000
MOST_SUBSTITUTIONS = 150
LONGEST_AHEAD_S = 72 * 3600

_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]+@[^@\s\"(),:;<>\[\\\]_]+\.[^@\s\"(),:;<>\[\\\]_]+")
_RESERVED = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
}  # fmt: skip
_TOP = {
    "personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "attachments", "template_id",
    "headers", "categories", "custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings",
    "tracking_settings",
}  # fmt: skip
_PERSONAL = {
    "from", "to", "cc", "bcc", "subject", "headers", "substitutions", "dynamic_template_data", "custom_args", "send_at",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """What one recipient gets."""

    to: str
    subject: str
    text: str
    html: str | None
    custom_args: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MailRequest:
    """A request as it was asked for."""

    sender: str
    mails: Sequence[Mail]
    sandbox: bool = False


def read_mails(body: bytes, now_s: float) -> MailRequest:
    """Every recipient's mail, substitutions made; BadMailError."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise BadMailError(None, "Bad Request") from None
    known_fields(document, None, _TOP)
    sender = _address(document.get("from"), "from")
    if document.get("personalizations") is None:
        raise BadMailError("personalizations", "The personalizations field is required and must have at least one.")
    people = items_of(document["personalizations"], "personalizations")
    if len(people) > MOST_RECIPIENTS:
        told = "The personalization block is limited to 1000 personalizations per API request."
        raise BadMailError("personalizations", f"{told} You have provided {len(people)} personalizations.")
    _message_fields(document, now_s)
    templated = document.get("template_id") is not None
    content = {} if templated and "content" not in document else _content(document.get("content"))
    shared_args, shared_headers = _args(document, None), _headers(document, None)
    mails = list[Mail]()
    for place, person in enumerate(people):
        where = f"personalizations.{place}"
        known_fields(person, where, _PERSONAL)
        if "from" in person:
            _address(person["from"], f"{where}.from")
        args = {**shared_args, **_args(person, where)}
        headers = {**shared_headers, **_headers(person, where)}
        _send_at(person, where, now_s)
        subject = _subject(person, document, where, templated)
        object_of(person.get("dynamic_template_data", {}), f"{where}.dynamic_template_data")
        swap = _swap(person, where)
        html = content.get("text/html")
        text = swap(content.get("text/plain", ""))
        for to in _recipients(person, where):
            mails.append(Mail(to, swap(subject), text, None if html is None else swap(html), args, headers))
    _once(mails)
    sandbox = document.get("mail_settings", {}).get("sandbox_mode", {})
    return MailRequest(sender, mails, sandbox.get("enable") is True)


def _once(mails: Sequence[Mail]) -> None:
    if len(mails) > MOST_RECIPIENTS:
        raise BadMailError("personalizations", "There is a limit of 1000 total recipients (to + cc + bcc) per request.")
    seen = set[str]()
    for mail in mails:
        if mail.to.lower() in seen:
            told = "Each unique email address in the personalizations array should only be included once."
            raise BadMailError("personalizations", f"{told} You have included [{mail.to}] more than once.")
        seen.add(mail.to.lower())


def _message_fields(document: Mapping[str, Any], now_s: float) -> None:
    if "reply_to" in document and "reply_to_list" in document:
        raise BadMailError("reply_to", "You can use either the reply_to or the reply_to_list field but not both.")
    if "reply_to" in document:
        _address(document["reply_to"], "reply_to")
    if "reply_to_list" in document:
        for place, item in enumerate(items_of(document["reply_to_list"], "reply_to_list")):
            _address(item, f"reply_to_list.{place}")
    check_settings(document)
    _send_at(document, None, now_s)


def _content(value: object) -> dict[str, str]:
    if value is None:
        raise BadMailError("content", "Unless a valid template_id is provided, the content parameter is required.")
    found = dict[str, str]()
    for place, item in enumerate(items_of(value, "content")):
        part = object_of(item, f"content.{place}")
        known_fields(part, f"content.{place}", {"type", "value"})
        for name in ("type", "value"):
            if not isinstance(part.get(name), str) or not part[name]:
                told = f"The content {name} must be a string at least one character in length."
                raise BadMailError(f"content.{place}.{name}", told)
        found[part["type"]] = part["value"]
    kinds = list(found)
    if "text/plain" in kinds[1:] or ("text/html" in kinds and kinds.index("text/html") > ("text/plain" in kinds)):
        told = "If present, text/plain and text/html may only be provided once, text/plain first, then text/html."
        raise BadMailError("content", told)
    return found


def _subject(person: Mapping[str, Any], document: Mapping[str, Any], where: str, templated: bool) -> str:
    subject = person.get("subject", document.get("subject"))
    if subject is None and templated and "subject" not in person:
        return ""
    if not isinstance(subject, str) or not subject or "\n" in subject or "\r" in subject:
        told = "The subject is required, unless you use a template with a subject defined."
        raise BadMailError(f"{where}.subject" if "subject" in person else "subject", told)
    return subject


class _Swap:
    """Puts one recipient's substitutions into texts; all at once, so that a value is never taken for a tag."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        longest_first = sorted(values, key=len, reverse=True)
        self._tags = re.compile("|".join(map(re.escape, longest_first))) if values else None

    def __call__(self, text: str) -> str:
        return text if self._tags is None else self._tags.sub(lambda tag: self._values[tag[0]], text)


def _swap(person: Mapping[str, Any], where: str) -> _Swap:
    values = object_of(person.get("substitutions", {}), f"{where}.substitutions")
    size = 0
    for tag, value in values.items():
        if not tag or not isinstance(value, str):
            raise BadMailError(f"{where}.substitutions", "Substitutions must be an object of strings.")
        size += len(tag.encode()) + len(value.encode())
    if size > MOST_ARGUMENT_BYTES or len(values) > MOST_SUBSTITUTIONS:
        raise BadMailError(f"{where}.substitutions", "There may be up to 150 substitutions, of 10000 bytes in all.")
    return _Swap(values)


def _recipients(person: Mapping[str, Any], where: str) -> list[str]:
    if not person.get("to"):
        raise BadMailError(f"{where}.to", "The to array is required for all personalization objects.")
    return [
        _address(item, f"{where}.{name}.{place}")
        for name in ("to", "cc", "bcc")
        for place, item in enumerate(items_of(person[name], f"{where}.{name}") if name in person else ())
    ]


def _address(value: object, where: str) -> str:
    if not isinstance(value, dict) or not isinstance(value.get("email"), str):
        raise BadMailError(where, "The object must at least have an email address, and may also contain a name.")
    if not isinstance(value.get("name", ""), str) or not value.keys() <= {"email", "name"}:
        raise BadMailError(where, "The name must be a string, and nothing but email and name may be there.")
    email: str = value["email"]
    if len(email) > 320 or not _EMAIL.fullmatch(email):
        raise BadMailError(f"{where}.email", "Does not contain a valid address.")
    return email


def _args(source: Mapping[str, Any], where: str | None) -> dict[str, str]:
    place = "custom_args" if where is None else f"{where}.custom_args"
    args = object_of(source.get("custom_args", {}), place)
    if not all(isinstance(value, str) for value in args.values()):
        raise BadMailError(place, "Each custom argument must be a string.")
    if args and len(json.dumps(args, ensure_ascii=False).encode()) > MOST_ARGUMENT_BYTES:
        raise BadMailError(place, "The custom arguments may not exceed 10000 bytes.")
    return args


def _headers(source: Mapping[str, Any], where: str | None) -> dict[str, str]:
    place = "headers" if where is None else f"{where}.headers"
    headers = object_of(source.get("headers", {}), place)
    for name, value in headers.items():
        if name.lower() in _RESERVED:
            raise BadMailError(place, f"The header {name} is reserved.")
        if not isinstance(value, str) or "\n" in value or "\r" in value or not (name + value).isascii():
            raise BadMailError(place, "Header names and values must be strings of ASCII.")
    return headers


def _send_at(source: Mapping[str, Any], where: str | None, now_s: float) -> None:
    at = source.get("send_at", 0)
    if isinstance(at, bool) or not isinstance(at, int) or at > now_s + LONGEST_AHEAD_S:
        raise BadMailError(f"{where}.send_at" if where else "send_at", "Scheduling more than 72 hours in advance.")
