"""The house with an endpoint that listens, and a request to it that goes as it is told to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from disparo.adapters.announced_store import announced
from disparo.adapters.outbox_events import OutboxEvents
from disparo.adapters.outside_world import OutsideWorld
from disparo.adapters.sealing import KeySealer
from disparo.adapters.standard_webhooks import check, signing_key
from disparo.adapters.webhook_post import GuardedPost
from disparo.adapters.webhook_signing import SealedSigning, secret_name, written_secret
from disparo.domain.webhook import Endpoint, EventType
from disparo.engine.announcing import Announce, Outward
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.webhooks import Posted
from disparo.usecases.webhooks import WebhookDesk
from tests.unit.usecases.conftest import MONDAY, House

SECRET = "whsec_dW0gc2VncmVkbyBkZSB0ZXN0ZSwgY29tcHJpZG8="
OLDER = "whsec_byBzZWdyZWRvIGRlIGFudGVzLCBjb21wcmlkbyB0YW1iZW0="
SEALER = KeySealer(lambda: b"0123456789abcdef0123456789abcdef")
YES = Posted(200, timedelta(milliseconds=20), answer=b"ok")


def endpoint(number: int = 1, **more: Any) -> Endpoint:
    """An endpoint that wants everything."""
    name = f"wh_{number}"
    sealed = SEALER.seal(SECRET, secret_name(name))
    return Endpoint(name, f"https://{number}.exemplo.com.br/", sealed, MONDAY, **more)


@dataclass
class ToldPost:
    """Answers what it is told to, else yes; keeps what it was sent."""

    answers: list[Posted] = field(default_factory=list)
    sent: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        self.sent.append((url, headers, body))
        return self.answers.pop(0) if self.answers else YES

    async def refusal(self, url: str) -> str | None:
        return None

    async def close(self) -> None: ...

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What was sent, read."""
        return [json.loads(body) for _, _, body in self.sent]

    @property
    def types(self) -> list[str]:
        """The types of what was sent."""
        return [str(one["type"]) for one in self.bodies]

    @property
    def ids(self) -> list[str]:
        """The ids of what was sent."""
        return [headers["webhook-id"] for _, headers, _ in self.sent]


def hooks_of(house: Any) -> WebhookDesk:
    """The desk of a house that has a store, events and a post."""
    numbers = count(1)
    announce = Announce(house.store, Outward(house.events, house.post, SealedSigning(lambda: SEALER)), lambda: 0.5)
    return WebhookDesk(
        webhooks=house.store.webhooks,
        sealer=lambda: SEALER,
        post=Guarded(house.post),
        draw=lambda: written_secret(bytes([next(numbers)]) * 32),
        new_id=lambda: f"wh_{next(numbers)}",
        seal_name=secret_name,
        changed=house.events.forget,
        deliver=announce.deliver_now,
    )


class Guarded:
    """A post with the real look at addresses."""

    def __init__(self, inner: ToldPost) -> None:
        self._inner, self._real = inner, GuardedPost(OutsideWorld())

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        return await self._inner.post(url, headers, body)

    async def refusal(self, url: str) -> str | None:
        return await self._real.refusal(url)

    async def close(self) -> None: ...


class ListeningHouse(House):
    """As `House`, whose changes are announced."""

    def __init__(self) -> None:
        super().__init__()
        self.post = ToldPost()
        self.plain = self.store
        self.events = OutboxEvents(self.store.webhooks, fresh_for=timedelta(0))
        self.store = announced(self.plain, self.events)
        self.rebuild()

    def rebuild(self) -> None:
        """The engine anew, as after a restart."""
        routes = {sender.name: Route(sender, self.provider) for sender in self.senders.values()}
        outward = Outward(self.events, self.post, SealedSigning(lambda: SEALER))
        self.engine = Engine.build(self.store, self.renderer, routes, lambda: 0.5, outward=outward)

    @property
    def announce(self) -> Announce:
        """What tells the endpoint."""
        assert self.engine.announce is not None
        return self.engine.announce

    async def listen(self, *types: EventType, number: int = 1, **more: Any) -> Endpoint:
        """An endpoint that wants these types."""
        return await self.store.webhooks.add(endpoint(number, types=frozenset(types), **more))

    async def tell(self, later: timedelta = timedelta(seconds=2)) -> None:
        """Deliver all that is due in a moment."""
        self.now += later
        for _ in range(50):
            wish = await self.announce.run(self.now)
            if wish is None or wish > self.now:
                return
        raise AssertionError("announcing has no end")


def verified(headers: Mapping[str, str], body: bytes, at: datetime, secret: str = SECRET) -> None:
    """CallbackRefusedError unless it is signed with the secret."""
    check(signing_key(secret), headers, body, at.astimezone(UTC))
