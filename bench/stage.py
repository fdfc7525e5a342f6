"""A data file with contacts and a running campaign in it, ready to be sent."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bench.samples import drafts
from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.campaign import Campaign, CampaignEvent, Step
from disparo.domain.contact import Channel
from disparo.domain.place import Place
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.sender import Sender
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.channel import SendChannel
from disparo.ports.store import Store

LIST = "lista"
SENDER = Sender(Channel.WHATSAPP, Channel.WHATSAPP)
TEXT = "Oi {{ nome | primeiro_nome }}, aqui é {{ remetente }} sobre a {{ empresa }}. Responda SAIR para parar."
ALWAYS = {
    "timezone": "America/Sao_Paulo",
    "workingDays": [1, 2, 3, 4, 5, 6, 7],
    "startTime": "00:00",
    "endTime": "24:00",
    "publicHolidays": False,
}


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that goes with the block."""
    folder = Path(tempfile.mkdtemp(prefix="disparo-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def fold_contacts(store: Store, contacts: int) -> None:
    """Fill the list."""
    for batch in drafts(contacts):
        await store.contacts.fold(LIST, batch)


async def start_campaign(store: Store, now: datetime) -> Campaign:
    """One WhatsApp step that may be sent at any hour, without limits; its rows are not entered yet."""
    campaign = Campaign(
        id="",
        name="campanha",
        list_name=LIST,
        steps=(Step(Channel.WHATSAPP, Template("oi", TEXT), parse_wait("0m")),),
        hours=parse_business_hours(ALWAYS),
        place=Place("America/Sao_Paulo"),
        created_at=now,
        variables={"remetente": "Ana"},
    )
    added = await store.campaigns.add(campaign)
    return await store.campaigns.apply(added.id, CampaignEvent.START, now)


def engine_with(store: Store, channel: SendChannel) -> Engine:
    """The real engine over a store, with one sender without limits."""
    return Engine.build(store, LiquidRenderer(), {SENDER.name: Route(SENDER, channel)}, lambda: 0.5)


async def launch_all(engine: Engine, now: datetime) -> None:
    """Enter every contact's rows."""
    while await engine.launch.run(now) is not None:
        pass
