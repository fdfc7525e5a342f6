"""Requests that are to have their effect once, however often they are sent (I11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

KEPT_FOR = timedelta(hours=24)
"""How long an answer is replayed: Novu's idempotency (docs.novu.co/api-reference/idempotency)."""
IN_FLIGHT_FOR = timedelta(minutes=5)
"""How long a request counts as under way that never ended, as its process died; the same source."""
LONGEST_KEY = 255
"""Characters of a key; the same source."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What a request was answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    about: str | None = None
    """The contact that it tells of, with whom it is forgotten."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The key was free and is now this request's: answer it, then `finish` or `release` with this token."""

    token: str


@dataclass(frozen=True, slots=True)
class Replay:
    """The same request was answered before."""

    answer: KeptAnswer


@dataclass(frozen=True, slots=True)
class InFlight:
    """The same request is being answered now."""


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """The key stands for another request."""


Standing = Begun | Replay | InFlight | OtherRequest


class Idempotency(Protocol):
    """Keeps keys with what their request was, and what it was answered.

    Of any number of requests that begin with a key at once, one gets it.
    """

    async def begin(self, key: str, fingerprint: str, token: str, now: datetime) -> Standing:
        """Take a key for the request with this fingerprint; `token` tells this attempt from any other.

        A key is free again `KEPT_FOR` after it was taken, and after `IN_FLIGHT_FOR` when no answer was kept.
        """
        ...

    async def finish(self, key: str, token: str, answer: KeptAnswer, now: datetime) -> None:
        """Keep the answer; nothing happens when the key is another attempt's by now.

        An answer that tells of somebody who was erased meanwhile is not kept: the key is free.
        """
        ...

    async def release(self, key: str, token: str) -> None:
        """Free the key, as the request was not answered; nothing happens when it is another attempt's by now."""
        ...

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """Forget the answers that tell of a contact (see `Forgets`): their requests would be done again."""
        ...

    async def prune(self, now: datetime) -> int:
        """Forget keys whose time is over; how many. Where the store forgets by itself it is 0."""
        ...
