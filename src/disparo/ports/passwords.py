"""Hashing of passwords."""

from __future__ import annotations

from typing import Protocol


class Passwords(Protocol):
    """Makes hashes that cost much to guess, and compares."""

    async def hash(self, password: str) -> str:
        """The hash of a password, with its salt and parameters in it; another each time."""
        ...

    async def matches(self, hashed: str | None, password: str) -> bool:
        """Whether a password has this hash. Without one it is False, after the same work."""
        ...

    def is_dated(self, hashed: str) -> bool:
        """Whether it was made with other parameters than are used now."""
        ...
