"""Hashing of passwords (argon2id, RFC 9106)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

AT_ONCE = 2
"""Hashes that are made at once: each takes 64 MiB, and who sends many passwords is not to take all there is."""


class Argon2Passwords:
    """`Passwords`: argon2id with the second recommended parameters (RFC 9106, section 4), in threads of its own.

    The library is imported with the first password: most processes see none. `hasher` may be a cheaper one, for tests.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._given = hasher

    async def hash(self, password: str) -> str:
        """See `Passwords.hash`."""
        return await self._aside(lambda: self._hasher.hash(password))

    async def matches(self, hashed: str | None, password: str) -> bool:
        """See `Passwords.matches`."""
        return await self._aside(lambda: self._matches(hashed or self._nobodys, password)) and hashed is not None

    def is_dated(self, hashed: str) -> bool:
        """See `Passwords.is_dated`."""
        from argon2.exceptions import InvalidHashError

        try:
            return self._hasher.check_needs_rehash(hashed)
        except InvalidHashError:
            return False

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _matches(self, hashed: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return self._given or PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        """What a password is compared to where nobody has that address: it takes as long."""
        return self._hasher.hash("ninguém")

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(AT_ONCE, "passwords")
