"""A world to be, drawn from a seed: people, campaigns, senders, providers, faults, and what operators will do."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from disparo.domain.agenda.notice import own_step
from disparo.domain.campaign import OnFailure, Step, When
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import BackoffStrategy, RetryPolicy
from disparo.domain.sender import DoubtPolicy, Sender
from disparo.domain.template import Template
from disparo.domain.waiting import parse_wait
from disparo.domain.whatsapp_content import Approved
from disparo.simulation.agenda.plan import AgendaPlan, draw_agenda
from disparo.simulation.drawn import DATES, PLACES, contact, hours, limits
from disparo.simulation.hours_oracle import HoursSpec

WAITS = ("0m", "1m", "30m", "3h", "1d", "2d", "1bd", "2bd")


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """A campaign as an operator would write it, with hours that the oracle can read."""

    name: str
    list_name: str
    steps: tuple[Step, ...]
    hours: HoursSpec
    place: Place
    limits: Mapping[Channel, Limits]
    deadline: timedelta
    start_after: timedelta | None
    senders: tuple[str, ...] = ()
    """Those that it goes by; any when there are none."""

    def step(self, number: int) -> Step:
        """The step with this number, from 1; for a notice's number the step that it is of."""
        return self.steps[own_step(number) - 1]


@dataclass(frozen=True, slots=True)
class ProviderPlan:
    """How one sender's provider behaves. `rates` are shares of 1 by fate; what is left over goes well.

    `outages` are spans of elapsed seconds in which it takes nothing. One that `asks` can be asked what became of a
    message; one that `collects` is polled for what came back, others call us. One that takes more than one message
    `at_once` may be cut off in the middle of them.
    """

    asks: bool
    collects: bool
    rates: Mapping[str, float]
    latency_s: tuple[float, float]
    timeout_s: float
    outages: Sequence[tuple[float, float, str]]
    reply: float
    opt_out: float
    undelivered: float
    lost_receipts: float
    at_once: int = 1
    closed: float = 0.0
    """Of the first copies of a message by WhatsApp: refused later, as the person had not written for a day."""
    gone: float = 0.0
    """Bounces and complaints."""
    sick_s: tuple[float, float] = (0.0, 0.0)
    """When it refuses our credentials, whatever has healed elsewhere."""


@dataclass(frozen=True, slots=True)
class FaultRates:
    """How often, for each call of a port; 0 everywhere in a quiet world."""

    crash: float = 0.0
    slow: float = 0.0
    stall: float = 0.0
    freeze: float = 0.0
    """A process stands still between its last look and its request."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a person, or the machine, does at an instant of elapsed time."""

    at_s: float
    kind: str
    draw: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything that is decided before the first step; what remains open is drawn from the same seed on the way."""

    seed: int
    start_at: datetime
    phase_one: timedelta
    lists: Mapping[str, tuple[ContactDraft, ...]]
    campaigns: tuple[CampaignPlan, ...]
    senders: Mapping[str, Sender]
    providers: Mapping[str, ProviderPlan]
    """Each sender has a provider of its own."""
    faults: FaultRates
    actions: tuple[Action, ...]
    concurrency: int
    agenda: AgendaPlan | None = None
    listened: bool = False
    """Whether another program is told what happens."""

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """The scenario of a seed; always the same one."""
        listened = random.Random(f"listened {seed}").random() < LISTENED
        scenario = replace(_Drawing(seed).scenario(), listened=listened)
        agenda = draw_agenda(seed, scenario.start_at, scenario.phase_one)
        return scenario if agenda is None else _with_agenda(scenario, agenda)


LISTENED = 0.35
"""How many worlds have another program that listens."""

ACTIONS = (
    ("pause", 2),
    ("resume", 3),
    ("cancel", 0.5),
    ("limits", 2),
    ("hours", 2),
    ("sender_limits", 2),
    ("suppress", 2),
    ("import", 1.5),
    ("start", 3),
    ("redrive", 3),
    ("replay", 2),
    ("crash", 2),
    ("stop", 2),
    ("second", 2.5),
    ("clock_back", 2),
    ("clock_forward", 1),
)
ALWAYS = frozenset({"start", "resume"})


class _Drawing:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.random = random.Random(f"scenario {seed}")
        self.more = random.Random(f"senders {seed}")

    def scenario(self) -> Scenario:
        draw = self.random
        day = draw.choice(DATES) - timedelta(days=draw.choice((0, 0, 1, 1, 2, 4)))
        start_at = self._start_at(day)
        phase_one = timedelta(hours=draw.choice((1, 2, 6, 24, 60)))
        lists = self._lists()
        senders = {f"{channel}-1": self._sender(f"{channel}-1", channel, draw) for channel in Channel}
        providers = {name: self._provider(phase_one, draw) for name in senders}
        self._more_senders(phase_one, senders, providers)
        faults = self._faults()
        return Scenario(
            self.seed,
            start_at,
            phase_one,
            lists,
            tuple(
                self._with_more(self._campaign(number, tuple(lists)), senders)
                for number in range(draw.choice((1, 1, 2, 3)))
            ),
            senders,
            providers,
            faults,
            self._actions(phase_one),
            draw.choice((1, 2, 3, 6)),
        )

    def _start_at(self, day: date) -> datetime:
        """Any instant of a day; often a few seconds before hours change somewhere."""
        draw = self.random
        if draw.random() < 0.6:
            midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return midnight + timedelta(seconds=draw.randrange(86_400), milliseconds=draw.randrange(1_000))
        edge = draw.choice(("08:00", "12:00", "12:30", "18:00", "23:30", "00:30", "02:30", "03:30", "04:00"))
        zone = ZoneInfo(draw.choice(PLACES).zone)
        wall = datetime(day.year, day.month, day.day, int(edge[:2]), int(edge[3:]), tzinfo=zone)
        return wall.astimezone(UTC) - timedelta(milliseconds=draw.randrange(4_000))

    def _lists(self) -> dict[str, tuple[ContactDraft, ...]]:
        draw, people = self.random, self.random.choice((3, 6, 10, 16))
        return {
            name: tuple(self._contact(name, number) for number in range(people))
            for name in ("first", "second")[: draw.choice((1, 1, 2))]
        }

    def _contact(self, list_name: str, number: int) -> ContactDraft:
        return contact(self.seed, list_name, number)

    def _campaign(self, number: int, lists: Sequence[str]) -> CampaignPlan:
        draw = self.random
        steps = tuple(self._step(step) for step in range(1, draw.choice((1, 2, 2, 3, 4)) + 1))
        limits = {channel: self.limits() for channel in Channel if draw.random() < 0.3}
        deadline = timedelta(days=draw.choice((10, 15, 30))) if draw.random() < 0.8 else timedelta(hours=5)
        if deadline < timedelta(days=1):
            steps = tuple(replace(step, wait=parse_wait("1m")) for step in steps)
        start_after = timedelta(minutes=draw.randrange(1, 600)) if draw.random() < 0.2 else None
        return CampaignPlan(
            f"campaign-{number}",
            draw.choice(lists),
            steps,
            self.hours(),
            draw.choice(PLACES),
            limits,
            deadline,
            start_after,
        )

    def _step(self, number: int) -> Step:
        draw, channel = self.random, self.random.choice(tuple(Channel))
        subject, html = ("About {{ name }}", "<p>Hello {{ name }}</p>") if channel is Channel.EMAIL else (None, None)
        text = "Hello {{ name }}" if draw.random() < 0.9 else "Your {{ debt }}, {{ name }}"
        return Step(
            channel,
            Template(f"step-{number}", text, subject, html),
            parse_wait(draw.choice(WAITS) if number > 1 else "0m"),
            draw.choice(tuple(OnFailure)),
            When.PREVIOUS_FAILED if number > 1 and draw.random() < 0.3 else When.ALWAYS,
            draw.random() < 0.7,
        )

    def limits(self) -> Limits:
        return limits(self.random)

    def hours(self) -> HoursSpec:
        return hours(self.random)

    def _more_senders(
        self, phase_one: timedelta, senders: dict[str, Sender], providers: dict[str, ProviderPlan]
    ) -> None:
        """In half of the worlds some channels have two or three senders, each with a provider of its own."""
        draw = self.more
        if draw.random() < 0.5:
            for channel in Channel:
                for number in range(2, draw.choice((1, 2, 2, 3)) + 1):
                    name = f"{channel}-{number}"
                    senders[name] = self._sender(name, channel, draw)
                    providers[name] = self._provider(phase_one, draw)
        crowded = [name for name in senders if name.endswith("-2")]
        if crowded and draw.random() < 0.5:
            name = draw.choice(crowded)
            healed_s = phase_one.total_seconds()
            sick_s = (healed_s * draw.random(), healed_s + 12 * 3_600.0)
            providers[name] = replace(providers[name], sick_s=sick_s)
        for name, sender in senders.items():
            recovery = timedelta(minutes=draw.choice((0, 1, 10)))
            senders[name] = replace(sender, weight=draw.choice((1, 1, 2, 5)), recovery=recovery)
            providers[name] = replace(
                providers[name],
                at_once=draw.choice((1, 1, 3, 20)),
                closed=draw.choice((0.0, 0.2, 0.5)) if sender.channel is Channel.WHATSAPP else 0.0,
                gone=draw.choice((0.0, 0.0, 0.1)),
            )

    def _with_more(self, plan: CampaignPlan, senders: Mapping[str, Sender]) -> CampaignPlan:
        """What came later into the world, drawn apart: senders of its own, and templates that were approved."""
        draw = self.more
        steps = tuple(_approved(one) if draw.random() < 0.5 else one for one in plan.steps)
        chosen: tuple[str, ...] = ()
        if len(senders) > len(Channel) and draw.random() < 0.4:
            names = [[one.name for one in senders.values() if one.channel is channel] for channel in Channel]
            chosen = tuple(name for own in names for name in draw.sample(own, draw.randint(1, len(own))))
        return replace(plan, steps=steps, senders=chosen)

    @staticmethod
    def _sender(name: str, channel: Channel, draw: random.Random) -> Sender:
        return Sender(
            name,
            channel,
            limits(draw),
            RetryPolicy(
                draw.choice((0, 1, 3)),
                draw.choice(tuple(BackoffStrategy)),
                timedelta(seconds=draw.choice((1, 5))),
                2.0,
                draw.random() < 0.5,
            ),
            BreakerPolicy(draw.choice((1, 2, 3, 10)), timedelta(seconds=draw.choice((5, 60, 300)))),
            draw.choice(tuple(DoubtPolicy)),
            timedelta(hours=draw.choice((1, 4, 72))),
            timedelta(seconds=draw.choice((40, 60))),
        )

    @staticmethod
    def _provider(phase_one: timedelta, draw: random.Random) -> ProviderPlan:
        level = draw.choice((0.0, 0.03, 0.1, 0.3))
        fates = ("recipient", "permanent", "transient", "throttled", "auth", "lost_answer", "lost_request")
        rates = {fate: level * draw.random() for fate in fates}
        outages = []
        if draw.random() < 0.4:
            begin = draw.random() ** 4 * phase_one.total_seconds() * 0.5
            kind = draw.choice(("transient", "auth", "lost_request"))
            outages.append((begin, begin + draw.choice((60, 900, 7_200)), kind))
        high = draw.choice((0.05, 0.5, 5.0, 20.0))
        return ProviderPlan(
            draw.random() < 0.5,
            draw.random() < 0.4,
            rates,
            (0.01, high),
            draw.choice((10.0, 30.0)),
            outages,
            draw.choice((0.0, 0.1, 0.4)),
            draw.choice((0.0, 0.1, 0.3)),
            draw.choice((0.0, 0.1)),
            draw.choice((0.0, 0.3, 1.0)),
        )

    def _faults(self) -> FaultRates:
        draw = self.random
        if draw.random() < 0.15:
            return FaultRates()
        return FaultRates(
            draw.choice((0.0, 0.003, 0.01)),
            draw.choice((0.0, 0.02, 0.2)),
            draw.choice((0.0, 0.004, 0.01)),
            draw.choice((0.0, 0.0, 0.02)),
        )

    def _actions(self, phase_one: timedelta) -> tuple[Action, ...]:
        draw, length = self.random, phase_one.total_seconds()
        kinds = [kind for kind, _ in ACTIONS if kind in ALWAYS or draw.random() < 0.5]
        weights = [weight for kind, weight in ACTIONS if kind in kinds]
        chosen = draw.choices(kinds, weights, k=draw.randrange(16))
        actions = [Action(length * draw.random() ** draw.choice((2, 6)), kind, draw.random()) for kind in chosen]
        return tuple(sorted(actions, key=lambda action: action.at_s))


def _with_agenda(scenario: Scenario, agenda: AgendaPlan) -> Scenario:
    """Steps that offer times to whoever answers well."""
    draw = random.Random(f"meetings {scenario.seed}")

    def offering(step: Step) -> Step:
        return replace(step, meeting=draw.choice(agenda.types).id) if draw.random() < 0.7 else step

    plans = tuple(replace(plan, steps=tuple(map(offering, plan.steps))) for plan in scenario.campaigns)
    return replace(scenario, campaigns=plans, agenda=agenda)


def _approved(step: Step) -> Step:
    if step.channel is not Channel.WHATSAPP:
        return step
    return replace(step, template=replace(step.template, approved=Approved("hello", "pt_BR")))


def quiet(scenario: Scenario) -> Scenario:
    """The same world without faults and without anybody doing anything."""
    return replace(scenario, actions=(), faults=FaultRates())
