"""Whether a dead letter may be sent again, and whether that might be a second message to somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from disparo.domain.campaign import Campaign, CampaignState, When
from disparo.domain.dead_letter import is_dead_letter
from disparo.domain.message import UNSENT_ENDS, MessageId, MessageRecord, MessageState
from disparo.domain.policies.eligibility import eligible
from disparo.ports.store import Store


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


FORCIBLE = frozenset({Refusal.HELD_IN_DOUBT, Refusal.REPLIED, Refusal.FALLBACK_SENT})
"""What a person may decide otherwise, knowing that somebody may get a second message."""


@dataclass(slots=True)
class Judge:
    """Says why messages may not go again; those that may count as under way for those asked about after them."""

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
