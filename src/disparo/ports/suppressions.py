"""Addresses that must not be messaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from disparo.domain.suppression import Suppression


class Suppressions(Protocol):
    """Keeps suppressions; adding one that is there changes nothing."""

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """Keep these, then cancel all their messages that have not begun; how many were cancelled.

        From its return on no message to these keys begins (I5): claims leave them out, and `clear_to_send` refuses
        what was already claimed. TypeError, and nothing kept, for what is no text. A call that was killed may have kept
        some and cancelled some, never cancelled what it has not kept; the same call again ends it.
        """
        ...

    async def remove(self, key: str) -> bool:
        """Forget every suppression of a key; False when there was none. Cancelled messages stay cancelled."""
        ...

    async def matching(self, keys: Sequence[str]) -> Sequence[Suppression]:
        """Those of these keys that are suppressed, in any channel."""
        ...

    async def page(self, after: str, limit: int) -> Sequence[Suppression]:
        """Suppressions in order of key, from behind `after`."""
        ...
