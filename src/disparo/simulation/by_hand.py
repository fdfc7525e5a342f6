"""People of a simulated world who write to single contacts by hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.campaign import Campaign, CampaignKind
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.hand_message import HandPurpose
from disparo.domain.place import Place
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.template import Template
from disparo.domain.whatsapp_content import Approved
from disparo.ports.channel import SendChannel
from disparo.ports.store import Store
from disparo.simulation.drawn import hours
from disparo.simulation.gate import PortCall
from disparo.simulation.hours_oracle import ALWAYS, HoursSpec
from disparo.usecases.by_hand import HandDraft, plain, write
from disparo.usecases.carriers import Carrier

if TYPE_CHECKING:
    from disparo.simulation.world import World

_APPROVED = Template("ola", "Olá", approved=Approved("hello", "pt_BR"))
MOST_TEXTS = 12


class HandWriter:
    """Writes to contacts at any time, in a third of the worlds; some of it twice, as after an answer that got lost."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._draw = random.Random(f"by hand {world.scenario.seed}")
        self.writes = self._draw.random() < 1 / 3
        self._hours = hours(self._draw)
        self._renderer = LiquidRenderer()
        providers = world.providers  # asked for nothing here but whether they inspect templates, which they do not
        self._carriers: list[Carrier] = [
            (sender, cast(SendChannel, providers[name])) for name, sender in world.scenario.senders.items()
        ]

    def hours_of(self, campaign: Campaign) -> HoursSpec | None:
        """When what is written by hand may go; None for a campaign that carries other things."""
        if campaign.kind is not CampaignKind.HAND:
            return None
        return self._hours if campaign.name.startswith(HandPurpose.NOTE.prefix) else ALWAYS

    async def act(self) -> None:
        """Write to this one and that one until the world heals."""
        length = self._world.scenario.phase_one.total_seconds()
        moments = sorted(length * self._draw.random() ** 2 for _ in range(self._draw.randrange(1, MOST_TEXTS)))
        for number, at_s in enumerate(moments):
            await asyncio.sleep(max(0.0, at_s - self._world.elapsed_s()))
            await self._write(number)
            self._world.host.nudge()

    async def _write(self, number: int) -> None:
        world, draw = self._world, self._draw
        contact_id = draw.choice(sorted(world.facts.contacts, key=int))
        channel = draw.choice(tuple(Channel))
        template, variables = plain(f"texto {number} {{{{ x }}}}", channel, "assunto")
        if channel is Channel.WHATSAPP and draw.random() < 0.5:
            template, variables = _APPROVED, {}
        draft = HandDraft(
            contact_id, channel, template, f"text {number}", "user:1", variables, test=draw.random() < 0.2
        )
        for _ in range(draw.choice((1, 1, 2))):
            try:
                written = await self._enter(draft)
            except InputError as refusal:
                world.note("writer", f"may not write to {contact_id} by {channel}: {str(refusal)[:60]}")
            else:
                world.facts.texts[contact_id].add(draft.key)
                world.note("writer", f"writes {written} by {channel}")

    async def _enter(self, draft: HandDraft) -> str:
        place, opening = Place("America/Sao_Paulo"), parse_business_hours(self._hours.document())
        store, now = _watched(self._world), self._world.clock.now()
        return str((await write(store, draft, self._renderer, self._carriers, opening, place, now)).message_id)


def _watched(world: World) -> Store:
    """The store as a command has it, which nothing goes wrong with; what it does is told."""
    return Store(**{one.name: _Watched(world, one.name) for one in fields(Store)})  # type: ignore[arg-type]


class _Watched:
    """A port whose calls the world observes."""

    def __init__(self, world: World, port: str) -> None:
        self._world, self._port = world, port

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **named: Any) -> Any:
            result = await getattr(getattr(self._world.store, self._port), method)(*args, **named)
            self._world.observe(PortCall("writer", self._port, method, args), result)
            return result

        return call
