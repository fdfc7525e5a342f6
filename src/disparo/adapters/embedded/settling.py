"""Writing down what happened to messages, and what follows from it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import apsw

from disparo.adapters.embedded.permits import load_breaker, save_breaker
from disparo.adapters.embedded.rows import fetch
from disparo.adapters.embedded.tallies import Tallies
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.message import MESSAGE_LIFECYCLE, SETTLED, MessageEvent, MessageId, MessageState
from disparo.domain.policies.circuit_breaker import Breaker, abandon_probe, observe
from disparo.domain.sender import Sender
from disparo.ports.ledger import Settlement

Key = tuple[int, int, int]

Line = tuple[Key, tuple[int, str, int, str, str, str | None]]
"""A message, and what its journal is to say: instant, event, attempt, reason, detail, the provider's id."""

ROWS = """
SELECT m.campaign_id, m.contact_id, m.step, m.state, m.reason, m.due_at, m.fence, m.retries, m.provider_id
FROM json_each(:keys) AS wanted
CROSS JOIN message AS m
ON m.campaign_id = wanted.value ->> 0 AND m.contact_id = wanted.value ->> 1 AND m.step = wanted.value ->> 2
"""

SAVE_ROW = """
UPDATE message SET state = ?, reason = ?, due_at = ?, retries = ?, provider_id = ?, changed_at = ?
WHERE campaign_id = ? AND contact_id = ? AND step = ?
"""

SEE_EVENT = "INSERT INTO seen_event VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1"

NUMBER_LINES = "UPDATE control SET value = value + ? WHERE name = 'journal' RETURNING value"

WRITE_JOURNAL = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

UNBEGUN = frozenset({MessageState.WAITING, MessageState.DUE})

EVIDENCE = frozenset({MessageEvent.ACCEPT, MessageEvent.DELIVER, MessageEvent.READ})
"""What stays true although the claim that it speaks of has been given up."""


@dataclass(slots=True)
class _Row:
    """A ledger row while a transaction changes it."""

    state: MessageState
    reason: str
    due_at: int | None
    fence: int
    retries: int
    provider_id: str | None
    changed: bool = False


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


def _ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)


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
        for campaign, contact, step, state, *rest in fetch(self.connection, ROWS, {"keys": json.dumps(list(keys))}):
            self.rows[campaign, contact, step] = _Row(MessageState(state), *rest)

    def apply(self, one: Settlement) -> bool:
        """Apply one settlement; whether its row changed."""
        row = self.rows.get(key := key_of(one.id))
        if one.event_id and not self.connection.execute(SEE_EVENT, (one.event_id, self.now_ms)).fetchone():
            return False
        if one.sender is not None:
            self._tell_breaker(one.sender, one, row)
        if row is None:
            return False
        line = (one.event, one.fence or row.fence, one.reason, one.detail, one.provider_id)
        self.journal.append((key, (self.now_ms, *line)))
        if one.fence is not None and one.fence != row.fence and one.event not in EVIDENCE:
            return False
        if not MESSAGE_LIFECYCLE.allows(row.state, one.event):
            return False
        row.retries = 0 if one.event is MessageEvent.REDRIVE else row.retries + one.uses_retry
        row.provider_id = one.provider_id or row.provider_id
        self._move(key, row, one.event, one.reason, _ms(one.due_at))
        self._follow(one)
        return True

    def _follow(self, one: Settlement) -> None:
        """Cancel what is to be cancelled; promote the first row that still waits, unless one is under way."""
        promoting = True
        for follow in one.follow_ups:
            key = key_of(one.id, follow.step)
            if (row := self.rows.get(key)) is None:
                continue
            if follow.event is MessageEvent.PROMOTE:
                if not promoting or row.state in SETTLED:
                    continue
                promoting = False
            # What has begun is left alone: its outcome is what happened.
            if row.state in UNBEGUN and MESSAGE_LIFECYCLE.allows(row.state, follow.event):
                self._move(key, row, follow.event, follow.reason, _ms(follow.due_at))

    def _move(self, key: Key, row: _Row, event: MessageEvent, reason: str, due_at: int | None) -> None:
        state = MESSAGE_LIFECYCLE.after(row.state, event)
        self.tallies.move(key[0], key[2], (row.state, row.reason), (state, reason))
        row.state, row.reason, row.due_at, row.changed = state, reason, due_at, True

    def _tell_breaker(self, sender: Sender, one: Settlement, row: _Row | None) -> None:
        if (breaker := self.breakers.get(sender.name)) is None:
            breaker = load_breaker(self.connection, sender.name)
        if one.heard:
            breaker = observe(sender.breaker, breaker, one.failure, from_ms(self.now_ms))
        elif one.probe and row is not None and (row.fence, row.due_at) == (one.fence, _ms(breaker.probe_until)):
            # Only the probe that the breaker waits for: one whose lease ran out may come back beside a newer one.
            breaker = abandon_probe(breaker)
        self.breakers[sender.name] = breaker

    def save(self, *, journal: bool) -> None:
        """Write everything down."""
        changed = [
            (row.state, row.reason, row.due_at, row.retries, row.provider_id, self.now_ms, *key)
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


def note(
    connection: apsw.Connection, message_id: MessageId, event: str, detail: str, event_id: str, now_ms: int
) -> bool:
    """Write a line into a message's history; see `Ledger.note`."""
    if not connection.execute(SEE_EVENT, (event_id, now_ms)).fetchone():
        return False
    key = key_of(message_id)
    _write_journal(connection, [(key, (now_ms, event, 0, "", detail, None))])
    tallies = Tallies()
    tallies.add(key[0], key[2], event, "")
    tallies.save(connection)
    return True
