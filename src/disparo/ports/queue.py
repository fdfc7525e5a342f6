"""The queue that keeps tickets until shortly before their moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from disparo.domain.ticket import Ticket

LONGEST_DELAY = timedelta(minutes=15)
"""DelaySeconds is at most 900 (Amazon SQS API reference, SendMessageBatch)."""


class TicketQueue(Protocol):
    """Hands tickets to whoever carries them: each at least once, perhaps twice, in any order.

    Nothing depends on it but speed: a ticket that it loses costs its permit, and the message is due again when its
    lease has run out.
    """

    async def put(self, tickets: Sequence[tuple[Ticket, timedelta]]) -> None:
        """Hand in tickets, each to be delivered after its delay (at most `LONGEST_DELAY`, longer ones are cut).

        StoreError when some were not taken after several tries; the others are on their way.
        """
        ...

    async def depth(self) -> int:
        """About how many tickets could be taken now and were not: how far the carriers are behind."""
        ...
