"""E-mail addresses as people write them, and which of them are the same mailbox.

`email_validator` is imported with the first address: most processes on AWS read none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from disparo.domain.errors import DisparoError

_MAX_LENGTH = 254
_PLAIN = re.compile(r"([A-Za-z0-9_+\-]+(?:\.[A-Za-z0-9_+\-]+)*)@([^@\s]+)", re.ASCII)
_MAX_LOCAL = 64


class EmailError(DisparoError):
    """A text that is no e-mail address; `reason` is a stable code that begins with `email_`."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{text[:60]!r}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A valid address: `address` is sent to, `key` is it in lower case (one mailbox in practice)."""

    address: str
    key: str


def parse_email(text: str) -> EmailAddress:
    """Read one address; `mailto:` and a display name (`Ana <ana@x.com>`) are accepted and dropped.

    The rules are email-validator's without its look-up of the domain (RFC 5321, RFC 5322, RFC 6531): the
    domain comes back in lower case, the part before the @ as it was written. Raises EmailError with the
    reason.
    """
    text = text.strip()
    match = _PLAIN.fullmatch(text)
    if match is None or len(match[1]) > _MAX_LOCAL:
        return _parse_fully(text)
    domain = _domain(match[2])
    if domain is None:
        raise EmailError("email_invalid_domain", text)
    address = f"{match[1]}@{domain}"
    if len(address) > _MAX_LENGTH:
        raise EmailError("email_too_long", text)
    if not domain.isascii():
        return _parse_fully(text)
    return EmailAddress(address, address.lower())


@lru_cache(maxsize=65_536)
def _domain(text: str) -> str | None:
    """The domain as the library writes it, or None; lists repeat few domains, so each is judged once."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(f"a@{text}", check_deliverability=False).domain
    except EmailNotValidError:
        return None


def _parse_fully(text: str) -> EmailAddress:
    from email_validator import EmailNotValidError, validate_email

    bare = text[7:] if text[:7].lower() == "mailto:" else text
    try:
        found = validate_email(bare, check_deliverability=False, allow_display_name=True)
    except EmailNotValidError:
        raise EmailError(_why_invalid(bare), text) from None
    if len(found.local_part.encode()) > _MAX_LOCAL:  # the library lets it pass unless told to be strict
        raise EmailError("email_too_long", text)
    return EmailAddress(found.normalized, found.normalized.lower())


def _why_invalid(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at:
        return "email_not_an_address"
    if len(text) > _MAX_LENGTH or len(local) > _MAX_LOCAL:
        return "email_too_long"
    return "email_invalid_local" if _domain(domain.rstrip("> ")) else "email_invalid_domain"
