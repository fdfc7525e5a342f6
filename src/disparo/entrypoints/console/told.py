"""What the next page says about what was just done: a signed cookie that lives until that page, a minute at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer

COOKIE = "disparo_told"
_SALT = "disparo.console.told"
_LIFE = timedelta(minutes=1)
_LONGEST = 400

Tone = Literal["good", "info", "warn", "bad"]
_TONES = ("good", "info", "warn", "bad")


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence, in the reader's language."""

    text: str
    tone: Tone = "good"


def sealed(told: Told, key: bytes, now: datetime) -> str:
    """As the cookie carries it; a long text is cut."""
    until = int((now + _LIFE).timestamp())
    return _serializer(key).dumps([told.text[:_LONGEST], told.tone, until])


def opened(cookie: str, key: bytes, now: datetime) -> Told | None:
    """What a cookie says; None when it is not by us, for another session, or too old."""
    try:
        text, tone, until = _serializer(key).loads(cookie)
    except (BadSignature, ValueError, TypeError):
        return None
    return Told(str(text), tone) if tone in _TONES and now.timestamp() <= until else None


def _serializer(key: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=_SALT)
