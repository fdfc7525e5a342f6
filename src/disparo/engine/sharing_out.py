"""The senders of a channel share its traffic: what each claim tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from disparo.domain.contact import Channel
from disparo.domain.policies.sender_shares import SenderShares
from disparo.domain.sender import Sender
from disparo.ports.ledger import Claim


class HasSender(Protocol):
    """What a route has that matters here."""

    @property
    def sender(self) -> Sender:
        """Whose messages travel by it."""
        ...


def shares_of(routes: Mapping[str, HasSender]) -> dict[str, SenderShares]:
    """For each sender that is not alone on its channel, how it shares with the others."""
    by_channel: dict[Channel, list[Sender]] = {}
    for route in routes.values():
        by_channel.setdefault(route.sender.channel, []).append(route.sender)
    shares: dict[str, SenderShares] = {}
    for senders in by_channel.values():
        if len(senders) > 1:
            shared = SenderShares({one.name: one.weight for one in senders}, max(one.recovery for one in senders))
            shares.update(dict.fromkeys((one.name for one in senders), shared))
    return shares


def told(shares: SenderShares, sender: str, claim: Claim, allowed: int, now: datetime) -> None:
    """What a claim of up to `allowed` messages tells of its sender: how many it took, and what stops it now."""
    if claim.messages:
        shares.took(sender, len(claim.messages), now)
    if claim.blocked:
        shares.away(sender, claim.next_at, sick=claim.reason.startswith("breaker"))
    elif len(claim.messages) < allowed:
        shares.found_less(sender, now)
