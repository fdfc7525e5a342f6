"""Why a message has not been sent, told by the rules that decide it (I12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.contact import Contact
from disparo.domain.errors import NotFoundError
from disparo.domain.instants import from_ms
from disparo.domain.message import SETTLED, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.policies.circuit_breaker import admit
from disparo.domain.policies.eligibility import eligible
from disparo.domain.policies.lane_opening import BEFORE_START, lane_decision
from disparo.domain.sender import Sender
from disparo.ports.store import Store
from disparo.usecases.sender_look import next_permit


class Verdict(StrEnum):
    """What stands first in a message's way; the codes and their details are told in `docs/why.md`."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    DEAD = "dead"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    WITH_A_WORKER = "with_a_worker"
    IN_DOUBT = "in_doubt"
    WAITING_FOR_STEP = "waiting_for_step"
    WAITING_TO_FOLLOW = "waiting_to_follow"
    CAMPAIGN_DRAFT = "campaign_draft"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    CAMPAIGN_COMPLETED = "campaign_completed"
    NOT_ENTERED_YET = "not_entered_yet"
    NOT_IN_AUDIENCE = "not_in_audience"
    BACKING_OFF = "backing_off"
    NOT_DUE_YET = "not_due_yet"
    BEFORE_START = "before_start"
    LANE_CLOSED = "lane_closed"
    NO_SENDER = "no_sender"
    BREAKER_OPEN = "breaker_open"
    BREAKER_PROBING = "breaker_probing"
    SENDER_LIMIT = "sender_limit"
    CAMPAIGN_LIMIT = "campaign_limit"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    MAY_GO_NOW = "may_go_now"


class Remark(StrEnum):
    """What is told beside the verdict."""

    LAST_WORD = "last_word"
    DOUBT_POLICY = "doubt_policy"
    EARLIER_STEP = "earlier_step"
    FOLLOWS = "follows"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that bears on a message: a Verdict or Remark, its detail, and until when it holds, if known."""

    code: str
    detail: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a message stands and why: `verdict` is the code of the first of the `facts`.

    For a message that waits to be sent the facts are everything that stands in its way at present, in the order in
    which the engine looks. `since` is when the message came into its state, `until` when the verdict ends by itself,
    where that is known. `message` is None when the campaign has no row for this contact (yet).
    """

    id: MessageId
    message: MessageRecord | None
    verdict: str
    facts: Sequence[Fact]
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A message and what its fate depends on."""

    store: Store
    campaign: Campaign
    record: MessageRecord
    senders: Sequence[Sender]
    now: datetime


async def why(store: Store, message_id: str, senders: Sequence[Sender], now: datetime) -> Explanation:
    """Why this message was not sent yet, or what became of it.

    `may_go_now` means that the next claim takes it, or others that stand before it in its queue. NotFoundError for an
    id that stands for no campaign, no step of it or no contact, and for an answer or a notice that was never entered.
    """
    wanted = MessageId.parse(message_id)
    campaign = await store.campaigns.get(wanted.campaign_id)
    wanted = wanted._replace(campaign_id=campaign.id)  # a name does as well
    try:
        record = await store.ledger.get(wanted)
    except NotFoundError:
        if campaign.standing:  # nobody can say whom it will write to
            raise
        facts = _absence(campaign, wanted, await store.contacts.get(wanted.contact_id))
        return Explanation(wanted, None, facts[0].code, facts)
    serving = [one for one in senders if one.channel is record.channel and campaign.goes_by(one.name)]
    case = _Case(store, campaign, record, serving, now)
    facts = await _facts(case)
    return Explanation(wanted, record, facts[0].code, facts, record.changed_at, facts[0].until)


async def if_due(store: Store, record: MessageRecord, senders: Sequence[Sender], now: datetime) -> Sequence[Fact]:
    """What would keep a message from going if it were due at `now`, as after a redrive; nothing: it would go at once.

    A completed campaign counts as running: a redrive opens it again. NotFoundError for one that is gone.
    """
    campaign = await store.campaigns.get(record.id.campaign_id)
    if campaign.state is CampaignState.COMPLETED:
        campaign = replace(campaign, state=CampaignState.RUNNING)
    serving = [one for one in senders if one.channel is record.channel and campaign.goes_by(one.name)]
    due = replace(record, state=MessageState.DUE, due_at=now)
    return await _obstacles(_Case(store, campaign, due, serving, now))


def _absence(campaign: Campaign, wanted: MessageId, contact: Contact) -> list[Fact]:
    """Why there is no row."""
    if not 1 <= wanted.step <= len(campaign.steps):
        raise NotFoundError(
            f'a campanha "{campaign.name}" não tem passo {wanted.step}; escreva de 1 a {len(campaign.steps)}'
        )
    if contact.list_name != campaign.list_name:
        return [Fact(Verdict.NOT_IN_AUDIENCE, "other_list")]
    if campaign.launched:
        return [Fact(Verdict.NOT_IN_AUDIENCE, "came_after_start")]
    return [*_campaign_state(campaign), Fact(Verdict.NOT_ENTERED_YET)]


def _campaign_state(campaign: Campaign) -> list[Fact]:
    return [] if campaign.state is CampaignState.RUNNING else [Fact(Verdict(f"campaign_{campaign.state}"))]


async def _facts(case: _Case) -> list[Fact]:
    record = case.record
    if record.state in SETTLED:
        return [Fact(Verdict(record.state), record.reason), *await _last_word(case)]
    if record.state is MessageState.IN_DOUBT:
        return _doubt(case)
    if record.state in (MessageState.CLAIMED, MessageState.SENDING):
        return [Fact(Verdict.WITH_A_WORKER, str(record.state), record.due_at)]
    if record.state is MessageState.WAITING:
        return [*await _waiting(case), *_campaign_state(case.campaign), *_deadline(case.campaign)]
    obstacles = await _obstacles(case) or [Fact(Verdict.MAY_GO_NOW)]
    return [*obstacles, *_deadline(case.campaign)]


async def _last_word(case: _Case) -> list[Fact]:
    journal = await case.store.ledger.journal(case.record.id)
    return [Fact(Remark.LAST_WORD, last.detail or last.reason or last.event) for last in journal[-1:]]


def _doubt(case: _Case) -> list[Fact]:
    facts = [Fact(Verdict.IN_DOUBT, case.record.reason, case.record.due_at)]
    if case.senders:
        sender = case.senders[0]
        facts.append(Fact(Remark.DOUBT_POLICY, sender.doubt_policy, case.record.changed_at + sender.doubt_wait))
    return facts


async def _waiting(case: _Case) -> list[Fact]:
    rows = await case.store.ledger.rows_of(case.campaign.id, case.record.id.contact_id)
    earlier = [row for row in rows if row.id.step < case.record.id.step and row.state not in SETTLED]
    step = case.campaign.step(case.record.id.step)
    follows = Fact(Remark.FOLLOWS, f"{step.when}:{step.wait}")
    if not earlier:
        return [Fact(Verdict.WAITING_TO_FOLLOW), follows]
    first = earlier[0]
    return [
        Fact(Verdict.WAITING_FOR_STEP, str(first.id.step)),
        Fact(Remark.EARLIER_STEP, f"{first.id}:{first.state}", first.due_at),
        follows,
    ]


def _deadline(campaign: Campaign) -> list[Fact]:
    return [Fact(Remark.DEADLINE, "", campaign.expires_at)] if campaign.expires_at else []


async def _obstacles(case: _Case) -> list[Fact]:
    """What keeps a due message from going, in the order in which a claim and the last look find it."""
    return [
        *_campaign_state(case.campaign),
        *await _moment(case),
        *_lane(case),
        *await _sender(case),
        *await _contact(case),
    ]


async def _moment(case: _Case) -> list[Fact]:
    due_at = case.record.due_at
    if due_at is None or due_at <= case.now:
        return []
    journal = await case.store.ledger.journal(case.record.id)
    if journal and journal[-1].event == MessageEvent.RETRY:
        return [Fact(Verdict.BACKING_OFF, case.record.reason, due_at)]
    step = case.campaign.step(case.record.id.step)
    # What was entered by itself was given its instant: there is no step before it to wait for.
    wait = step.template.name if case.campaign.standing else str(step.wait)
    return [Fact(Verdict.NOT_DUE_YET, wait, due_at)]


def _lane(case: _Case) -> list[Fact]:
    decision = lane_decision(case.campaign, case.record.place, case.now)
    if decision.open:
        return []
    if decision.reason == BEFORE_START:
        return [Fact(Verdict.BEFORE_START, "", decision.changes_at)]
    detail = f"{decision.reason}:{decision.detail}" if decision.detail else decision.reason
    return [Fact(Verdict.LANE_CLOSED, detail, decision.changes_at)]


async def _sender(case: _Case) -> list[Fact]:
    """What stands in the way of every sender: of several, what the one says that may send first."""
    if not case.senders:
        return [Fact(Verdict.NO_SENDER, case.record.channel)]
    found = [await _holdups(case, sender) for sender in case.senders]
    return min(found, key=lambda facts: max((fact.until or case.now for fact in facts), default=case.now))


async def _holdups(case: _Case, sender: Sender) -> list[Fact]:
    facts = []
    admission = admit(sender.breaker, await case.store.ledger.breaker(sender.name), case.now)
    if admission.allowed == 0:
        facts.append(Fact(Verdict(admission.reason), sender.name, admission.changes_at))
    grant = await next_permit(case.store.ledger, sender, case.campaign, case.now)
    if grant.next_at_ms is not None:
        book, _, window = grant.reason.rpartition(":")
        of_campaign = book == sender.campaign_book(case.campaign.id)
        code = Verdict.CAMPAIGN_LIMIT if of_campaign else Verdict.SENDER_LIMIT
        facts.append(Fact(code, window, from_ms(grant.next_at_ms)))
    return facts


async def _contact(case: _Case) -> list[Fact]:
    contact = await case.store.contacts.get(case.record.id.contact_id)
    suppressions = await case.store.suppressions.matching(contact.keys)
    channel = case.record.channel
    found = eligible(channel, phone=contact.phone, email=contact.email, keys=contact.keys, suppressions=suppressions)
    if found.ok:
        return []
    return [Fact(Verdict.SUPPRESSED if contact.address(channel) else Verdict.NO_ADDRESS, found.reason)]
