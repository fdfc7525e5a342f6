"""Items as DynamoDB's wire format writes them: each value under the letters of its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disparo.adapters.aws.tables import TOKEN, Item, Value

AttributeValue = dict[str, Any]
"""One value of the wire: {"S": text}, {"N": digits}, {"BOOL": truth} or {"SS": [texts]}."""


def encoded(value: Value) -> AttributeValue:
    """A value as it goes over the wire."""
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"SS": sorted(value)}


def encoded_item(item: Item) -> dict[str, AttributeValue]:
    """An item, or a key, as it goes over the wire."""
    return {name: encoded(value) for name, value in item.items()}


def decoded_item(item: Mapping[str, AttributeValue]) -> Item:
    """An item from the wire, without the token of whoever wrote it. ValueError for a type that we never write."""
    return {name: _decoded(name, value) for name, value in item.items() if name != TOKEN}


def _decoded(name: str, value: AttributeValue) -> Value:
    for kind, content in value.items():
        match kind:
            case "S":
                return str(content)
            case "N":
                return int(content)
            case "BOOL":
                return bool(content)
            case "SS":
                return frozenset(content)
    raise ValueError(f"attribute {name} is of a type that this program never writes: {', '.join(value)}")
