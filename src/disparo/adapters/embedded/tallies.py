"""Counters of messages by step, state and reason, kept with every change so that nothing has to be counted.

Notices are counted under the step that they are of, so that counters do not grow with meetings.
"""

from __future__ import annotations

from collections import Counter

import apsw

from disparo.domain.agenda.notice import own_step
from disparo.domain.message import UNSENT_ENDS

SAVE = """
INSERT INTO tally VALUES (?, ?, ?, ?, ?)
ON CONFLICT (campaign_id, step, state, reason) DO UPDATE SET count = count + excluded.count
"""

_WITH_REASON = frozenset(str(state) for state in UNSENT_ENDS)


class Tallies:
    """The changes of one transaction; a reason is told apart only where a message ended without being sent."""

    def __init__(self) -> None:
        self._changes: Counter[tuple[int, int, str, str]] = Counter()

    def add(self, campaign: int, step: int, state: str, reason: str, count: int = 1) -> None:
        """Count `count` messages in a state (fewer, when negative)."""
        self._changes[campaign, own_step(step), state, reason if state in _WITH_REASON else ""] += count

    def move(self, campaign: int, step: int, source: tuple[str, str], target: tuple[str, str]) -> None:
        """One message went from a (state, reason) to another."""
        self.add(campaign, step, *source, -1)
        self.add(campaign, step, *target)

    def save(self, connection: apsw.Connection) -> None:
        """Write the changes down."""
        connection.executemany(SAVE, [(*key, count) for key, count in self._changes.items() if count])
