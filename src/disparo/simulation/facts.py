"""What really happened, noted outside of the engine: the ground truth that the invariants are checked against.

Time is elapsed seconds, which nobody can set; `order` numbers what happened, so that "before" is exact within one
instant. What the ports were asked is noted when it took effect, not when it was asked for.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from disparo.domain.agenda.notice import TO_HOST, NoticeStep
from disparo.domain.campaign import Campaign, CampaignKind, CampaignState
from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.message import MessageId
from disparo.domain.place import Place
from disparo.domain.policies.circuit_breaker import BreakerPolicy
from disparo.domain.policies.rate_limit import Limits
from disparo.domain.policies.retry import FailureClass
from disparo.domain.receipt import SuppressionCause
from disparo.domain.sender import Sender
from disparo.simulation.hours_oracle import ALWAYS, HoursSpec
from disparo.simulation.scenario import CampaignPlan, ProviderPlan

_NEVER = -1
_FAULTS = ("transient", "throttled", "auth", "unknown")


@dataclass(slots=True)
class ReferenceBreaker:
    """A breaker told in as few words as possible: consecutive faults, then silence, then one at a time."""

    policy: BreakerPolicy
    faults: int = 0
    opened_at: datetime | None = None
    probe: tuple[str, datetime] | None = None
    """The message that is trying, and when its lease is over."""

    def hear(self, failure: FailureClass | None, now: datetime) -> None:
        """One answer was recorded."""
        fault = failure is not None and failure.value in _FAULTS
        if self.shut(now):
            return
        if self.opened_at is not None:
            self.probe = None
            self.faults = self.policy.threshold - 1 if fault else 0
            self.opened_at = None
        self.faults = self.faults + 1 if fault else 0
        if self.faults >= self.policy.threshold:
            self.opened_at = now.replace(microsecond=now.microsecond // 1000 * 1000)

    def shut(self, now: datetime) -> bool:
        """Whether the provider is to be left alone."""
        return self.opened_at is not None and now < self.opened_at + self.policy.timeout


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """A process got a message, and may send it once its intent is written down."""

    order: int
    fence: int
    at_s: float
    wall: datetime
    """What the clock said when the process asked for it."""
    lease_until: datetime
    moment_s: float
    """When it may leave."""
    sender: str
    """By whom: whose permit it has."""
    begun: int = 0
    """The order of its intent; 0 while that is not written down."""
    begun_s: float = 0.0
    ahead: bool = False
    """Whether it was claimed ahead of its moment."""


@dataclass(frozen=True, slots=True)
class LookFact:
    """A process was told that a message may go."""

    order: int
    state: str
    fence: int
    shut: bool
    half_open: bool


@dataclass(slots=True)
class Call:
    """A request that left a process for a provider."""

    id: MessageId
    sender: Sender
    channel: Channel
    process: str
    order: int
    at_s: float
    wall: datetime
    ahead_s: float
    """By how much the clock had been set forward until then, in all."""
    ahead_before_s: float
    """The same a second earlier, when it may have been claimed."""
    claim: ClaimFact | None
    look: LookFact | None
    frozen: bool
    taken_at_s: float | None = None
    answer: str = "none"
    """`accepted`, a failure class, or `none` while nobody has heard."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a process heard of a request: None for success."""

    fence: int
    failure: FailureClass | None
    sender: str = ""
    speaks: bool = True
    """Whether its breaker is to hear it: of what one request took along, one answer is enough."""


@dataclass(slots=True)
class CampaignFacts:
    """What operators did to a campaign; each history is in order (and by elapsed second), newest last."""

    plan: CampaignPlan
    hours: list[tuple[int, float, HoursSpec]]
    limits: list[tuple[float, Mapping[Channel, Limits]]]
    states: list[tuple[int, float, CampaignState]]
    started_s: float | None = None
    start_at: datetime | None = None
    audience: frozenset[str] = frozenset()
    ended: bool = False
    left_open: bool = False
    """Whether it moved when everything was told to stop: a late receipt may have opened it again."""
    standing: bool = False
    """Whether it is always there: it has no audience and never ends."""
    service: bool = False
    """Whether it only answers people, who opted out as well; it is always there."""


@dataclass(slots=True)
class Facts:
    """The whole truth about one world."""

    senders: Mapping[str, Sender]
    providers: Mapping[str, ProviderPlan]
    exact_waits: bool = True
    """Whether the store answers at once, so that a step's wait counts from the moment the one before was taken."""
    order: int = 0
    now_s: float = 0.0
    """When the latest port call returned, or a look was taken."""
    clock_sets: list[float] = field(default_factory=list)
    ahead_s: float = 0.0
    ahead_since: list[tuple[float, float]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    calls_of: dict[MessageId, list[Call]] = field(default_factory=lambda: defaultdict(list))
    calls_by: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))
    claims: dict[tuple[str, MessageId], ClaimFact] = field(default_factory=dict)
    """What each process may send: its latest claim of a message whose intent is written down."""
    claims_of: dict[MessageId, list[ClaimFact]] = field(default_factory=lambda: defaultdict(list))
    """Every claim of a message whose intent was written down."""
    claims_by: dict[str, list[tuple[float, MessageId]]] = field(default_factory=lambda: defaultdict(list))
    """When each sender claimed what: each used a permit."""
    unbegun: dict[tuple[MessageId, int, str], ClaimFact] = field(default_factory=dict)
    """A sender's latest claim of a message under a fence, as long as its intent is not written down."""
    looks: dict[tuple[str, MessageId], LookFact] = field(default_factory=dict)
    unrecorded: dict[tuple[str, MessageId], list[Heard]] = field(default_factory=lambda: defaultdict(list))
    """What processes heard and have not written down; of one message perhaps twice, by claims of different fences."""
    breakers: dict[str, ReferenceBreaker] = field(default_factory=dict)
    sender_limits: dict[str, list[tuple[float, Limits]]] = field(default_factory=dict)
    campaigns: dict[str, CampaignFacts] = field(default_factory=dict)
    contacts: dict[str, ContactDraft] = field(default_factory=dict)
    lists: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    suppressed: dict[tuple[str, Channel | None], int] = field(default_factory=dict)
    accepted: dict[MessageId, int] = field(default_factory=dict)
    redriven: Counter[MessageId] = field(default_factory=Counter)
    answers: Counter[tuple[MessageId, str]] = field(default_factory=Counter)
    said_to: set[tuple[str, str]] = field(default_factory=set)
    """Contacts who asked a sender for no more messages."""
    told_so: set[tuple[str, str]] = field(default_factory=set)
    """Those of them whose opt-out was taken to its end."""
    left_open: set[MessageId] = field(default_factory=set)
    """Answers that were entered when everything was told to stop."""
    told_gone: set[tuple[str, Channel | None]] = field(default_factory=set)
    """What is to be suppressed, by receipts that were taken to their end."""
    reported_failed: set[MessageId] = field(default_factory=set)
    reported: dict[MessageId, set[str]] = field(default_factory=lambda: defaultdict(set))
    """For what reasons its provider said later that it had failed."""
    told_closed: dict[MessageId, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """The receipts by which a window was closed, and when a process of ours was first told of each."""
    wrote: dict[str, int] = field(default_factory=dict)
    """When a process of ours was last told of something that the person with this key wrote."""
    by_template: Counter[MessageId] = field(default_factory=Counter)
    meeting_places: dict[str, Place] = field(default_factory=dict)
    """Where the contact of each meeting was when it came about."""
    texts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The keys of what was written by hand to each contact, and not refused."""
    rows_seen: set[tuple[str, int, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for sender in self.senders.values():
            self.breakers[sender.name] = ReferenceBreaker(sender.breaker)
            self.sender_limits[sender.name] = [(0.0, sender.limits)]

    def next(self) -> int:
        """The number of what happens now."""
        self.order += 1
        return self.order

    def answering(self, campaign: Campaign, hours: HoursSpec = ALWAYS) -> None:
        """A campaign that is always there was made: of answers, or of notices."""
        plan = CampaignPlan(
            campaign.name,
            campaign.list_name,
            campaign.steps,
            hours,
            campaign.place,
            {},
            campaign.deadline,
            None,
            campaign.senders,
        )
        states = [(_NEVER, 0.0, CampaignState.DRAFT)]
        service = campaign.kind is CampaignKind.SERVICE
        made = CampaignFacts(plan, [(_NEVER, 0.0, hours)], [(0.0, {})], states, standing=True, service=service)
        self.campaigns.setdefault(campaign.id, made)

    def claimed(self, message_id: MessageId, fact: ClaimFact) -> None:
        """A claim took effect; its intent is not written down yet."""
        self.unbegun[message_id, fact.fence, fact.sender] = fact
        self.claims_by[fact.sender].append((fact.at_s, message_id))

    def begun(self, process: str, message_id: MessageId, fact: ClaimFact, at_s: float) -> None:
        """The intent of a claim was written down."""
        self.unbegun.pop((message_id, fact.fence, fact.sender), None)
        fact = replace(fact, begun=self.next(), begun_s=at_s)
        self.claims[process, message_id] = fact
        self.claims_of[message_id].append(fact)

    def heard_under(self, process: str, message_id: MessageId, fence: int, *, speaks: bool) -> Heard | None:
        """What a process heard of a message under a claim, if it is not written down.

        A process that stood still before its request may have a newer claim by then: else the oldest that there is
        (of those that do not speak for their request, as a refusal that no provider made does not either).
        """
        waiting = self.unrecorded.get((process, message_id), ())
        if not speaks:
            waiting = [heard for heard in waiting if heard.fence == fence or not heard.speaks]
        return next((heard for heard in waiting if heard.fence == fence), next(iter(waiting), None))

    def recorded(self, process: str, message_id: MessageId, fence: int, *, speaks: bool = True) -> Heard | None:
        """A process wrote down what it heard under a claim, if it heard anything."""
        if (heard := self.heard_under(process, message_id, fence, speaks=speaks)) is not None:
            self.unrecorded[process, message_id].remove(heard)
            if not self.unrecorded[process, message_id]:
                del self.unrecorded[process, message_id]
        return heard

    def forgotten(self, process: str) -> list[MessageId]:
        """A process is gone, with all that it has not written down."""
        gone = [key for key in self.unrecorded if key[0] == process]
        for key in gone:
            del self.unrecorded[key]
        return [key[1] for key in gone]

    def looked(self, process: str, message_id: MessageId, state: str, fence: int, sender: str, now: datetime) -> None:
        """A process was told that a message may go."""
        breaker = self.breakers[sender]
        shut = breaker.shut(now)
        half_open = breaker.opened_at is not None and not shut
        self.looks[process, message_id] = LookFact(self.next(), state, fence, shut, half_open)

    def called(self, call: Call) -> None:
        """A request left."""
        self.calls.append(call)
        self.calls_of[call.id].append(call)
        if not call.frozen:
            self.calls_by[call.sender.name].append(call)

    def set_clock(self, at_s: float, by: timedelta) -> None:
        """The machine's clock was set."""
        self.clock_sets.append(at_s)
        self.ahead_s += max(0.0, by.total_seconds())
        self.ahead_since.append((at_s, self.ahead_s))

    def ahead_before(self, at_s: float) -> float:
        """By how much the clock had been set forward a second before."""
        return max((ahead_s for since, ahead_s in self.ahead_since if since < at_s - 1.0), default=0.0)

    def clock_was_set(self, at_s: float) -> bool:
        """Whether the clock was set within the second before, so that a claim and its request read it differently."""
        return bool(self.clock_sets) and self.clock_sets[-1] > at_s - 1.5

    def gone(self, message_id: MessageId, cause: SuppressionCause | None) -> None:
        """A receipt of this message was taken in: its address bounced, or its owner complained."""
        if cause is not None:
            bounced = cause is SuppressionCause.BOUNCED
            channel = self.campaigns[message_id.campaign_id].plan.step(message_id.step).channel
            own = [
                key
                for key in self.keys_of(message_id.contact_id)
                if not bounced or ("@" in key) is (channel is Channel.EMAIL)
            ]
            self.told_gone |= {(key, channel if bounced else None) for key in own}

    def has_written_since_refusal(self, message_id: MessageId) -> bool:
        """Whether its contact has written since a process was first told that the message's window was closed."""
        told = min(self.told_closed[message_id].values(), default=0)
        return any(self.wrote.get(key, -1) > told for key in self.keys_of(message_id.contact_id))

    def place_of(self, message_id: MessageId) -> Place:
        """Where a message's contact is."""
        draft = self.contacts[message_id.contact_id]
        if (notice := NoticeStep.parse(message_id.step)) is not None and notice.kind not in TO_HOST:
            return self.meeting_places[notice.meeting_id]
        return draft.place or self.campaigns[message_id.campaign_id].plan.place

    def keys_of(self, contact_id: str) -> Sequence[str]:
        """Under what a contact may be suppressed."""
        draft = self.contacts[contact_id]
        return [key for key in (draft.phone_key, draft.email_key) if key]

    def may_repeat(self, sender: str) -> bool:
        """Whether this sender's doubts are repeated by its policy."""
        return self.senders[sender].doubt_policy.value == "resend" and not self.providers[sender].asks

    def may_be_repeated(self, message_id: MessageId) -> bool:
        """Whether a sender that repeats has tried it."""
        return any(self.may_repeat(call.sender.name) for call in self.calls_of[message_id])

    def copies_of(self, message_id: MessageId) -> list[Call]:
        """The requests of a message that some provider took."""
        return [call for call in self.calls_of.get(message_id, ()) if call.taken_at_s is not None]

    def was_frozen(self, message_id: MessageId) -> bool:
        """Whether one of its requests left long after its last look."""
        return any(call.frozen for call in self.calls_of[message_id])
