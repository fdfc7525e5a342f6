"""What people wrote to us, since when, and what providers said that concerns no message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from disparo.domain.contact import Channel
from disparo.domain.inbox_entry import Heard, InboxEntry
from disparo.domain.receipt import Notice

__all__ = ["Heard", "Inbox", "InboxEntry"]


class Inbox(Protocol):
    """Keeps what was heard."""

    async def keep(self, heard: Heard, now: datetime) -> bool:
        """Keep it; False, and nothing changed, when this `event_id` is kept already. Opens the window of its sender."""
        ...

    async def knows(self, event_id: str) -> bool:
        """Whether this was kept before."""
        ...

    async def page(
        self, after: str | None, limit: int, *, contact_id: str | None = None, unhandled: bool = False
    ) -> Sequence[InboxEntry]:
        """Entries, newest first, from behind `after`; of one contact, or only those that nobody has dealt with."""
        ...

    async def handle(self, entry_id: str, now: datetime) -> bool:
        """Note that a person has dealt with it; False when that was so already. NotFoundError when there is none."""
        ...

    async def last_heard(self, channel: Channel, sender: str, keys: Sequence[str]) -> datetime | None:
        """When somebody with one of these keys last wrote to this sender; None when never, or when it was shut."""
        ...

    async def shut(self, channel: Channel, sender: str, keys: Sequence[str]) -> None:
        """Forget that they wrote: the provider says that its window is closed."""
        ...

    async def learn(self, provider: str, user_id: str, key: str) -> None:
        """Remember whose key a provider's own name of a person stands for; the latest word holds."""
        ...

    async def key_of(self, provider: str, user_id: str) -> str | None:
        """The key that was learnt for a provider's own name of a person."""
        ...

    async def keep_notice(self, notice: Notice, now: datetime) -> bool:
        """Keep a notice; False when its event is kept already."""
        ...

    async def notices(self, after: str | None, limit: int) -> Sequence[tuple[str, Notice]]:
        """Notices with their ids, newest first, from behind `after`."""
        ...

    async def forget(self, contact_id: str, keys: Sequence[str]) -> None:
        """Remove everything that a person wrote, and every name by which providers know them (LGPD)."""
        ...
