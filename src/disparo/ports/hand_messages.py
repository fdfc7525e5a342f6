"""Where the texts are kept that people write to one contact."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from disparo.domain.hand_message import HandMessage


class HandMessages(Protocol):
    """Keeps texts, numbered for each contact from 1; a number is never given twice."""

    async def keep(self, message: HandMessage) -> HandMessage:
        """Keep a text and give it its number; what has its contact and key already comes back as it was kept (I11).

        InputError when a contact has `MOST_OF_ONE` texts.
        """
        ...

    async def get(self, contact_id: str, number: int) -> HandMessage:
        """One text; NotFoundError when there is none, or it was forgotten."""
        ...

    async def of(self, contact_id: str, limit: int) -> Sequence[HandMessage]:
        """A contact's texts, the newest first."""
        ...

    async def forget_person(self, contact_id: str, keys: Sequence[str]) -> int:
        """Remove a contact's texts (LGPD); how many went. Their numbers stay used."""
        ...
