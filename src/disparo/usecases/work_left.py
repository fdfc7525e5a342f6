"""Whether a worker that is to end by itself still has something to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from disparo.domain.campaign import Campaign, CampaignState
from disparo.domain.message import MessageState
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store

SOON = timedelta(minutes=1)
"""What is due within this time is waited for: a retry, a meeting that begins to be looked at."""

PAGE = 500
_WORKING = (CampaignState.RUNNING, CampaignState.CANCELLED)
_OPEN = frozenset(
    {MessageState.WAITING, MessageState.DUE, MessageState.CLAIMED, MessageState.SENDING, MessageState.IN_DOUBT}
)


async def is_work_left(store: Store, live: Sequence[Campaign], now: datetime) -> bool:
    """Whether one of the `live` campaigns runs, or a meeting, a notice or an answer is due soon.

    What is due counts also while its hours are closed; a paused campaign does not, nor a reminder of next week.
    """
    if any(one.state in _WORKING and not one.standing for one in live):
        return True
    next_due = await store.meetings.next_due()
    # Meetings first: what they bring about is entered before they are due no more.
    if next_due is not None and next_due <= now + SOON:
        return True
    return any([await _has_due(store, one.id, now) for one in live if one.standing and one.state in _WORKING])


async def _has_due(store: Store, campaign_id: str, now: datetime) -> bool:
    wanted, after = MessageFilter(campaign_id, _OPEN), None
    while page := await store.ledger.page(wanted, after, PAGE):
        held = (MessageState.CLAIMED, MessageState.SENDING)
        if any(row.state in held or (row.due_at is not None and row.due_at <= now + SOON) for row in page):
            return True
        after = page[-1].id
    return False
