"""How often it was tried to sign in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from disparo.domain.policies.throttle import Throttle


class Tries(Protocol):
    """Counts tries by a name (of an account, of an address), shared by all processes and kept over restarts.

    Of any number of tries at once no more pass than the throttle lets.
    """

    async def take(self, name: str, throttle: Throttle, now: datetime) -> timedelta:
        """Count one try and return zero; or how long to wait, and then it is not counted.

        Counted before it is known whether it succeeds: whoever sends a hundred at once has tried a hundred times.
        """
        ...

    async def give_back(self, name: str, throttle: Throttle, now: datetime) -> None:
        """The last try has succeeded and does not count."""
        ...

    async def forget(self, name: str) -> None:
        """Begin anew."""
        ...

    async def prune(self, before: datetime) -> int:
        """Forget names that were last tried before; how many. Where the store forgets by itself it is 0."""
        ...
