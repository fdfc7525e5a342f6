"""Looking at a sender's permits without taking any."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.instants import to_ms
from disparo.domain.policies.rate_limit import Grant, reserve
from disparo.domain.sender import Sender
from disparo.ports.ledger import Ledger


async def next_permit(ledger: Ledger, sender: Sender, campaign: Campaign, now: datetime) -> Grant:
    """What the sender's and the campaign's limits would give its next message at `now`; nothing is taken."""
    own = replace(sender, name=sender.campaign_book(campaign.id), limits=campaign.limits_on(sender.channel))
    books = [await ledger.book(book.name, 1, book) for book in (sender, own)]
    return reserve(books, 1, to_ms(now))
