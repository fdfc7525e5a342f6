"""A small installation in memory for the use cases: the real store and engine, and a provider that does as told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.campaign import Campaign
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.message import Claimed, MessageId, Outcome
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import Receipt, ReceiptKind, Reply
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.channel import Outgoing
from disparo.ports.store import Store
from disparo.usecases import campaigns

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
"""Ten in the morning in Sao Paulo."""


@dataclass
class Provider:
    """Takes every message, unless it is told to fail the next ones."""

    failures: list[FailureClass] = field(default_factory=list)
    taken: list[Outgoing] = field(default_factory=list)

    async def send(self, message: Outgoing, _now: datetime) -> Outcome:
        if self.failures:
            return Outcome(False, failure=self.failures.pop(0), detail="told to fail")
        self.taken.append(message)
        return Outcome(True, provider_id=f"p{len(self.taken)}")


class House:
    """Store, engine and provider; whatsapp and e-mail have a sender, SMS has none."""

    def __init__(self) -> None:
        self.now = MONDAY
        self.renderer = LiquidRenderer()
        self.provider = Provider()
        self.senders: dict[Channel, Sender] = {}
        self.store: Store = open_store(Database(None))
        self.configure()

    def configure(self, *, limits: Limits | None = None, threshold: int = 10) -> None:
        """Give the senders other limits or another breaker."""
        breaker = BreakerPolicy(threshold, timedelta(seconds=60))
        self.senders.update(
            {
                channel: Sender(channel.value, channel, limits or Limits(), breaker=breaker)
                for channel in (Channel.WHATSAPP, Channel.EMAIL)
            }
        )
        routes = {sender.name: Route(sender, self.provider) for sender in self.senders.values()}
        self.engine = Engine.build(self.store, self.renderer, routes, lambda: 0.5)

    async def people(self, count: int, *, first: int = 0, zone: str = "America/Sao_Paulo") -> list[str]:
        """Add contacts with both addresses to the list; their ids."""
        drafts = [
            ContactDraft(
                f"lista.csv:{number + 2}",
                Place(zone),
                name=f"Pessoa {number}",
                phone=f"+55419{88880000 + number}",
                phone_key=f"+55419{88880000 + number}",
                email=f"p{number}@example.com",
                email_key=f"p{number}@example.com",
                variables={"nome": f"Pessoa {number}"},
            )
            for number in range(first, first + count)
        ]
        return [result.contact_id for result in await self.store.contacts.fold("lista", drafts)]

    def document(self, **keys: object) -> dict[str, object]:
        """A campaign of one WhatsApp step, unless `keys` say otherwise."""
        steps = [{"channel": "whatsapp", "text": "Oi {{ nome }}"}]
        return {"name": "camp", "list": "lista", "steps": steps, **keys}

    async def create(self, **keys: object) -> Campaign:
        """Keep a draft of this document."""
        return await campaigns.create(self.store, self.document(**keys), self.renderer, self.now)

    async def begin(self, people: int = 1, **keys: object) -> Campaign:
        """A campaign for so many new people, started and launched."""
        await self.people(people)
        campaign = await self.create(**keys)
        await campaigns.start(self.store, campaign.name, self.now)
        await self.launch()
        return await self.store.campaigns.get(campaign.name)

    async def launch(self) -> None:
        """Enter every contact."""
        while await self.engine.launch.run(self.now):
            pass

    async def tidy(self) -> None:
        """Let housekeeping do all that it has to do now."""
        for _ in range(20):
            if await self.engine.housekeeping.run(self.now) != self.now:
                return
        raise AssertionError("housekeeping has no end")

    async def claim(self, channel: Channel = Channel.WHATSAPP, count: int = 100) -> list[Claimed]:
        """Claim what may go now."""
        return list((await self.engine.dispatch.claim(channel.value, count, self.now)).messages)

    async def deliver(self, messages: list[Claimed]) -> set[MessageId]:
        """Bring claimed messages to their provider; those that reached it."""
        sent, done = set[MessageId](), []
        for message in messages:
            ready = await self.engine.dispatch.prepare(message, self.now)
            if isinstance(ready, Settlement):
                done.append(ready)
                continue
            outcome = await self.engine.dispatch.hand_over(message, ready, self.now, timedelta(0))
            assert isinstance(outcome, Outcome)
            sent.add(message.id)
            done.append(await self.engine.dispatch.conclude(message, outcome, self.now))
        await self.engine.dispatch.record(done, self.now)
        return sent

    async def send(self, channel: Channel = Channel.WHATSAPP, count: int = 100) -> set[MessageId]:
        """Send what may go now; what reached the provider."""
        return await self.deliver(await self.claim(channel, count))

    async def give_back(self, messages: list[Claimed]) -> None:
        """Put claimed messages back, not sent."""
        back = [self.engine.dispatch.give_back(message, "shutting_down", self.now) for message in messages]
        await self.engine.dispatch.record(back, self.now)

    async def receipt(self, message_id: str, kind: ReceiptKind) -> None:
        """The provider's later word."""
        event = f"{message_id} {kind}"
        await self.engine.inbound.take_receipts([Receipt("test", event, message_id, kind, self.now)], self.now)

    async def reply(self, message_id: str, text: str) -> None:
        """What the contact answers."""
        answer = Reply("test", f"{message_id} {text}", message_id, text, self.now)
        await self.engine.inbound.take_reply(answer, self.now)


@pytest.fixture
def house() -> House:
    """An installation with nothing in it, at ten o'clock on a Monday."""
    return House()
