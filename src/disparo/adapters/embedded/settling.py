"""Writing down what happened to messages, and what follows from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import apsw

from disparo.adapters.embedded.forgotten import is_gone
from disparo.adapters.embedded.permits import load_breaker, save_breaker
from disparo.adapters.embedded.rows import fetch, fetch_one
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain.inbox_entry import event_digest
from disparo.domain.instants import from_ms
from disparo.domain.message import MessageId, MessageState
from disparo.domain.policies.circuit_breaker import Breaker
from disparo.domain.sender import Sender
from disparo.domain.settlement import Settlement, StepRow, apply_settlement, breaker_after

Key = tuple[int, int, int]
"""A row: campaign, contact, step."""

Line = tuple[Key, tuple[int, str, int, str, str, str | None]]
"""A message, and what its journal is to say: instant, event, attempt, reason, detail, the provider's id."""

ROWS = """
SELECT m.campaign_id, m.contact_id, m.step, c.erased_at IS NOT NULL,
    m.state, m.reason, m.due_at, m.fence, m.retries, m.provider_id
FROM json_each(:keys) AS wanted
CROSS JOIN message AS m
ON m.campaign_id = wanted.value ->> 0 AND m.contact_id = wanted.value ->> 1 AND m.step = wanted.value ->> 2
LEFT JOIN contact AS c ON c.id = m.contact_id
"""

SAVE_ROW = """
UPDATE message SET state = ?, reason = ?, due_at = ?, retries = ?, provider_id = ?, changed_at = ?
WHERE campaign_id = ? AND contact_id = ? AND step = ?
"""

SEE_EVENT = "INSERT INTO seen_event VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1"

NUMBER_LINES = "UPDATE control SET value = value + ? WHERE name = 'journal' RETURNING value"

WRITE_JOURNAL = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


@dataclass(slots=True)
class _Row(StepRow):
    """A ledger row while a transaction changes it."""

    changed: bool = False
    gone: bool = False
    """Whether the contact was erased: a provider's words and ids, which may hold an address, are kept no more."""


def settle(
    connection: apsw.Connection, settlements: Sequence[Settlement], now_ms: int, *, journal: bool = True
) -> list[bool]:
    """Apply settlements in order; see `Ledger.settle`. Without `journal` the rows' reasons alone tell the story."""
    settling = _Settling(connection, now_ms)
    settling.load(settlements)
    changed = [settling.apply(settlement) for settlement in settlements]
    settling.save(journal=journal)
    return changed


_NUMBER = re.compile("[0-9]{1,18}").fullmatch


def key_of(message_id: MessageId, step: int | None = None) -> Key:
    """The row's key in the store; an id that no row of ours can have gives one that matches nothing."""
    campaign, contact = message_id.campaign_id, message_id.contact_id
    number = message_id.step if step is None else step
    if not (_NUMBER(campaign) and _NUMBER(contact)):
        return (-1, -1, -1)
    return (int(campaign), int(contact), number)


@dataclass(slots=True)
class _Settling:
    connection: apsw.Connection
    now_ms: int
    rows: dict[Key, _Row] = field(default_factory=dict)
    tallies: Tallies = field(default_factory=Tallies)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    journal: list[Line] = field(default_factory=list)

    def load(self, settlements: Iterable[Settlement]) -> None:
        """Read every row that may change."""
        keys = {key_of(one.id) for one in settlements}
        keys |= {key_of(one.id, follow.step) for one in settlements for follow in one.follow_ups}
        for *key, gone, state, reason, due, fence, retries, provider in fetch(
            self.connection, ROWS, {"keys": json.dumps(list(keys))}
        ):
            row = _Row(MessageState(state), reason, due, fence, retries, provider, gone=bool(gone))
            self.rows[cast(Key, tuple(key))] = row

    def apply(self, one: Settlement) -> bool:
        """Apply one settlement; whether its row changed."""
        row = self.rows.get(key := key_of(one.id))
        if one.event_id and not _is_new(self.connection, one.event_id, self.now_ms):
            return False
        if one.sender is not None:
            self._tell_breaker(one.sender, one)
        if row is None:
            return False
        if row.gone:
            one = replace(one, detail="", provider_id=None)
        line = (one.event, one.fence or row.fence, one.reason, one.detail, one.provider_id)
        self.journal.append((key, (self.now_ms, *line)))

        def moved(step: int, state: MessageState, reason: str, row: StepRow) -> None:
            self.tallies.move(key[0], step, (state, reason), (row.state, row.reason))
            self.tallies.arrived(key[0], step, (state, row.state), self.now_ms)
            cast(_Row, row).changed = True

        return apply_settlement(one, lambda step: self.rows.get((key[0], key[1], step)), moved)

    def _tell_breaker(self, sender: Sender, one: Settlement) -> None:
        if (breaker := self.breakers.get(sender.name)) is None:
            breaker = load_breaker(self.connection, sender.name)
        self.breakers[sender.name] = breaker_after(breaker, sender, one, from_ms(self.now_ms))

    def save(self, *, journal: bool) -> None:
        """Write everything down."""
        changed = [
            (row.state, row.reason, row.due_ms, row.retries, row.provider_id, self.now_ms, *key)
            for key, row in self.rows.items()
            if row.changed
        ]
        self.connection.executemany(SAVE_ROW, changed)
        if journal:
            _write_journal(self.connection, self.journal)
        self.tallies.save(self.connection)
        for sender, breaker in self.breakers.items():
            save_breaker(self.connection, sender, breaker)


def _write_journal(connection: apsw.Connection, lines: Sequence[Line]) -> None:
    """Lines are numbered through the whole store: one statement for all, and their order is that of writing."""
    if not lines:
        return
    [(last,)] = fetch(connection, NUMBER_LINES, (len(lines),))
    first = last - len(lines) + 1
    connection.executemany(WRITE_JOURNAL, [(*key, first + at, *line) for at, (key, line) in enumerate(lines)])


SEEN = "SELECT 1 FROM seen_event WHERE event_id = ?"


def seen(connection: apsw.Connection, event_id: str) -> bool:
    """Whether a provider's event was taken in; see `Ledger.seen`."""
    return fetch_one(connection, SEEN, (event_digest(event_id),)) is not None


def _is_new(connection: apsw.Connection, event_id: str, now_ms: int) -> bool:
    return fetch_one(connection, SEE_EVENT, (event_digest(event_id), now_ms)) is not None


def note(
    connection: apsw.Connection, message_id: MessageId, event: str, detail: str, event_id: str, now_ms: int
) -> bool:
    """Write a line into a message's history; see `Ledger.note`."""
    if not _is_new(connection, event_id, now_ms):
        return False
    key = key_of(message_id)
    kept = "" if is_gone(connection, message_id.contact_id) else detail
    _write_journal(connection, [(key, (now_ms, event, 0, "", kept, None))])
    tallies = Tallies()
    tallies.noted(key[0], key[2], event, now_ms)
    tallies.save(connection)
    return True
