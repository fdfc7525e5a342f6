"""Worlds that are full of a moment that is rare elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

from disparo.domain.campaign import Step
from disparo.domain.contact import Channel
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.domain.whatsapp_content import Approved
from disparo.simulation.hours_oracle import DaySpec, HoursSpec
from disparo.simulation.scenario import Action, FaultRates, Scenario


def busy(seed: int, **rates: float) -> Scenario:
    """A world that is always open, with people enough and providers that fail at times."""
    scenario = Scenario.of(seed)
    provider = replace(
        scenario.providers["sms-1"],
        asks=True,
        collects=False,
        outages=(),
        latency_s=(0.05, 1.0),
        rates={"transient": 0.2, "lost_request": 0.05},
    )
    senders = {
        name: replace(sender, limits=Limits(), breaker=BreakerPolicy(1, timedelta(seconds=5)))
        for name, sender in scenario.senders.items()
    }
    always = HoursSpec(DaySpec((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00", None), public=False)
    plans = tuple(replace(plan, hours=always, limits={}, start_after=None) for plan in scenario.campaigns)
    return replace(
        scenario,
        providers=dict.fromkeys(scenario.senders, provider),
        senders=senders,
        campaigns=plans,
        faults=FaultRates(**rates),
        concurrency=6,
        actions=(),
    )


def stalling(seed: int) -> Scenario:
    """Answers come late to be written down, and the next attempt is under way for long."""
    scenario = busy(seed, stall=0.08)
    senders = {name: replace(one, breaker=BreakerPolicy(99)) for name, one in scenario.senders.items()}
    provider = replace(scenario.providers["sms-1"], latency_s=(0.1, 20.0), timeout_s=10.0)
    return replace(scenario, senders=senders, providers=dict.fromkeys(scenario.senders, provider))


def closing(seed: int) -> Scenario:
    """Claimed shortly before noon, by a store that is slow."""
    scenario = busy(seed, slow=0.6)
    until_noon = HoursSpec(DaySpec((1, 2, 3, 4, 5, 6, 7), "00:00", "12:00", None), public=False)
    plans = tuple(replace(plan, hours=until_noon) for plan in scenario.campaigns)
    start_at = datetime(2026, 11, 24, 14, 59, 59, seed % 10 * 100_000, tzinfo=UTC)
    return replace(scenario, campaigns=plans, start_at=start_at)


def slow(seed: int) -> Scenario:
    """Some last looks come after the breaker has opened."""
    return busy(seed, slow=0.4)


def set_back(seed: int) -> Scenario:
    """The clock is set back again and again while limits bind."""
    scenario = busy(seed)
    senders = {name: replace(one, limits=Limits(3)) for name, one in scenario.senders.items()}
    actions = tuple(Action(60.0 * number + seed % 60, "clock_back", number / 10) for number in range(1, 9))
    return replace(scenario, senders=senders, actions=actions)


def interrupted(seed: int) -> Scenario:
    """Paused and resumed all the time, while the store is slow."""
    scenario = busy(seed, slow=0.5)
    senders = {name: replace(one, limits=Limits(3)) for name, one in scenario.senders.items()}
    kinds = ("pause", "resume")
    actions = tuple(Action(1.7 * number, kinds[number % 2], number / 10) for number in range(60))
    return replace(scenario, senders=senders, actions=actions)


def stopping(seed: int) -> Scenario:
    """Stopped in the middle of its work."""
    actions = tuple(Action(0.2 + seed % 10 / 5 + 70 * number, "stop", 0.5) for number in range(4))
    return replace(busy(seed), actions=actions)


def cut(seed: int) -> Scenario:
    """Killed at many single writes, in a store that is slow and sometimes stands still."""
    return busy(seed, crash=0.05, slow=0.3, stall=0.02)


def together(seed: int) -> Scenario:
    """Two processes at once, with limits that bind."""
    scenario = busy(seed, slow=0.5)
    senders = {name: replace(one, limits=Limits(3)) for name, one in scenario.senders.items()}
    actions = tuple(Action(0.001 + 200.0 * number, "second", 0.9) for number in range(5))
    return replace(scenario, senders=senders, actions=actions)


def sick(seed: int) -> Scenario:
    """Providers that fail half of the time, and take long to say so."""
    scenario = busy(seed)
    provider = replace(scenario.providers["sms-1"], latency_s=(0.1, 20.0), rates={"transient": 0.5})
    return replace(scenario, providers=dict.fromkeys(scenario.senders, provider))


def cancelled(seed: int) -> Scenario:
    """Paused, resumed and cancelled while it is being sent ahead of its moments."""
    scenario = busy(seed, slow=0.2)
    kinds = ("pause", "resume", "pause", "resume", "pause", "resume", "cancel")
    actions = tuple(Action(61.0 + 7.3 * number + seed % 7, kind, number / 7) for number, kind in enumerate(kinds * 3))
    return replace(scenario, actions=actions)


def wavering(seed: int) -> Scenario:
    """Paused and resumed without end, while messages are claimed again and again."""
    scenario = sick(seed)
    senders = {name: replace(one, breaker=BreakerPolicy(99)) for name, one in scenario.senders.items()}
    kinds = ("pause", "resume")
    actions = tuple(Action(0.37 * number, kinds[number % 2], 0.0) for number in range(300))
    return replace(scenario, senders=senders, actions=actions, faults=FaultRates(slow=1.0))


def doubled(seed: int) -> Scenario:
    """Many at the same time, of whom some stand still."""
    scenario = sick(seed)
    senders = {name: replace(one, breaker=BreakerPolicy(3)) for name, one in scenario.senders.items()}
    return replace(scenario, senders=senders, faults=FaultRates(slow=1.0, stall=0.02))


def long_flights(seed: int) -> Scenario:
    """Providers that take a minute to answer, few at the same time: tickets wait for others of their batch."""
    scenario = sick(seed)
    provider = replace(scenario.providers["sms-1"], latency_s=(1.0, 90.0), timeout_s=100.0, rates={})
    return replace(scenario, providers=dict.fromkeys(scenario.senders, provider), concurrency=1 + seed % 2)


def expiring(seed: int) -> Scenario:
    """Campaigns whose time is over in the middle of their work, in a store that is slow."""
    scenario = busy(seed, slow=1.0)
    provider = replace(scenario.providers["sms-1"], latency_s=(0.1, 20.0), rates={"transient": 0.3})
    senders = {name: replace(one, breaker=BreakerPolicy(99)) for name, one in scenario.senders.items()}
    plans = tuple(
        replace(plan, deadline=timedelta(minutes=2 + seed % 3), steps=plan.steps[:1]) for plan in scenario.campaigns
    )
    return replace(scenario, senders=senders, campaigns=plans, providers=dict.fromkeys(scenario.senders, provider))


def crowded(seed: int) -> Scenario:
    """Several senders on each channel, each with limits, faults and a breaker of its own; open all the time."""
    scenario = next(one for one in map(Scenario.of, count(seed * 1_000)) if len(one.senders) >= 6)
    always = HoursSpec(DaySpec((1, 2, 3, 4, 5, 6, 7), "00:00", "24:00", None), public=False)
    plans = tuple(replace(plan, hours=always, limits={}, start_after=None) for plan in scenario.campaigns)
    actions = tuple(one for one in scenario.actions if not one.kind.startswith("clock"))
    return replace(scenario, campaigns=plans, actions=actions)


def talkative(seed: int) -> Scenario:
    """Many opt out, again and again, by several senders."""
    scenario = crowded(seed)
    plans = {
        name: replace(one, opt_out=0.6, rates={}, outages=(), gone=0.0, closed=0.0)
        for name, one in scenario.providers.items()
    }
    return replace(scenario, providers=plans)


def batches(seed: int) -> Scenario:
    """Requests that take many messages, in worlds that are not slow."""
    scenario = crowded(seed)
    plans = {
        name: replace(one, at_once=5, rates={"transient": 0.1, "lost_answer": 0.1, "recipient": 0.2}, outages=())
        for name, one in scenario.providers.items()
    }
    senders = {name: replace(one, limits=Limits()) for name, one in scenario.senders.items()}
    return replace(scenario, providers=plans, senders=senders, faults=FaultRates())


def chatty(seed: int) -> Scenario:
    """People who answer at once and are not left alone for it, by WhatsApp; many windows are said to be closed."""
    scenario = crowded(seed)
    providers = {
        name: replace(one, reply=0.9, opt_out=0.0, closed=0.5, gone=0.0, rates={}, outages=())
        for name, one in scenario.providers.items()
    }
    template = Template("hello", "Hello {{ name }}", approved=Approved("hello", "pt_BR"))
    steps = tuple(Step(Channel.WHATSAPP, template, parse_wait("1m"), stop_on_reply=False) for _ in range(3))
    senders = {name: replace(one, limits=Limits()) for name, one in scenario.senders.items()}
    plans = tuple(replace(plan, steps=steps, senders=()) for plan in scenario.campaigns)
    return replace(scenario, providers=providers, campaigns=plans, senders=senders)
