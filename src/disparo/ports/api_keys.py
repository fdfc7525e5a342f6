"""Keys by which programs use the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.api_key import ApiKey


class ApiKeys(Protocol):
    """Keeps keys for good, those that are revoked too: the audit names them."""

    async def add(self, key: ApiKey) -> None:
        """Keep a new key, whose id the caller has chosen."""
        ...

    async def find(self, key_id: str) -> ApiKey | None:
        """One key: one read, as every request with a key does it."""
        ...

    async def all(self) -> Sequence[ApiKey]:
        """Every key, the newest first."""
        ...

    async def used(self, key_id: str, now: datetime) -> None:
        """Write down that it was in use."""
        ...

    async def revoke(self, key_id: str, now: datetime) -> ApiKey:
        """End a key for good; NotFoundError. One that is revoked already stays as it is."""
        ...
