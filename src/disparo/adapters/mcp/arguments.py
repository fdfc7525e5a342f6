"""A tool's arguments, written once with placeholders and filled for each call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

Value = str | bool | int | list[Any] | None
"""What a placeholder stands for; None is nothing."""

_NOTHING = object()


def filled(arguments: Mapping[str, Any], values: Mapping[str, Value]) -> dict[str, Any]:
    """The arguments with each placeholder replaced, once: what a value holds is never read as a template.

    A placeholder alone keeps its type, and is left out with its argument when there is nothing for it; within a longer
    text nothing is an empty text. A list or object whose placeholders all had nothing is left out too.
    """
    done = _filled(arguments, values)
    return done if isinstance(done, dict) else {}


def _filled(node: Any, values: Mapping[str, Value]) -> Any:
    if isinstance(node, str):
        alone = PLACEHOLDER.fullmatch(node)
        if alone:
            value = values.get(alone[1])
            return _NOTHING if value is None else value
        return PLACEHOLDER.sub(lambda found: _text(values.get(found[1])), node)
    if isinstance(node, Mapping):
        entries = {name: _filled(value, values) for name, value in node.items()}
        kept: Any = {name: value for name, value in entries.items() if value is not _NOTHING}
        return kept if kept or not node else _NOTHING
    if isinstance(node, list):
        items = [_filled(value, values) for value in node]
        kept = [value for value in items if value is not _NOTHING]
        return kept if kept or not node else _NOTHING
    return node


def _text(value: Value) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)


def placeholders(node: Any) -> Iterator[str]:
    """The names of every placeholder in arguments."""
    if isinstance(node, str):
        yield from PLACEHOLDER.findall(node)
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from placeholders(value)
    elif isinstance(node, list):
        for value in node:
            yield from placeholders(value)
