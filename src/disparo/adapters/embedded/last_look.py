"""The last look before a provider is called (I5, I7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import apsw

from disparo.adapters.embedded.rows import instant
from disparo.adapters.embedded.settling import key_of
from disparo.domain.message import Claimed
from disparo.domain.policies.circuit_breaker import Breaker, still_admits
from disparo.domain.sender import Sender
from disparo.domain.suppression import hashed_key

LAST_LOOK = """
-- Whether the claim still holds, whether one of its (at most two) keys or their hashes is suppressed, and the sender's
-- breaker.
-- Look-ups by key, 5 us; with the breaker in a join SQLite plans anew for each binding, and that takes 19.
SELECT ?9, state IN ('claimed', 'sending') AND fence = ?4,
       (SELECT reason FROM suppression WHERE key = ?5 AND (channel = '' OR channel = ?7)),
       (SELECT reason FROM suppression WHERE key = ?6 AND (channel = '' OR channel = ?7)),
       (SELECT reason FROM suppression WHERE key = ?10 AND (channel = '' OR channel = ?7)),
       (SELECT reason FROM suppression WHERE key = ?11 AND (channel = '' OR channel = ?7)),
       (SELECT opened_at FROM breaker WHERE sender = ?8), (SELECT probe_until FROM breaker WHERE sender = ?8)
FROM message WHERE campaign_id = ?1 AND contact_id = ?2 AND step = ?3
"""


def last_look(
    connection: apsw.Connection, messages: Sequence[Claimed], sender: Sender, now: datetime
) -> list[str | None]:
    """For each None, or why not; see `Ledger.clear_many`."""
    rows = connection.executemany(LAST_LOOK, (_bindings(one, sender, at) for at, one in enumerate(messages)))
    found: list[str | None] = ["lost"] * len(messages)
    for at, held, *reasons, opened_at, probe_until in rows:
        if not held:
            continue
        found[at] = next(filter(None, reasons), None)
        if found[at] is None and opened_at is not None:
            breaker = Breaker(opened_at=instant(opened_at), probe_until=instant(probe_until))
            own = messages[at].lease_until if messages[at].probe else None
            found[at] = None if still_admits(sender.breaker, breaker, now, own) else "breaker_open"
    return found


def _bindings(message: Claimed, sender: Sender, at: int) -> tuple[object, ...]:
    keys = (message.keys[0], message.keys[-1]) if message.keys else ()
    hashes = map(hashed_key, keys) if keys else (None, None)
    return (*key_of(message.id), message.fence, *(keys or (None, None)), message.channel, sender.name, at, *hashes)
