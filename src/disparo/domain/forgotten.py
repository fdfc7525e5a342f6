"""Who was erased: known by hashes of their addresses alone, for as long as something of theirs may still come."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta

from disparo.domain.suppression import hashed_key

KNOWN_FOR = timedelta(days=30)
"""Longer than any provider brings a call again: Meta for up to seven days (Cloud API, Webhooks), others for three."""


def nobody_elses(keys: Iterable[str], shared: Collection[str]) -> list[str]:
    """Those of a person's keys that are to be known as forgotten: none that another contact, who stays, has."""
    return [key for key in keys if key not in shared]


def is_forgotten(keys: Iterable[str], forgotten: Collection[str]) -> bool:
    """Whether one of these keys is among the hashes of those who were erased; where nobody was, nothing is hashed."""
    return bool(forgotten) and any(hashed_key(key) in forgotten for key in keys)
