"""Endpoints of other programs, what is to be delivered to them, and how a request goes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from disparo.domain.webhook import Endpoint
from disparo.domain.webhook_delivery import Delivery

DeliveryKey = tuple[str, str]
"""Ids of endpoint and event: together those of a delivery."""


class Webhooks(Protocol):
    """Keeps endpoints and deliveries; every call is durable when it returns, StoreError when it cannot be made."""

    async def add(self, endpoint: Endpoint) -> Endpoint:
        """Keep a new one, which gets its revision; InputError when its id is taken."""
        ...

    async def endpoints(self) -> Sequence[Endpoint]:
        """Every endpoint, in the order in which they were made. There are few."""
        ...

    async def endpoint(self, endpoint_id: str) -> Endpoint:
        """One; NotFoundError."""
        ...

    async def replace(self, endpoint: Endpoint) -> Endpoint:
        """Change one that is still at this revision; RevisionError when it is not, NotFoundError."""
        ...

    async def remove(self, endpoint_id: str) -> None:
        """Forget one and everything for it; NotFoundError. Done again after a kill, the same call ends it."""
        ...

    async def put(self, deliveries: Sequence[Delivery]) -> int:
        """Keep those that are not kept yet; how many were new. What is kept already stays as it is."""
        ...

    async def claim(self, endpoint_id: str, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Take deliveries that are due, the longest waiting first; they are nobody else's until this instant.

        That is their `due_at` then, by which `finish` knows whose attempt it is.
        """
        ...

    async def take(self, key: DeliveryKey, now: datetime, until: datetime) -> Delivery | None:
        """Take this one, as `claim` does, whatever waits before it; None when it is not due, or somebody else's."""
        ...

    async def finish(self, delivery: Delivery, held_until: datetime) -> bool:
        """Write down what became of one that was claimed; False, and nothing done, when somebody else has it now."""
        ...

    async def send_again(self, key: DeliveryKey, now: datetime) -> Delivery:
        """Make one due again whatever became of it; NotFoundError."""
        ...

    async def decide(self, keys: Sequence[DeliveryKey], happened: bool) -> None:
        """Of deliveries that wait for a proof: it is there, or they are forgotten. Others are left alone."""
        ...

    async def drop(self, key: DeliveryKey) -> None:
        """Forget one."""
        ...

    async def next_due(self, endpoint_id: str) -> datetime | None:
        """When the next delivery is due."""
        ...

    async def page(self, endpoint_id: str, after: str | None, limit: int) -> Sequence[Delivery]:
        """Deliveries of an endpoint, newest first, from behind the `cursor` of one."""
        ...

    async def delivery(self, key: DeliveryKey) -> Delivery:
        """One; NotFoundError."""
        ...

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """Remove what deliveries tell of a person beyond ids (LGPD); of how many."""
        ...

    async def prune(self, now: datetime) -> int:
        """Forget deliveries that are older than `KEPT_FOR`; how many. Where the store forgets by itself it is 0."""
        ...


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of a request: the answer's status, or why there is none.

    `fault` is a code of ours: `endpoint_refused` and `endpoint_unusable` (nothing has left), `not_connected`,
    `no_answer`, `timed_out`. `retry_after` is what the answer asked for, `answer` the beginning of its body.
    """

    status: int | None
    took: timedelta
    fault: str = ""
    detail: str = ""
    retry_after: timedelta | None = None
    answer: bytes = b""


class Signing(Protocol):
    """Signs deliveries with the secrets of their endpoints."""

    def headers(self, endpoint: Endpoint, event_id: str, body: bytes, now: datetime) -> Mapping[str, str]:
        """The headers of a delivery that leaves now; SealError when its secret cannot be opened here."""
        ...


class Post(Protocol):
    """Sends requests to addresses that somebody gave us; never to our own network unless that is allowed."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """POST it; never raises for what is at the other end. Redirects are not followed."""
        ...

    async def refusal(self, url: str) -> str | None:
        """Why nothing is ever sent to this address, in Portuguese, as far as is known without asking anybody."""
        ...

    async def close(self) -> None:
        """End every connection."""
        ...
