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
from disparo.adapters.signed_links import SignedLinks
from disparo.domain.campaign import Campaign, CampaignEvent, Step
from disparo.domain.contact import Channel
from disparo.domain.place import Place
from disparo.domain.policies.hours_document import parse_business_hours
from disparo.domain.sender import Sender
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.domain.whatsapp_content import Approved
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.channel import SendChannel
from disparo.ports.store import Store

LIST = "lista"
SENDERS = {channel: Sender(channel, channel) for channel in (Channel.WHATSAPP, Channel.EMAIL)}
SENDER = SENDERS[Channel.WHATSAPP]
TEXT = "Oi {{ nome | primeiro_nome }}, aqui é {{ remetente }} sobre a {{ empresa }}. Responda SAIR para parar."
HTML = "<p>Oi {{ nome | primeiro_nome }},</p><p>aqui é {{ remetente }} sobre a <b>{{ empresa }}</b>.</p>"
PLAIN = Template("oi", TEXT)
APPROVED = Template("oi", TEXT, approved=Approved("oi", "pt_BR", body=("{{ nome | primeiro_nome }}",)))
MAIL = Template("oi", TEXT, subject="Oi {{ nome | primeiro_nome }}", html=HTML)
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


async def start_campaign(store: Store, now: datetime, template: Template = PLAIN) -> Campaign:
    """One step that may be sent at any hour, without limits; its rows are not entered yet."""
    campaign = Campaign(
        id="",
        name="campanha",
        list_name=LIST,
        steps=(Step(channel_of(template), template, parse_wait("0m")),),
        hours=parse_business_hours(ALWAYS),
        place=Place("America/Sao_Paulo"),
        created_at=now,
        variables={"remetente": "Ana"},
    )
    added = await store.campaigns.add(campaign)
    return await store.campaigns.apply(added.id, CampaignEvent.START, now)


def channel_of(template: Template) -> Channel:
    """What has HTML goes by e-mail, all else by WhatsApp."""
    return Channel.WHATSAPP if template.html is None else Channel.EMAIL


def engine_with(store: Store, carrier: SendChannel, template: Template = PLAIN) -> Engine:
    """The real engine over a store, with one sender without limits; e-mails bear a link to unsubscribe."""
    sender, links = (
        SENDERS[channel_of(template)],
        SignedLinks("https://disparo.example", lambda: b"a key for the bench"),
    )
    return Engine.build(store, LiquidRenderer(), {sender.name: Route(sender, carrier)}, lambda: 0.5, links=links)


async def launch_all(engine: Engine, now: datetime) -> None:
    """Enter every contact's rows."""
    while await engine.launch.run(now) is not None:
        pass
