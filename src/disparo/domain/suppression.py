"""Addresses that must not be messaged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disparo.domain.contact import Channel


@dataclass(frozen=True, slots=True)
class Suppression:
    """`key` (a phone key or an e-mail key) must not be messaged on `channel`, or on any (None).

    `reason` is `opted_out`, `bounced`, `complained` or `by_hand`; `source` says who or what put it there.
    """

    key: str
    channel: Channel | None
    reason: str
    source: str
    at: datetime
