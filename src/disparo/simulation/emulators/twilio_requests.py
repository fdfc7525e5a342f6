"""What Twilio takes as a new message, and how many segments it makes of it.

Sources: Twilio's OpenAPI description 2010-04-01, Create a Message (fields), its error pages (21211, 21212, 21602 to
21604, 21606, 21609, 21614, 21617, 21701), its guidelines for SMS in Brazil (landlines: 21614), GSM 03.38 (alphabet).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

LONGEST_BODY = 1600
LONGEST_CALLBACK = 4000
VALIDITY_S = range(1, 36_001)

_FIELDS = {
    "To", "From", "Body", "StatusCallback", "MessagingServiceSid", "ValidityPeriod", "ApplicationSid", "MaxPrice",
    "ProvideFeedback", "Attempt", "ForceDelivery", "ContentRetention", "AddressRetention", "SmartEncoded",
    "PersistentAction", "TrafficType", "ShortenUrls", "ScheduleType", "SendAt", "SendAsMms", "ContentVariables",
    "RiskCheck", "FallbackFrom", "MediaUrl", "ContentSid",
}  # fmt: skip
_MANY = {"PersistentAction", "MediaUrl"}
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_LANDLINE = re.compile(r"\+55[1-9][1-9][2-5][0-9]{7}")
_GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = set("^{}\\[~]|€\f")


class BadFormError(Exception):
    """A form that Twilio refuses: its error code, and what is wrong."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Sms:
    """A message as it was asked for; `references` are the values in the query of `status_callback`."""

    to: str
    body: str
    sender: str | None
    service: str | None
    status_callback: str | None
    references: tuple[str, ...]


def read_form(body: bytes, numbers: Mapping[str, str]) -> Sms:
    """The message of a form; `numbers` are the account's `From` and `MessagingServiceSid`. BadFormError."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise BadFormError(20001, "The form cannot be read") from None
    form = dict(pairs)
    for name in form:
        if name not in _FIELDS:
            raise BadFormError(20001, f"Unknown parameter {name[:40]}")
    if len(pairs) > len(form) and any(name not in _MANY for name, _ in pairs):
        raise BadFormError(20001, "A parameter is there more than once")
    to = _recipient(form.get("To", ""))
    sender, service = form.get("From"), form.get("MessagingServiceSid")
    _check_sender(sender, service, to, numbers)
    text = _body(form)
    validity = form.get("ValidityPeriod", "1")
    if not re.fullmatch(r"[0-9]{1,6}", validity) or int(validity) not in VALIDITY_S:
        raise BadFormError(20001, "ValidityPeriod must be from 1 to 36000 seconds")
    callback = form.get("StatusCallback")
    references = () if callback is None else _references(callback)
    return Sms(to, text, sender, service, callback, references)


def _recipient(to: str) -> str:
    if not to:
        raise BadFormError(21604, "A 'To' phone number is required.")
    if not _NUMBER.fullmatch(to):
        raise BadFormError(21211, f"The 'To' number {to[:4]}... is not a valid phone number.")
    if _LANDLINE.fullmatch(to):
        raise BadFormError(21614, "'To' number is not a valid mobile number")
    return to


def _check_sender(sender: str | None, service: str | None, to: str, numbers: Mapping[str, str]) -> None:
    if not sender and not service:
        raise BadFormError(21603, "A 'From' or 'MessagingServiceSid' parameter is required to send a message")
    if service and service != numbers["MessagingServiceSid"]:
        raise BadFormError(21701, "The Messaging Service does not exist")
    if sender and sender == to:
        raise BadFormError(21606, "'To' and 'From' number cannot be the same")
    if sender and sender != numbers["From"]:
        raise BadFormError(21606, "The 'From' number is not a valid, message-capable Twilio phone number.")


def _body(form: Mapping[str, str]) -> str:
    text = form.get("Body", "")
    if not text.strip() and not form.get("MediaUrl") and not form.get("ContentSid"):
        raise BadFormError(21602, "Message body is required.")
    if len(text) > LONGEST_BODY:
        raise BadFormError(21617, "The concatenated message body exceeds the 1600 character limit")
    return text


def _references(callback: str) -> tuple[str, ...]:
    parts = urlsplit(callback)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or "_" in host or len(callback) > LONGEST_CALLBACK:
        raise BadFormError(21609, "The StatusCallback URL is not a valid URL.")
    return tuple(value for _, value in parse_qsl(parts.query))


def segments(text: str) -> int:
    """How many SMS a text takes: 160 septets, or 153 each of several; in UCS-2 70 and 67. No character is torn."""
    if all(character in _GSM or character in _GSM_TWICE for character in text):
        widths, one, several = [1 + (character in _GSM_TWICE) for character in text], 160, 153
    else:
        widths, one, several = [1 + (ord(character) > 0xFFFF) for character in text], 70, 67
    if sum(widths) <= one:
        return 1
    count, used = 1, 0
    for width in widths:
        if used + width > several:
            count, used = count + 1, 0
        used += width
    return count
