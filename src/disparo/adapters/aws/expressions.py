"""Changes and queries as requests of DynamoDB: expressions with placeholders, so that no name is a reserved word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from disparo.adapters.aws.attribute_values import AttributeValue, encoded, encoded_item
from disparo.adapters.aws.tables import TOKEN, Absent, Change, Check, Condition, Item, Put, Update, Value

Request = dict[str, Any]


class _Placeholders:
    """Names and values of one request, each given a placeholder when it is first used."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, AttributeValue] = {}

    def name(self, attribute: str) -> str:
        return self._names.setdefault(attribute, f"#{len(self._names)}")

    def value(self, value: Value) -> str:
        placeholder = f":{len(self._values)}"
        self._values[placeholder] = encoded(value)
        return placeholder

    def fields(self) -> Request:
        fields: Request = {}
        if self._names:
            fields["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in self._names.items()}
        if self._values:
            fields["ExpressionAttributeValues"] = self._values
        return fields


def change_request(change: Change | Check, table_name: str, token: str | None = None) -> Request:
    """What PutItem, UpdateItem, DeleteItem, and their likes in a transaction, have in common.

    With a token, the item that is left carries it.
    """
    used = _Placeholders()
    mark: Item = {} if token is None else {TOKEN: token}
    request: Request = {"TableName": table_name}
    if isinstance(change, Put):
        request["Item"] = encoded_item({**change.item, **mark})
    else:
        request["Key"] = encoded_item(change.key)
    if isinstance(change, Update):
        request["UpdateExpression"] = _update_expression(change, mark, used)
    if change.when:
        request["ConditionExpression"] = _condition_expression(change.when, used)
    return request | used.fields()


def query_request(keys: tuple[str, str | None], value: str, lowest: str | None, highest: str | None) -> Request:
    """The key condition of a Query: one hash value, and the range attribute between the bounds, inclusive."""
    used = _Placeholders()
    hash_name, range_name = keys
    parts = [f"{used.name(hash_name)} = {used.value(value)}"]
    if range_name is not None and lowest is not None and highest is not None:
        parts.append(f"{used.name(range_name)} BETWEEN {used.value(lowest)} AND {used.value(highest)}")
    elif range_name is not None and (bound := lowest if highest is None else highest) is not None:
        sign = ">=" if highest is None else "<="
        parts.append(f"{used.name(range_name)} {sign} {used.value(bound)}")
    return {"KeyConditionExpression": " AND ".join(parts)} | used.fields()


def _condition_expression(when: Condition, used: _Placeholders) -> str:
    return " AND ".join(
        f"attribute_not_exists({used.name(name)})"
        if isinstance(wanted, Absent)
        else f"{used.name(name)} = {used.value(wanted)}"
        for name, wanted in when.items()
    )


def _update_expression(update: Update, mark: Item, used: _Placeholders) -> str:
    name, value = used.name, used.value
    settings = [f"{name(one)} = {value(wanted)}" for one, wanted in (*update.set.items(), *mark.items())]
    settings += [
        f"{name(one)} = if_not_exists({name(one)}, {value(wanted)})" for one, wanted in update.set_if_absent.items()
    ]
    clauses: tuple[tuple[str, Sequence[str]], ...] = (
        ("SET", settings),
        ("ADD", [f"{name(one)} {value(more)}" for one, more in update.add.items()]),
        ("DELETE", [f"{name(one)} {value(less)}" for one, less in update.take.items()]),
        ("REMOVE", [name(one) for one in update.remove]),
    )
    return " ".join(f"{word} {', '.join(actions)}" for word, actions in clauses if actions)
