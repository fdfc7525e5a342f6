"""Launch: each contact of a started campaign gets its ledger rows, page by page."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from disparo.domain.campaign import Campaign, CampaignState, Step
from disparo.domain.contact import Contact
from disparo.domain.message import MessageState
from disparo.domain.policies.eligibility import eligible
from disparo.domain.sequence import advance
from disparo.domain.suppression import Suppression
from disparo.engine.lane_book import LaneBook
from disparo.ports.ledger import Ledger, NewMessage

PAGE = 1000


class Launch:
    """Enters one page of contacts for each campaign that has some left.

    The cursor moves with the rows, so a kill loses nothing and enters nobody twice; several workers may launch at
    once. A paused campaign waits.
    """

    def __init__(self, ledger: Ledger, lanes: LaneBook) -> None:
        self._ledger, self._lanes = ledger, lanes

    async def run(self, now: datetime) -> datetime | None:
        """Enter the next pages; `now` when there were any, None when all are entered."""
        await self._lanes.refresh()
        entered = False
        for campaign in self._lanes.campaigns():
            if campaign.state is not CampaignState.RUNNING or campaign.launched:
                continue
            page = await self._ledger.launch_page(campaign, PAGE)
            rows = [
                row
                for contact, suppressions in zip(page.contacts, page.suppressions, strict=True)
                for row in first_rows(campaign, contact, suppressions, now)
            ]
            await self._ledger.enroll(campaign, page, rows, now)
            entered = True
        return now if entered else None


def first_rows(
    campaign: Campaign, contact: Contact, suppressions: Collection[Suppression], now: datetime
) -> list[NewMessage]:
    """A contact's rows at the start: the first step that can reach it is due, later ones wait, others are cancelled."""
    # The whole place, also where these hours do not tell regions apart: an operator may change them.
    place = contact.place or campaign.place

    def unreachable(step: Step) -> str | None:
        found = eligible(
            step.channel, phone=contact.phone, email=contact.email, keys=contact.keys, suppressions=suppressions
        )
        return None if found.ok else found.reason

    plan = advance(campaign.steps, 0, True, unreachable)
    cancelled = dict(plan.cancelled)
    rows = []
    for number, step in enumerate(campaign.steps, start=1):
        state, reason, due_at = MessageState.WAITING, cancelled.get(number) or unreachable(step) or "", None
        if reason:
            state = MessageState.CANCELLED
        elif number == plan.next_step:
            state, due_at = MessageState.DUE, step.wait.after(now, campaign.hours, place)
        rows.append(NewMessage(contact.id, number, step.channel, place, state, contact.priority, due_at, reason))
    return rows
