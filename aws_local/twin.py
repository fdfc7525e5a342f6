"""The same scene on one machine: the embedded family and the worker's loop, on a virtual clock."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from aws_local.demo_scene import LIST, SETTINGS, People, campaign_document
from aws_local.ending import Ending, ending_of
from disparo.adapters.channels.sandbox.channel import SandboxChannel
from disparo.adapters.channels.sandbox.outbox import FileOutbox
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.adapters.files.open_table import open_table
from disparo.bootstrap import renderer, sandbox_script, sender_of
from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Channel
from disparo.engine.dispatch import Route
from disparo.engine.engine import Engine
from disparo.ports.store import Store
from disparo.settings import Settings, load_settings
from disparo.simulation.virtual_time import VirtualClock, run_virtually
from disparo.usecases import campaigns as usecase
from disparo.usecases.import_contacts import import_contacts
from disparo.worker import Worker

STARTS_AT = datetime(2026, 11, 13, 14, 52, tzinfo=UTC)
LOOK_EVERY = timedelta(seconds=1)
RECEIPTS_WITHIN = timedelta(seconds=30)
"""Longer than any delivery of the sandbox takes."""


def play(file: Path, folder: Path) -> Ending:
    """Import the file, run the campaign to its end, and count. The sandbox's log is in `folder`."""
    settings = load_settings(overrides={**SETTINGS, "data": folder}, environ={}, cwd=folder).settings
    with closing(Database(None)) as database:
        store, outbox = open_store(database), FileOutbox(folder / "twin.jsonl")
        return run_virtually(_play(store, outbox, settings, file))


async def _play(store: Store, outbox: FileOutbox, settings: Settings, file: Path) -> Ending:
    clock = VirtualClock(STARTS_AT)
    await import_contacts(open_table(file, None), store.contacts, list_name=LIST, region=settings.default_region)
    await usecase.create(store, campaign_document(), renderer(), clock.now())
    campaign = await usecase.start(store, str(campaign_document()["name"]), clock.now())
    script = sandbox_script(settings)
    routes: dict[str, Route] = {
        channel: Route(sender_of(settings, channel), SandboxChannel(channel, outbox, script, clock.now))
        for channel in Channel
    }
    engine = Engine.build(store, renderer(), routes, Random(0).random)
    worker = Worker(engine, clock, name="twin", poll=None)
    working = asyncio.create_task(worker.run())
    try:
        await _until_ended(store, campaign, engine, worker, People(outbox), clock)
    finally:
        worker.stop()
        await working
    return await ending_of(store, campaign, outbox.everything(), settings)


async def _until_ended(
    store: Store, campaign: Campaign, engine: Engine, worker: Worker, people: People, clock: VirtualClock
) -> None:
    never = asyncio.Event()
    ended_at: datetime | None = None
    while ended_at is None or clock.now() < ended_at + RECEIPTS_WITHIN:
        await clock.wait(never, clock.now() + LOOK_EVERY)
        for told in await people.answers():
            await engine.inbound.take(told, clock.now())
            worker.nudge()
        if ended_at is None and (await store.campaigns.get(campaign.id)).state is CampaignState.COMPLETED:
            ended_at = clock.now()
