"""Being signed in: a cookie that one browser holds, and what we know of it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LONGEST_DEVICE = 200
SEEN_EACH = timedelta(minutes=1)
"""How often it is written down that a session is in use: not with every request."""


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long somebody stays signed in: until so long after the last request, and in no case longer than `lasts`."""

    idle: timedelta = timedelta(hours=12)
    lasts: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in. `id` is the digest of the token in its cookie, which nobody else knows.

    `device` is how the browser calls itself and `address` where it signed in from, for its owner to recognise it.
    """

    id: str = field(repr=False)
    account_id: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    device: str = ""
    address: str = ""

    @property
    def name(self) -> str:
        """What it is called where it may be read: part of the digest, by which nobody can sign in."""
        return self.id[:16]

    def over(self, now: datetime, rules: SessionRules) -> bool:
        """Whether it has ended by itself; a clock that was set back ends none."""
        return now >= min(self.ends_at, self.seen_at + rules.idle)

    def to_note(self, now: datetime) -> bool:
        """Whether it is time to write down that it is in use."""
        return now >= self.seen_at + SEEN_EACH


def digest(secret: str) -> str:
    """What is kept of a secret of 256 random bits: SHA-256, as it cannot be guessed, in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def csrf_token(session_token: str) -> str:
    """What a form must bring besides the cookie: only a page of ours can know it.

    HMAC-SHA-256 keyed by the session's token, so that nothing is kept for it (OWASP, "Cross-Site Request Forgery
    Prevention Cheat Sheet": a token bound to the session).
    """
    return hmac.new(session_token.encode("utf-8", "replace"), b"disparo.csrf.1", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two secrets are one; takes the same time wherever they differ."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
