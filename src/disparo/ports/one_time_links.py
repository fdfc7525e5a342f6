"""Links that let somebody in once: to make the first account, to choose a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

SETUP = "setup"
"""The subject of the link that makes the first admin; all others have an account's id."""


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """What is kept of a link: for whom it is, and the digest of its secret."""

    subject: str
    secret: str = field(repr=False)
    expires_at: datetime


class OneTimeLinks(Protocol):
    """Keeps one link for each subject."""

    async def put(self, link: OneTimeLink) -> None:
        """Keep a link; the one that its subject had before leads nowhere from now on."""
        ...

    async def find(self, subject: str) -> OneTimeLink | None:
        """The link of a subject, which may be over."""
        ...

    async def take(self, subject: str, secret: str) -> bool:
        """Use up the link of this subject and digest; of several at once one gets True."""
        ...

    async def drop(self, subject: str) -> None:
        """Forget the link of a subject, if it has one."""
        ...
