"""The rows of notices that have come to their end, packed: somebody who meets often has thousands of them.

A row takes about 190 bytes as JSON, and packed 75, of which its provider's id is 60. So the most that is kept takes
about 120 KB of an item's 400. Packed rows are rows like all others: a late receipt finds them.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from disparo.adapters.aws.attributes import as_json
from disparo.domain.agenda.notice import KINDS_WIDTH
from disparo.domain.message import SETTLED

PACKED_FROM = 50
"""So many of them, before packing is worth its while."""

MOST_KEPT = 4_000
"""Of a contact in one campaign; what ended longest ago is forgotten beyond. That is a thousand meetings later, and a
meeting says itself what was told of it."""

IDS_KEPT = 1_000
"""The latest of them keep their provider's id."""

_STATE, _PROVIDER_ID, _CHANGED_MS = 0, 5, 10
"""Where these stand in `AwsRow.as_list`."""

_SETTLED = frozenset(str(state) for state in SETTLED)

Kept = dict[int, list[Any]]
"""Rows by step, each as its values."""


def divided(rows: Kept) -> tuple[Kept, Kept]:
    """The rows that are kept as they are, and those to be packed: all notices at their end, when they are many."""
    if len(rows) < PACKED_FROM:
        return rows, {}
    old = {step: row for step, row in rows.items() if step > KINDS_WIDTH and row[_STATE] in _SETTLED}
    if len(old) < PACKED_FROM:
        return rows, {}
    rest = {step: row for step, row in rows.items() if step not in old}
    latest = sorted(old, key=lambda step: (old[step][_CHANGED_MS], step), reverse=True)[:MOST_KEPT]
    for step in latest[IDS_KEPT:]:
        old[step][_PROVIDER_ID] = None
    return rest, {step: old[step] for step in sorted(latest)}


def packed(rows: Mapping[int, list[Any]]) -> str:
    """Rows as one text."""
    return b64encode(zlib.compress(as_json(rows).encode())).decode()


def unpacked(text: str) -> Kept:
    """The rows of such a text."""
    return {int(step): row for step, row in json.loads(zlib.decompress(b64decode(text))).items()}
