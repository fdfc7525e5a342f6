"""Stores that keep something of a person outside of their contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class Forgets(Protocol):
    """Keeps something of a person and can forget it (LGPD, Lei 13.709/2018, art. 18, VI)."""

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """Forget what is kept of a contact, or of somebody with one of these keys; how many things.

        Twice is as once, and after a call that was killed the same call ends it.
        """
        ...
