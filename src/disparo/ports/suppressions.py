"""Addresses that must not be messaged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.suppression import Suppression


class Suppressions(Protocol):
    """Keeps suppressions; adding one that is there changes nothing.

    One may be kept as the hash of its key (`hashed_key`): it holds for whoever has the key, and is told under the key
    that was asked for.
    """

    async def add(self, suppressions: Sequence[Suppression]) -> int:
        """Keep these, then cancel all their messages that have not begun; how many were cancelled.

        From its return on no message to these keys begins (I5): claims leave them out, and `clear_to_send` refuses
        what was already claimed. TypeError, and nothing kept, for what is no text. A call that was killed may have kept
        some and cancelled some, never cancelled what it has not kept; the same call again ends it.

        A hash names nobody, so what waits is not cancelled by it but refused at its turn, unless `enforce` comes first.
        """
        ...

    async def enforce(self, keys: Sequence[str], now: datetime) -> int:
        """Cancel what has not begun of everybody with one of these keys, by what is kept of the key or its hash."""
        ...

    async def remove(self, key: str) -> bool:
        """Forget every suppression of a key, its hash's too; False when there was none. Cancelled messages stay so."""
        ...

    async def conceal(self, keys: Sequence[str]) -> int:
        """Keep what is kept of these keys by their hashes only, without a source; how many were changed.

        They hold as before, at every moment, and a list of suppressions no longer tells who it was (LGPD).
        """
        ...

    async def matching(self, keys: Sequence[str]) -> Sequence[Suppression]:
        """Those of these keys that are suppressed, in any channel, be it by their hash."""
        ...

    async def page(self, after: str, limit: int) -> Sequence[Suppression]:
        """Suppressions in order of key, from behind `after`."""
        ...
