"""Looking at a sender's permits without taking any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.instants import MILLISECOND, from_ms, to_ms
from disparo.domain.policies.circuit_breaker import Admission, admit
from disparo.domain.policies.rate_limit import Grant, reserve
from disparo.domain.sender import Sender
from disparo.ports.ledger import Ledger


async def next_permit(ledger: Ledger, sender: Sender, campaign: Campaign, now: datetime) -> Grant:
    """What the sender's and the campaign's limits would give its next message at `now`; nothing is taken."""
    own = replace(sender, name=sender.campaign_book(campaign.id), limits=campaign.limits_on(sender.channel))
    books = [await ledger.book(book.name, 1, book) for book in (sender, own)]
    return reserve(books, 1, to_ms(now))


@dataclass(frozen=True, slots=True)
class SenderState:
    """How a sender is: its breaker, and of each window of its limits the name, the permits given and the limit.

    `next_at` is when its next permit comes, None at once, and `limited_by` the window that it waits for.
    """

    breaker: Admission
    used: Sequence[tuple[str, int, int]]
    next_at: datetime | None = None
    limited_by: str = ""


async def look_at(ledger: Ledger, sender: Sender, now: datetime) -> SenderState:
    """How a sender is at `now`."""
    book = await ledger.book(sender.name, 1, sender)
    breaker = admit(sender.breaker, await ledger.breaker(sender.name), now)
    windows = sender.limits.windows()
    given = await ledger.given_since(sender.name, [now - length_ms * MILLISECOND for _, _, length_ms in windows])
    used = [(name, count, limit) for (name, limit, _), count in zip(windows, given, strict=True)]
    grant = reserve([book], 1, to_ms(now))
    if grant.next_at_ms is None:
        return SenderState(breaker, used)
    return SenderState(breaker, used, from_ms(grant.next_at_ms), grant.reason.rpartition(":")[2])
