"""Prices of providers, as options give them, and what messages cost at them: shared by `forecast` and `cost`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.entrypoints.cli.options import one_of
from disparo.entrypoints.words import words
from disparo.usecases.cost import ChannelCost

Prices: TypeAlias = Annotated[
    tuple[str, ...],
    Parameter(
        name="--price", help="canal=preço de uma mensagem no seu provedor, como whatsapp=0.0625; pode ser repetida."
    ),
]
Currency: TypeAlias = Annotated[str, Parameter(name="--currency", help="Moeda dos preços de --price.")]


def by_channel(texts: Sequence[str], option: str) -> Mapping[Channel, float]:
    """`channel=number` options; InputError for what is no channel or no number, and for a channel given twice."""
    found: dict[Channel, float] = {}
    for text in texts:
        name, _, value = text.partition("=")
        channel = one_of(Channel, name, option)
        try:
            number = float(value.strip().replace(",", "."))
        except ValueError:
            number = math.nan
        if not 0 <= number < math.inf:
            raise InputError(f"{option} {text}: escreva canal=número, como {option} whatsapp=0.0625")
        if channel in found:
            raise InputError(f"{option} {text}: o canal {name.strip()} já foi dado")
        found[channel] = number
    return found


def document(costs: Sequence[ChannelCost], currency: str) -> dict[str, Any]:
    """The costs as JSON; channels without a price have null and are not in the total."""
    return {
        "currency": currency,
        "channels": [
            {
                "channel": cost.channel,
                "messages": round(cost.messages),
                "price": cost.price,
                "amount": None if cost.amount is None else round(cost.amount, 4),
            }
            for cost in costs
        ],
        "total": round(total(costs), 4),
    }


def total(costs: Sequence[ChannelCost]) -> float:
    """What is known of it."""
    return sum(cost.amount or 0.0 for cost in costs)


def sentence(costs: Sequence[ChannelCost], currency: str) -> str:
    """The costs in a sentence for people."""
    parts = [_part(cost, currency) for cost in costs]
    return f"Nos provedores: {'; '.join(parts)}. Total: {amount(total(costs), currency)}."


def _part(cost: ChannelCost, currency: str) -> str:
    messages = number(cost.messages)
    if cost.price is None or cost.amount is None:
        return f"{words(cost.channel)} {messages}, sem preço"
    return f"{words(cost.channel)} {messages} a {number(cost.price, '#,##0.00####')} = {amount(cost.amount, currency)}"


def amount(value: float, currency: str) -> str:
    """`1.234,50 USD`; the currency is free text, so it is written as it was given."""
    return f"{number(value, '#,##0.00')} {currency}"


def number(value: float, pattern: str = "#,##0") -> str:
    """A number as people in Brazil write it."""
    from babel.numbers import format_decimal

    return format_decimal(value, pattern, locale="pt_BR")
