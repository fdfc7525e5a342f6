"""One event on its way to one endpoint: its attempts, when the next one is, what is sent and what is kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from disparo.domain.instants import from_ms, to_ms
from disparo.domain.webhook import Event, EventType, Proof, ProofKind

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failed attempt but the last (Standard Webhooks specification, "Deliverability and reliability")."""

JITTER = 0.1
"""By how much of itself a wait is longer at most, lest what failed together comes back together."""

LONGEST_WAIT = timedelta(hours=24)
"""An endpoint may ask for no longer wait (Retry-After)."""

KEPT_FOR = timedelta(days=30)
"""How long deliveries are kept, done or not."""

MOST_ATTEMPTS_KEPT = 20
LONGEST_EXCERPT = 500

UNPROVEN_FOR = timedelta(hours=24)
"""How long what an event tells may take to come about; after that it is dropped, as nothing came of it."""

_FIRST_LOOK = timedelta(seconds=1)


class DeliveryState(StrEnum):
    """What became of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every attempt failed; a person may have it sent again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: what was answered (no `status` when nothing was) or why it came to nothing (`fault`)."""

    at: datetime
    took: timedelta
    status: int | None = None
    fault: str = ""
    excerpt: str = ""

    @property
    def arrived(self) -> bool:
        """Whether the endpoint took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for an endpoint. `due_at` is when it is tried next, None when it is done.

    While somebody tries it, `due_at` is when they count as dead: it tells their attempt from any later one.
    `tries` counts the attempts of the schedule; it begins anew when a person has it sent again.
    """

    endpoint_id: str
    event_id: str
    type: EventType
    at: datetime
    data: Mapping[str, Any]
    created_at: datetime
    due_at: datetime | None
    personal: Mapping[str, Any] = field(default_factory=dict, repr=False)
    contact_id: str | None = None
    proof: Proof | None = None
    state: DeliveryState = DeliveryState.PENDING
    tries: int = 0
    attempts: tuple[Attempt, ...] = ()

    @classmethod
    def of(cls, event: Event, endpoint_id: str, personal: bool, now: datetime) -> Self:
        """A new one, due at once; when its event is still to be proven, in a moment."""
        due_at = now if event.proof is None else now + _FIRST_LOOK
        own = event.personal if personal else {}
        return cls(
            endpoint_id, event.id, event.type, event.at, event.data, now, due_at, own, event.contact_id, event.proof
        )

    @property
    def cursor(self) -> str:
        """Its place in the listing of its endpoint, which is in the order of `created_at`."""
        return f"{to_ms(self.created_at):015d}-{self.event_id}"

    def proven(self, more: Mapping[str, Any]) -> Self:
        """Once what it tells of came about; `more` is what is known of it by then."""
        return replace(self, proof=None, data={**self.data, **more})

    def postponed(self, now: datetime) -> Self | None:
        """Not proven yet: looked at again, ever more rarely; None once it never will be."""
        age = now - self.created_at
        if age >= UNPROVEN_FOR:
            return None
        return replace(self, due_at=now + max(_FIRST_LOOK, min(age / 2, timedelta(hours=1))))

    def after(self, attempt: Attempt, chance: float, at_least_until: datetime | None = None) -> Self:
        """The delivery after an attempt; `chance` in [0, 1) draws the jitter."""
        kept = (*self.attempts, attempt)[-MOST_ATTEMPTS_KEPT:]
        tried = replace(self, tries=self.tries + 1, attempts=kept)
        if attempt.arrived:
            return replace(tried, state=DeliveryState.DELIVERED, due_at=None)
        if self.tries >= len(WAITS):
            return replace(tried, state=DeliveryState.FAILED, due_at=None)
        wait = WAITS[self.tries] * (1 + JITTER * chance)
        return replace(tried, due_at=max(attempt.at + attempt.took + wait, at_least_until or attempt.at))

    def again(self, now: datetime) -> Self:
        """To be sent once more, whatever became of it; a person wants it."""
        return replace(self, state=DeliveryState.PENDING, tries=0, due_at=now)

    def body(self, personal: Mapping[str, Any]) -> bytes:
        """What is sent: JSON with `type`, `timestamp` and `data` (Standard Webhooks specification, "Payload")."""
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        payload = {"type": self.type, "timestamp": at, "data": {**self.data, **self.personal, **personal}}
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


_MAIL = re.compile(r"[^\s@<>\"']{1,64}@[^\s@<>\"']{1,255}")
_DIGITS = re.compile(r"\d[\d .()/-]{4,}\d")
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


def excerpt_of(answer: bytes) -> str:
    """What is kept of an answer: its beginning as text, with what may be an address, a number or a secret masked."""
    text = answer.decode("utf-8", "replace")[: 4 * LONGEST_EXCERPT]
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = _SECRET.sub("whsec_***", _MAIL.sub("***@***", text))
    return _DIGITS.sub("***", text)[:LONGEST_EXCERPT].strip()


def delivery_document(one: Delivery) -> dict[str, Any]:
    """What stores keep of it besides the fields by which it is found; `parse_delivery` reads it back."""
    proof = one.proof
    return {
        "type": one.type,
        "at": to_ms(one.at),
        "data": dict(one.data),
        "proof": None if proof is None else [proof.kind, proof.subject, proof.what, proof.number],
        "tries": one.tries,
        "attempts": [
            [to_ms(each.at), each.took // timedelta(milliseconds=1), each.status, each.fault, each.excerpt]
            for each in one.attempts
        ],
    }


def parse_delivery(
    document: Mapping[str, Any],
    *,
    endpoint_id: str,
    event_id: str,
    created_at: datetime,
    due_at: datetime | None,
    state: str,
    personal: Mapping[str, Any],
    contact_id: str | None,
) -> Delivery:
    """The delivery of a document and the fields beside it."""
    proof = document["proof"]
    attempts = tuple(
        Attempt(from_ms(at_ms), timedelta(milliseconds=took_ms), status, fault, excerpt)
        for at_ms, took_ms, status, fault, excerpt in document["attempts"]
    )
    return Delivery(
        endpoint_id,
        event_id,
        EventType(document["type"]),
        from_ms(document["at"]),
        document["data"],
        created_at,
        due_at,
        personal,
        contact_id,
        None if proof is None else Proof(ProofKind(proof[0]), *proof[1:]),
        DeliveryState(state),
        document["tries"],
        attempts,
    )
