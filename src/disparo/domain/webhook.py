"""Events that other programs are told of, and the endpoints that are told (Standard Webhooks specification 1.0.0)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Self


class EventType(StrEnum):
    """What can be announced, in the past tense; docs/webhooks.md has an example of each."""

    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_DEAD = "message.dead"
    MESSAGE_IN_DOUBT = "message.in_doubt"
    REPLY_RECEIVED = "reply.received"
    CONTACT_OPTED_OUT = "contact.opted_out"
    MEETING_PROPOSED = "meeting.proposed"
    MEETING_AGREED = "meeting.agreed"
    MEETING_MOVED = "meeting.moved"
    MEETING_CANCELLED = "meeting.cancelled"
    MEETING_DECLINED = "meeting.declined"
    MEETING_HELD = "meeting.held"
    MEETING_NO_SHOW = "meeting.no_show"
    MEETING_EXPIRED = "meeting.expired"
    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_COMPLETED = "campaign.completed"
    CAMPAIGN_CANCELLED = "campaign.cancelled"
    IMPORT_COMPLETED = "import.completed"
    IMPORT_FAILED = "import.failed"
    ALARM_CHANGED = "alarm.changed"
    WEBHOOK_TESTED = "webhook.tested"
    """Only sent to the endpoint that somebody tests."""


class ProofKind(StrEnum):
    """Of what an event speaks that must have come about before it is told."""

    MESSAGE = "message"
    CAMPAIGN = "campaign"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Proof:
    """What must have happened for an event to be true: it was kept before the change that it tells of was written.

    `subject` is the id of what changed, `what` the event or state that it went through, `number` which time: the
    attempt of a message, the revision of a campaign.
    """

    kind: ProofKind
    subject: str
    what: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, to be told to every endpoint that asked for its type.

    `data` has ids, codes and instants only. `personal` is added where the endpoint asked for it; what is known of the
    contact is added then, too. The same `id` is told once to each endpoint, however often it is published.
    """

    id: str
    type: EventType
    at: datetime
    data: Mapping[str, Any]
    personal: Mapping[str, Any] = field(default_factory=dict, repr=False)
    contact_id: str | None = None
    proof: Proof | None = None

    @classmethod
    def of(
        cls,
        kind: EventType,
        at: datetime,
        data: Mapping[str, Any],
        *,
        key: tuple[str, ...],
        personal: Mapping[str, Any] | None = None,
        contact_id: str | None = None,
        proof: Proof | None = None,
    ) -> Self:
        """An event whose id is made of its type and `key`, so that the same one published again is the same."""
        digest = blake2b(json.dumps([kind, *key]).encode(), digest_size=16).hexdigest()
        return cls(f"evt_{digest}", kind, at, data, personal or {}, contact_id, proof)


class EndpointState(StrEnum):
    """Whether an endpoint is told anything."""

    ENABLED = "enabled"
    DISABLED = "disabled"


GONE, FAILING, BY_HAND = "gone", "failing", "by_hand"
"""Why an endpoint is disabled: it answered 410, it failed for `FAILING_FOR`, a person did it."""

FAILING_FOR = timedelta(days=5)
"""After so long without one success an endpoint is disabled (the specification leaves it open: "for days")."""

ROTATION = timedelta(hours=24)
"""For how long deliveries are signed with the previous secret, too, after it was replaced."""

FIRST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
"""How long an endpoint that failed is left alone before the next delivery is tried, doubling from the first on."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events are sent. `secret` (sealed) signs; no `types` are all types.

    `faults` counts failures in a row since `failing_since`; `rests_until` is how long nothing is sent to it.
    """

    id: str
    url: str
    secret: str = field(repr=False)
    created_at: datetime
    types: frozenset[EventType] = frozenset()
    include_personal: bool = False
    description: str = ""
    previous_secret: str = field(default="", repr=False)
    previous_until: datetime | None = None
    state: EndpointState = EndpointState.ENABLED
    disabled_reason: str = ""
    disabled_at: datetime | None = None
    failing_since: datetime | None = None
    faults: int = 0
    rests_until: datetime | None = None
    revision: int = 0

    def wants(self, kind: EventType) -> bool:
        """Whether events of this type are sent to it."""
        return self.state is EndpointState.ENABLED and (not self.types or kind in self.types)

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """The secrets (sealed) that deliveries are signed with now, the newest first."""
        old = self.previous_secret if self.previous_until is not None and now < self.previous_until else ""
        return (self.secret, old) if old else (self.secret,)

    def rotated(self, secret: str, now: datetime) -> Self:
        """With a new secret; the one before holds for `ROTATION` more."""
        return replace(self, secret=secret, previous_secret=self.secret, previous_until=now + ROTATION)

    def enabled(self) -> Self:
        """Ready to be told again, as if it had never failed."""
        cleared = replace(self, state=EndpointState.ENABLED, disabled_reason="", disabled_at=None)
        return cleared.succeeded()

    def disabled(self, reason: str, now: datetime) -> Self:
        """Told nothing any more; what waits for it waits."""
        if self.state is EndpointState.DISABLED:
            return self
        return replace(self, state=EndpointState.DISABLED, disabled_reason=reason, disabled_at=now, rests_until=None)

    def succeeded(self) -> Self:
        """After a delivery that arrived."""
        return replace(self, failing_since=None, faults=0, rests_until=None)

    def failed(self, now: datetime, at_least_until: datetime | None = None) -> Self:
        """After one that did not; it rests a little, or as long as it said, and is disabled when that goes on."""
        since = self.failing_since or now
        rest = min(FIRST_REST * 2 ** min(self.faults, 16), LONGEST_REST)
        until = max(now + rest, at_least_until or now)
        after = replace(self, failing_since=since, faults=self.faults + 1, rests_until=until)
        return after.disabled(FAILING, now) if now - since >= FAILING_FOR else after
