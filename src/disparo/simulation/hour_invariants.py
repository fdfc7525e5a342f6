"""What was counted by the hour, held against the counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from disparo.domain.hourly import HourlyEvent
from disparo.domain.message import SENT, MessageState
from disparo.simulation.books import Books
from disparo.simulation.facts import Facts


def hours_are_right(_: Facts, books: Books) -> str | None:
    """I1: what was counted by the hour comes to what the counters say stands now."""
    if books.hours is None or books.tallies is None:
        return None
    now: Counter[tuple[str, int, str]] = Counter(books.noted)
    for (campaign, step, state, _reason), count in books.tallies.items():
        for group, states in _STANDING.items():
            now[campaign, step, group] += count if state in states else 0
    came: Counter[tuple[str, int, str]] = Counter()
    for (campaign, step, event), count in books.hours.items():
        for group, sign in _COUNTS_FOR.get(event, ((event, 1),)):
            came[campaign, step, group] += sign * count
    # see `Books.sent_together`: which of the sent were delivered is not promised everywhere
    unsure = ("delivered", "read") if books.sent_together else ()
    keys = (key for key in sorted({*now, *came}) if key[2] not in unsure)
    wrong = [(key, came[key], now[key]) for key in keys if came[key] != now[key]]
    return f"by the hour and now: {wrong[:3]}" if wrong else None


_STANDING: Mapping[str, frozenset[MessageState]] = {
    "sent": SENT,
    "delivered": frozenset({MessageState.DELIVERED, MessageState.READ}),
    "read": frozenset({MessageState.READ}),
    "given up": frozenset({MessageState.FAILED, MessageState.DEAD}),
}
_COUNTS_FOR: Mapping[str, tuple[tuple[str, int], ...]] = {
    HourlyEvent.SENT: (("sent", 1),),
    HourlyEvent.DELIVERED: (("delivered", 1),),
    HourlyEvent.READ: (("read", 1),),
    HourlyEvent.FAILED: (("given up", 1),),
    HourlyEvent.BOUNCED: (("sent", -1), ("given up", 1)),
    HourlyEvent.DEAD: (("given up", 1),),
    HourlyEvent.REVIVED: (("given up", -1),),
}
"""What an event of an hour means for the groups of states above."""
