"""An estimate beside the source document's, and what providers ask for messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from disparo.domain.cloud_cost import Estimate, Item
from disparo.domain.contact import Channel

Range = tuple[float, float]

DOCUMENT: Mapping[str, Mapping[Item, Range]] = MappingProxyType(
    {
        "dev": {
            Item.LAMBDA: (5, 10),
            Item.DYNAMODB: (5, 15),
            Item.SQS: (1, 2),
            Item.EVENTBRIDGE: (1, 1),
            Item.SECRETS_MANAGER: (2, 2),
        },
        "prod": {
            Item.LAMBDA: (50, 100),
            Item.DYNAMODB: (50, 100),
            Item.SQS: (5, 10),
            Item.EVENTBRIDGE: (5, 5),
            Item.SECRETS_MANAGER: (2, 2),
        },
    }
)
"""USD a month by environment (source document, "Estimativa de Custos"): lowest and highest."""

DOCUMENT_MESSAGES_PER_DAY = 10_000
"""The document's traffic for PROD; for DEV it names none."""


class Verdict(StrEnum):
    """Where our figure lies next to the document's."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of ours in USD and the document's range; None as the item stands for the total."""

    item: Item | None
    usd: float
    document: Range | None

    @property
    def verdict(self) -> Verdict:
        """Rounded to whole dollars, as the document's figures are."""
        if self.document is None:
            return Verdict.ABSENT
        low, high = self.document
        if round(self.usd) < low:
            return Verdict.BELOW
        return Verdict.ABOVE if round(self.usd) > high else Verdict.WITHIN


def compare(estimate: Estimate, environment: str) -> list[Comparison]:
    """Every item in the order of the estimate, and the total last; `environment` is `dev` or `prod`."""
    document = DOCUMENT[environment]
    low, high = (sum(one[side] for one in document.values()) for side in (0, 1))
    items = [Comparison(item, estimate.of(item), document.get(item)) for item in Item]
    return [*items, Comparison(None, estimate.total, (low, high))]


@dataclass(frozen=True, slots=True)
class ChannelCost:
    """What the messages of a channel cost at its provider; None where no price was given."""

    channel: Channel
    messages: float
    price: float | None

    @property
    def amount(self) -> float | None:
        """In the currency of the price."""
        return None if self.price is None else self.price * self.messages


def provider_costs(messages: Mapping[Channel, float], prices: Mapping[Channel, float]) -> Sequence[ChannelCost]:
    """The cost of messages by channel, in the order of the channels; a channel without messages is left out."""
    return [ChannelCost(one, messages[one], prices.get(one)) for one in Channel if messages.get(one)]
