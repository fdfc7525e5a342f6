"""What `disparo doctor` asks of the network: whether providers and contacts find the way to us."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

Level = Literal["ok", "warning", "error"]

TIMEOUT_S = 5
LARGEST_SKEW_S = 30
"""More, and one-time codes and signed calls begin to be refused (RFC 6238 counts in steps of 30 s)."""
_LONGEST = 64 * 1024


def reach(public_url: str, now: datetime) -> Iterator[tuple[str, Level, str]]:
    """The way from outside to our own `/health`: (check, level, words); nothing but this one request is made."""
    address = f"{public_url.rstrip('/')}/health"
    try:
        # The settings' own address, which they take by http and https alone.
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:  # noqa: S310  # nosec B310
            content, told = answer.read(_LONGEST), answer.headers.get("Date")
    except urllib.error.HTTPError as error:
        yield "public_url", "warning", f"{address}: respondeu {error.code}; avisos dos provedores não chegarão"
        return
    except (OSError, ValueError) as error:
        yield "public_url", "warning", f"{address}: sem resposta ({_words(error)}); o disparo serve está no ar?"
        return
    if _is_ours(content):
        yield "public_url", "ok", f"{address} responde"
    else:
        yield "public_url", "warning", f"{address}: quem responde ali não é o disparo; confira o proxy"
    yield from _clock(told, now)


def _is_ours(content: bytes) -> bool:
    try:
        told = json.loads(content)
    except ValueError:
        return False
    return isinstance(told, dict) and "version" in told


def _clock(told: str | None, now: datetime) -> Iterator[tuple[str, Level, str]]:
    try:
        theirs = parsedate_to_datetime(told or "")
    except ValueError:
        return
    skew_s = (now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds()
    if abs(skew_s) > LARGEST_SKEW_S:
        way = "adiantado" if skew_s > 0 else "atrasado"
        yield "clock", "warning", f"{way} {abs(skew_s):.0f} s em relação a quem atende; acerte com NTP"


def _words(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason)
