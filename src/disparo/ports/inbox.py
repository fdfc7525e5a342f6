"""What people wrote to us, since when, and what providers said that concerns no message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from disparo.domain.contact import Channel
from disparo.domain.inbox_entry import Heard, InboxEntry
from disparo.domain.receipt import Notice

__all__ = ["Conversation", "Heard", "Inbox", "InboxEntry"]

SERVICE_WINDOW = timedelta(hours=24)
"""How long after a person's message a free text may be sent (Meta, WhatsApp Business Platform, "Customer service
windows")."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that one person wrote, as a line: `owner` is a contact's id, or the key of somebody unknown.

    `contact_id` is the owner when that is a contact. `latest` is their latest entry, dealt with or not.
    """

    owner: str
    contact_id: str | None
    latest: InboxEntry
    entries: int
    unhandled: int


class Inbox(Protocol):
    """Keeps what was heard."""

    async def keep(self, heard: Heard, now: datetime) -> bool:
        """Keep it; False, and nothing changed, when this `event_id` is kept already. Opens the window of its sender.

        False, too, when its contact was erased, or when somebody with its key was erased after they wrote it.
        """
        ...

    async def knows(self, event_id: str) -> bool:
        """Whether this was kept before."""
        ...

    async def page(
        self, after: str | None, limit: int, *, contact_id: str | None = None, unhandled: bool = False
    ) -> Sequence[InboxEntry]:
        """Entries, newest first, from behind `after`; of one contact, or only those that nobody has dealt with.

        `contact_id` may be the `owner` of any conversation: for the key of somebody unknown, what they wrote.
        """
        ...

    async def conversations(self, after: str | None, limit: int, *, unhandled: bool = False) -> Sequence[Conversation]:
        """At most `limit` conversations, that with the latest entry first, from behind the id of a latest entry.

        With `unhandled` those only in which there is something that nobody has dealt with. A conversation that goes
        on meanwhile moves to the first page; `after` then leads on from where it was.
        """
        ...

    async def conversation(self, owner: str) -> Conversation | None:
        """The conversation of this owner, or None when they wrote nothing."""
        ...

    async def handle(self, entry_id: str, now: datetime, outcome: str = "") -> bool:
        """Note that a person has dealt with it and what came of it (a short code, or nothing).

        False, and nothing changed, when that was so already. NotFoundError when there is none.
        """
        ...

    async def last_heard(self, channel: Channel, sender: str, keys: Sequence[str]) -> datetime | None:
        """When somebody with one of these keys last wrote to this sender; None when never, or when it was shut."""
        ...

    async def shut(self, channel: Channel, sender: str, keys: Sequence[str]) -> None:
        """Forget that they wrote: the provider says that its window is closed."""
        ...

    async def learn(self, provider: str, user_id: str, key: str, contact_id: str | None = None) -> None:
        """Remember whose key a provider's own name of a person stands for; the latest word holds.

        Nothing is remembered of a contact who was erased.
        """
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
