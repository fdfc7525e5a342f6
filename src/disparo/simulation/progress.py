"""How far a forecast is: first contacts are copied, then their messages are played."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Progress(NamedTuple):
    """So many `contacts` are copied and so many messages `played`, of at most `messages` (those known so far)."""

    contacts: int = 0
    played: int = 0
    messages: int = 0

    @property
    def share(self) -> float:
        """How much of the playing is done, from 0.0 to 1.0; it may jump to its end, as not all need be sent."""
        return min(1.0, self.played / self.messages) if self.messages else 0.0


OnProgress = Callable[[Progress], None]
"""Called now and then; what it raises ends the forecast."""
