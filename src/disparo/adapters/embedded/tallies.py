"""Counters of messages by step, state and reason, and of what happened to them by the hour.

They are kept with every change, so that nothing has to be counted.

Notices are counted under the step that they are of, so that counters do not grow with meetings.
"""

from __future__ import annotations

from collections import Counter

import apsw

from disparo.domain.agenda.notice import own_step
from disparo.domain.hourly import counted_as, happened, hour_of
from disparo.domain.message import UNSENT_ENDS, MessageState

SAVE = """
INSERT INTO tally VALUES (?, ?, ?, ?, ?)
ON CONFLICT (campaign_id, step, state, reason) DO UPDATE SET count = count + excluded.count
"""

SAVE_HOUR = """
INSERT INTO hour_tally VALUES (?, ?, ?, ?, ?)
ON CONFLICT (campaign_id, hour, step, event) DO UPDATE SET count = count + excluded.count
"""

_WITH_REASON = frozenset(str(state) for state in UNSENT_ENDS)


class Tallies:
    """The changes of one transaction; a reason is told apart only where a message ended without being sent."""

    def __init__(self) -> None:
        self._changes: Counter[tuple[int, int, str, str]] = Counter()
        self._hours: Counter[tuple[int, int, int, str]] = Counter()

    def add(self, campaign: int, step: int, state: str, reason: str, count: int = 1) -> None:
        """Count `count` messages in a state (fewer, when negative)."""
        self._changes[campaign, own_step(step), state, reason if state in _WITH_REASON else ""] += count

    def move(self, campaign: int, step: int, source: tuple[str, str], target: tuple[str, str]) -> None:
        """One message went from a (state, reason) to another."""
        self.add(campaign, step, *source, -1)
        self.add(campaign, step, *target)

    def arrived(self, campaign: int, step: int, way: tuple[MessageState, MessageState], now_ms: int) -> None:
        """A message of this step went this way from one state to another in this hour."""
        for event in happened(*way):
            self._hours[campaign, hour_of(now_ms), own_step(step), event] += 1

    def noted(self, campaign: int, step: int, event: str, now_ms: int) -> None:
        """An event was noted on a message, for good and in this hour."""
        name = counted_as(event)
        self.add(campaign, step, name, "")
        self._hours[campaign, hour_of(now_ms), own_step(step), name] += 1

    def save(self, connection: apsw.Connection) -> None:
        """Write the changes down."""
        connection.executemany(SAVE, [(*key, count) for key, count in self._changes.items() if count])
        if self._hours:
            connection.executemany(SAVE_HOUR, [(*key, count) for key, count in self._hours.items()])
