"""Looking at a sender's permits without taking any."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from disparo.domain.campaign import Campaign
from disparo.domain.instants import to_ms
from disparo.domain.policies.rate_limit import Grant, Limits, reserve
from disparo.domain.sender import Sender
from disparo.ports.ledger import Ledger

NO_LIMITS = Limits()


def campaign_book(sender: Sender, campaign: Campaign) -> str:
    """The name of a campaign's own permit book at a sender, as claims write it."""
    return f"{sender.name}/{campaign.id}"


async def next_permit(ledger: Ledger, sender: Sender, campaign: Campaign, now: datetime) -> Grant:
    """What the sender's and the campaign's limits would give its next message at `now`; nothing is taken."""
    limits = campaign.limits.get(sender.channel, NO_LIMITS)
    own = replace(sender, name=campaign_book(sender, campaign), limits=limits)
    books = [await ledger.book(book.name, 1, book) for book in (sender, own)]
    return reserve(books, 1, to_ms(now))
