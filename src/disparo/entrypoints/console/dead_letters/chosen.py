"""Which dead letters a page is about: what stands in its address, or in the hidden fields of its forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

from disparo.domain.contact import Channel
from disparo.domain.dead_letter import REDRIVABLE
from disparo.domain.message import MessageState
from disparo.entrypoints.console.own_path import link
from disparo.ports.ledger import MessageFilter
from disparo.ports.store import Store
from disparo.usecases.dead_letters import DeadLetterCount

PATH = "/console/dead-letters"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A filter as an address has it; empty is any."""

    campaign: str = ""
    channel: str = ""
    state: str = ""
    reason: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Self:
        """What is asked for; what cannot be is any."""
        channel, state = asked.get("channel", ""), asked.get("state", "")
        return cls(
            asked.get("campaign", "")[:100],
            channel if channel in set(Channel) else "",
            state if state in {str(one) for one in REDRIVABLE} else "",
            asked.get("reason", "")[:200],
        )

    @property
    def fields(self) -> Mapping[str, str]:
        """Those that say something."""
        return {name: value for name, value in asdict(self).items() if value}

    def path(self, below: str = "") -> str:
        """A page about them."""
        return link(PATH + below, self.fields)

    async def wanted(self, store: Store) -> MessageFilter:
        """As the ledger is asked; NotFoundError for an unknown campaign."""
        return MessageFilter(
            (await store.campaigns.get(self.campaign)).id if self.campaign else None,
            frozenset({MessageState(self.state)}) if self.state else None,
            reason=self.reason or None,
            channel=Channel(self.channel) if self.channel else None,
        )

    def fits(self, one: DeadLetterCount) -> bool:
        """Whether a group is of them."""
        return (
            self.campaign in ("", one.campaign, one.campaign_id)
            and self.channel in ("", one.channel)
            and self.state in ("", one.state)
            and self.reason in ("", one.reason)
        )

    def count(self, counts: Iterable[DeadLetterCount]) -> int:
        """How many they are."""
        return sum(one.count for one in counts if self.fits(one))


def of_group(one: DeadLetterCount) -> Chosen:
    """Those of a campaign that ended for the same reason."""
    return Chosen(one.campaign_id, one.channel, one.state, one.reason)


def grouped(counts: Sequence[DeadLetterCount]) -> Mapping[str, Sequence[DeadLetterCount]]:
    """By reason, the most frequent first, the largest of each first."""
    found: dict[str, list[DeadLetterCount]] = {}
    for one in sorted(counts, key=lambda one: -one.count):
        found.setdefault(one.reason, []).append(one)
    return dict(sorted(found.items(), key=lambda pair: -sum(one.count for one in pair[1])))
