"""Browsers that are signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.account import Account
from disparo.domain.session import Session


class Sessions(Protocol):
    """Keeps sessions by the digest of their token. One whose `ends_at` is over may be forgotten."""

    async def begin(self, session: Session) -> None:
        """Keep a new session."""
        ...

    async def find(self, account_id: str, session_id: str) -> tuple[Session, Account] | None:
        """A session of somebody's, and them: one read, as every request does it. None when either is not there."""
        ...

    async def seen(self, session: Session, now: datetime) -> None:
        """Write down that it was in use; nothing happens when it has ended."""
        ...

    async def of_account(self, account_id: str) -> Sequence[Session]:
        """Somebody's sessions, the one used last first."""
        ...

    async def end(self, account_id: str, session_id: str) -> None:
        """Forget one of somebody's; one that is not there has ended already."""
        ...

    async def end_all(self, account_id: str, *, but: str | None = None) -> int:
        """Forget all of somebody's, but perhaps one; how many."""
        ...

    async def prune(self, now: datetime) -> int:
        """Forget those whose `ends_at` is over; how many. Where the store forgets by itself it is 0."""
        ...
