"""Messages that were given up, and sending them again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState, When
from disparo.domain.contact import Channel
from disparo.domain.errors import NotFoundError, TransitionError
from disparo.domain.message import UNSENT_ENDS, MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.policies.eligibility import eligible
from disparo.domain.settlement import Settlement
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store
from disparo.usecases.messages import MessageHistory, history

BATCH = 500

REDRIVABLE: Mapping[MessageState, frozenset[str] | None] = {
    MessageState.DEAD: None,
    MessageState.FAILED: frozenset(
        {
            # the template, or what is known of the contact
            *("missing_variable", "empty_value", "bad_value", "value_too_long", "output_too_long", "too_much_work"),
            *("line_break_in_subject", "text_empty", "subject_empty", "text_too_long", "subject_too_long"),
            *("html_too_long", "no_address"),
            # the provider did not take the message itself, whoever it was for
            *("message_refused", "permanent"),
        }
    ),
}
"""Which ends are dead letters: states, and the reasons (before a colon) that a person can mend; None is any reason."""


class Refusal(StrEnum):
    """Why a message is not sent again."""

    NOT_A_DEAD_LETTER = "not_a_dead_letter"
    """It did not end, or for a reason that sending again cannot mend."""
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    DEADLINE = "deadline"
    """The campaign's deadline is over: raise `deadline` with `campaigns.update`."""
    SUPPRESSED = "suppressed"
    NO_ADDRESS = "no_address"
    HELD_IN_DOUBT = "held_in_doubt"
    """It may have arrived: only with `force`."""
    REPLIED = "replied"
    """The contact has answered meanwhile, which stops this step: only with `force`."""
    FALLBACK_SENT = "fallback_sent"
    """A step that stands in its place, or in whose place it stands, has gone or is under way: only with `force`."""


@dataclass(frozen=True, slots=True)
class DeadLetterCount:
    """How many dead letters a step of a campaign has, by state and reason."""

    campaign_id: str
    campaign: str
    step: int
    channel: Channel
    state: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class RedriveReport:
    """How many are due again, and which are not (message id and why)."""

    redriven: int
    refused: Sequence[tuple[str, Refusal]]


def is_dead_letter(state: MessageState, reason: str) -> bool:
    """Whether a message that ended so may be sent again once a person has mended what was wrong."""
    if state not in REDRIVABLE:
        return False
    reasons = REDRIVABLE[state]
    return reasons is None or reason.partition(":")[0] in reasons


async def summary(store: Store, campaign: str | None) -> Sequence[DeadLetterCount]:
    """Dead letters by campaign (newest first), step, state and reason, of one campaign (name or id) or of all.

    From the counters, so it costs the same whatever their number. NotFoundError for an unknown campaign.
    """
    campaigns = await store.campaigns.all() if campaign is None else [await store.campaigns.get(campaign)]
    return [
        DeadLetterCount(
            one.id, one.name, tally.step, one.step(tally.step).channel, tally.state, tally.reason, tally.count
        )
        for one in campaigns
        for tally in await store.campaigns.tally(one.id)
        if tally.state in REDRIVABLE and is_dead_letter(MessageState(tally.state), tally.reason)
    ]


async def page(store: Store, wanted: MessageFilter, after: str | None, limit: int) -> Sequence[MessageRecord]:
    """Up to `limit` dead letters among the wanted ones, in order of campaign, contact and step, from behind `after`.

    Fewer than `limit` are the last ones. NotFoundError when `after` is no message id.
    """
    states = frozenset(REDRIVABLE) & (wanted.states if wanted.states is not None else frozenset(REDRIVABLE))
    narrowed = replace(wanted, states=states)
    cursor = None if after is None else MessageId.parse(after)
    found: list[MessageRecord] = []
    while len(found) < limit:
        rows = await store.ledger.page(narrowed, cursor, BATCH)
        found.extend(row for row in rows if is_dead_letter(row.state, row.reason))
        if len(rows) < BATCH:
            break
        cursor = rows[-1].id
    return found[:limit]


async def show(store: Store, message_id: str) -> MessageHistory:
    """One dead letter; NotFoundError when there is no such message, or it is no dead letter."""
    found = await history(store, message_id)
    if not is_dead_letter(found.record.state, found.record.reason):
        raise NotFoundError(
            f"a mensagem {message_id} não é uma carta morta; para saber o que houve com ela: disparo why {message_id}"
        )
    return found


async def redrive(
    store: Store, wanted: Sequence[str] | MessageFilter, now: datetime, *, force: bool = False
) -> RedriveReport:
    """Make dead letters due again at `now`: these message ids, or all that the filter finds.

    Retries start anew, a completed campaign is reopened, hours and limits hold as ever. What might become a second
    message to somebody (`held_in_doubt`, `replied`, `fallback_sent`) is refused unless `force`; who is suppressed is
    refused always (I5). What a failed step cancelled behind it stays cancelled. Asking twice is as once. NotFoundError,
    and nothing done, when an id stands for no message; of a filter, what was done before a kill stays done.
    """
    redriven, refused = 0, list[tuple[str, Refusal]]()
    async for records in _batches(store, wanted):
        judge = _Judge(store, now, force)
        ids = []
        for record in records:
            refusal = await judge.refusal(record)
            if refusal is None:
                ids.append(record.id)
            else:
                refused.append((str(record.id), refusal))
        done = await _settle(store, ids, now)
        redriven += len(done)
        refused.extend((str(one), Refusal.NOT_A_DEAD_LETTER) for one in ids if one not in done)
    return RedriveReport(redriven, refused)


async def _batches(store: Store, wanted: Sequence[str] | MessageFilter) -> AsyncIterator[Sequence[MessageRecord]]:
    if not isinstance(wanted, MessageFilter):
        yield [await store.ledger.get(MessageId.parse(one)) for one in dict.fromkeys(wanted)]
        return
    after: str | None = None
    while records := await page(store, wanted, after, BATCH):
        yield records
        after = str(records[-1].id)


async def _settle(store: Store, ids: Sequence[MessageId], now: datetime) -> set[MessageId]:
    """Make these due; which of them were."""
    campaigns = {one.campaign_id for one in ids}
    await _reopen(store, campaigns, now)  # first, so that a kill in between leaves no message in an ended campaign
    settlements = [Settlement(one, MessageEvent.REDRIVE, reason="redriven", due_at=now) for one in ids]
    changed = await store.ledger.settle(settlements, now) if settlements else []
    await _reopen(store, campaigns, now)  # a worker may have found it empty meanwhile
    return {one for one, did in zip(ids, changed, strict=True) if did}


async def _reopen(store: Store, campaign_ids: set[str], now: datetime) -> None:
    for campaign_id in sorted(campaign_ids):
        if (await store.campaigns.get(campaign_id)).state is CampaignState.COMPLETED:
            with suppress(TransitionError):  # somebody else was faster
                await store.campaigns.apply(campaign_id, CampaignEvent.REOPEN, now)


@dataclass(slots=True)
class _Judge:
    """Says why messages of one batch may not go again; those that may count as under way for the next ones."""

    store: Store
    now: datetime
    force: bool
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    chosen: set[MessageId] = field(default_factory=set)

    async def refusal(self, record: MessageRecord) -> Refusal | None:
        """Why this message is not sent again, or None when it is."""
        refusal = await self._refusal(record)
        if refusal is None:
            self.chosen.add(record.id)
        return refusal

    async def _refusal(self, record: MessageRecord) -> Refusal | None:
        if not is_dead_letter(record.state, record.reason):
            return Refusal.NOT_A_DEAD_LETTER
        campaign = await self._campaign(record.id.campaign_id)
        if campaign.state is CampaignState.CANCELLED:
            return Refusal.CAMPAIGN_CANCELLED
        if campaign.expires_at is not None and self.now >= campaign.expires_at:
            return Refusal.DEADLINE
        return await self._unreachable(record) or (None if self.force else await self._second(campaign, record))

    async def _campaign(self, campaign_id: str) -> Campaign:
        if campaign_id not in self.campaigns:
            self.campaigns[campaign_id] = await self.store.campaigns.get(campaign_id)
        return self.campaigns[campaign_id]

    async def _unreachable(self, record: MessageRecord) -> Refusal | None:
        contact = await self.store.contacts.get(record.id.contact_id)
        suppressions = await self.store.suppressions.matching(contact.keys)
        found = eligible(
            record.channel, phone=contact.phone, email=contact.email, keys=contact.keys, suppressions=suppressions
        )
        if found.ok:
            return None
        return Refusal.SUPPRESSED if contact.address(record.channel) else Refusal.NO_ADDRESS

    async def _second(self, campaign: Campaign, record: MessageRecord) -> Refusal | None:
        """Whether it might be a second message, or one that its contact's answer has made needless."""
        if record.reason == "held_in_doubt":
            return Refusal.HELD_IN_DOUBT
        rows = await self.store.ledger.rows_of(campaign.id, record.id.contact_id)
        instead = _alternatives(campaign, record.id.step)
        if any(row.id.step in instead and self._gone(row) for row in rows if row.id != record.id):
            return Refusal.FALLBACK_SENT
        if campaign.stops_on_reply(record.id.step):
            for row in rows:
                if any(line.event == "replied" for line in await self.store.ledger.journal(row.id)):
                    return Refusal.REPLIED
        return None

    def _gone(self, row: MessageRecord) -> bool:
        return row.id in self.chosen or row.state not in UNSENT_ENDS | {MessageState.WAITING}


def _alternatives(campaign: Campaign, step: int) -> range:
    """The steps of which a contact needs only one: this one, those it stands in for and those that stand in for it."""
    if campaign.standing:
        return range(step, step + 1)
    first, last = step, step
    while campaign.step(first).when is When.PREVIOUS_FAILED:
        first -= 1
    while last < len(campaign.steps) and campaign.step(last + 1).when is When.PREVIOUS_FAILED:
        last += 1
    return range(first, last + 1)
