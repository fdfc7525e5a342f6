"""How long a forecast takes, which plays the real engine and store to a campaign's end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bench.measured import Case, Numbers, Stopwatch, alternate
from bench.report import Aim, Section, count
from bench.samples import MONDAY
from bench.sizes import Sizes
from bench.stage import LIST, fold_contacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.campaign import Campaign, Step
from disparo.domain.contact import Channel
from disparo.domain.place import Place
from disparo.domain.policies.business_hours import BusinessHours
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.sender import Sender
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.simulation.forecast import forecast


def product(messages: int) -> Numbers:
    """A forecast of so many messages under usual hours and limits, over many days."""
    store = open_store(Database(None))
    campaign = _draft(messages)
    asyncio.run(fold_contacts(store, messages))
    added = asyncio.run(store.campaigns.add(campaign))
    senders = [Sender(channel, channel, Limits(10, 100)) for channel in Channel]
    with Stopwatch() as watch:
        foreseen = forecast(store, added, senders, MONDAY, concurrency=50)
    if sum(step.messages for step in foreseen.steps) != messages:
        raise RuntimeError(f"not every message was foreseen: {foreseen.steps}")
    return watch.per(messages)


def _draft(messages: int) -> Campaign:
    steps = (Step(Channel.WHATSAPP, Template("oi", "Oi"), parse_wait("0m")),)
    place, longest = Place("America/Sao_Paulo"), timedelta(days=messages / 100)
    return Campaign("", "campanha", LIST, steps, BusinessHours(), place, MONDAY, deadline=longest)


def forecasting(sizes: Sizes) -> Section:
    """A forecast, alone: there is no bare limit of a thing that nothing else does."""
    ours = alternate({"forecast": Case(product, {"messages": sizes.forecast})}, sizes.rounds)["forecast"]
    row = ("disparo forecast", f"{ours['elapsed_s']:.2f}", f"{ours['cpu_s']:.2f}", f"{ours['peak_mb']:.0f}")
    section = Section("forecast", f"{count(sizes.forecast)} messages", ("", "s", "CPU-s", "peak MB"), [row])
    return section.with_aims(Aim("under 5 s", f"{ours['elapsed_s']:.2f} s", ours["elapsed_s"] < 5))
