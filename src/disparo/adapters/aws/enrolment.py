"""One contact in one campaign: all its ledger rows and their history in one item, changed as a whole.

What follows from a settlement (the next step is promoted, others are cancelled) therefore happens with it in one
conditional write, and costs one.

Somebody who meets often gets notices for years, all of them rows of one item, which may have 400 KB ("Quotas in Amazon
DynamoDB", developer guide). So the rows of notices that have come to their end are kept packed (see `packed_rows`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from disparo.adapters.aws.attributes import as_json, number
from disparo.adapters.aws.ledger_keys import (
    DOUBTS,
    Place,
    QueuePlace,
    TroublePlace,
    lane_queue,
    place_of_key,
    row_key,
    trouble_queue,
)
from disparo.adapters.aws.packed_rows import divided, packed, unpacked
from disparo.adapters.aws.tables import Item, Key, Value
from disparo.domain.contact import Channel
from disparo.domain.hourly import counted_as, happened, hour_of
from disparo.domain.instants import from_ms
from disparo.domain.message import MessageEvent, MessageId, MessageRecord, MessageState
from disparo.domain.place import Place as ContactPlace
from disparo.domain.settlement import Settlement, StepRow, apply_settlement
from disparo.ports.ledger import TROUBLED, JournalEntry

EVENTS_KEPT = 64
"""Provider events remembered for each contact; lifecycles alone refuse what is older."""

JOURNAL_BYTES = 2_048
"""A longer history goes into a page of its own: every write pays for all of an item."""

LINES_KEPT = 2

MOST_IN_TROUBLE = 20
"""Of one contact in one campaign: of somebody whom no notice reaches, the latest are to be found by it."""

LONGEST_DETAIL = 8_192
"""Characters of a provider's words or of a reply that a line keeps: an item (400 KB) has no room for a long e-mail."""


class Line(NamedTuple):
    """A line of a history."""

    step: int
    at_ms: int
    event: str
    attempt: int
    reason: str
    detail: str
    provider_id: str | None


class Move(NamedTuple):
    """What a change means for the counters: so many more messages of a step in a state for a reason.

    With an `hour` it is an event of that hour (`domain.hourly`), and `state` is its name.
    """

    step: int
    state: str
    reason: str
    messages: int
    hour: int | None = None


@dataclass(slots=True)
class AwsRow(StepRow):
    """A ledger row of this family."""

    channel: Channel = Channel.WHATSAPP
    place: str = ""
    priority: int = 5
    lane: int = 0
    changed_ms: int = 0
    claimed_ms: int | None = None
    sender: str | None = None
    counted_due: bool = False
    """Whether the counters still have it among the due, though it is being sent: see `Enrolment.begin`."""

    def as_list(self) -> list[Any]:
        """The values that are kept."""
        return [
            *(str(self.state), self.reason, self.due_ms, self.fence, self.retries, self.provider_id),
            *(str(self.channel), self.place, self.priority, self.lane, self.changed_ms, self.claimed_ms, self.sender),
            self.counted_due,
        ]

    @classmethod
    def of(cls, kept: list[Any]) -> AwsRow:
        """A row from its values."""
        state, reason, due_ms, fence, retries, provider_id, channel, *rest = kept
        return cls(MessageState(state), reason, due_ms, fence, retries, provider_id, Channel(channel), *rest)


@dataclass(slots=True)
class Enrolment:
    """The rows of a contact in a campaign while something happens to them."""

    place: Place
    rows: dict[int, AwsRow]
    version: int = 0
    journal: list[Line] = field(default_factory=list)
    pages: int = 0
    events: list[str] = field(default_factory=list)
    replied: bool = False
    pointers: tuple[int, ...] = ()
    """The steps whose place in a queue is kept beside the item, as it has room for one only."""
    shown: dict[int, tuple[str, str]] = field(default_factory=dict)
    """What these places say."""
    left_over: list[int] = field(default_factory=list)
    """Those of them that no step is at any more, and that the next write takes away."""
    moves: list[Move] = field(default_factory=list)
    changed: bool = False
    gone: bool = False
    """Whether the contact was erased: a provider's words and ids, which may hold an address, are kept no more."""

    def id_of(self, step: int) -> MessageId:
        """The id of the message of a step."""
        return MessageId(str(self.place[0]), step, str(self.place[1]))

    def enter(self, rows: Mapping[int, AwsRow]) -> list[int]:
        """Add those of these rows that are not there; which those were."""
        new = [step for step in rows if step not in self.rows]
        for step in new:
            row = self.rows[step] = rows[step]
            self.moves.append(Move(step, row.state, row.reason, 1))
            self.changed = True
        return new

    def settle(self, one: Settlement, now_ms: int, *, journal: bool = True) -> bool:
        """Apply a settlement; whether its own row changed."""
        row = self.rows.get(one.id.step)
        if one.event_id and not self._remember(one.event_id):
            return False
        if row is None:
            return False
        if self.gone:
            one = replace(one, detail="", provider_id=None)
        if journal:
            line = (one.event, one.fence or row.fence, one.reason, one.detail, one.provider_id)
            self.write(Line(one.id.step, now_ms, *line))

        def moved(step: int, state: MessageState, reason: str, row: StepRow) -> None:
            self._moved(step, state, reason, row, now_ms)

        if not apply_settlement(one, self.rows.get, moved):
            return False
        if one.event is MessageEvent.REDRIVE:
            self.replied = False
        return True

    def _moved(self, step: int, state: MessageState, reason: str, row: StepRow, now_ms: int) -> None:
        self.rows[step].changed_ms = now_ms
        self.moves += [Move(step, event, "", 1, hour_of(now_ms)) for event in happened(state, row.state)]
        if self.rows[step].counted_due:
            state, self.rows[step].counted_due = MessageState.DUE, False
        self.moves.append(Move(step, state, reason, -1))
        self.moves.append(Move(step, row.state, row.reason, 1))
        self.changed = True

    def begin(self, step: int, fence: int, lease_ms: int, sender: str, now_ms: int, *, counted: bool = True) -> bool:
        """Record the intent of sending a due message under this claim; False when it is not there to be claimed.

        One that is not `counted` saves a write: its outcome, whoever writes that, is counted as from the due.
        """
        row = self.rows.get(step)
        if row is None or row.state is not MessageState.DUE or row.fence != fence - 1 or lease_ms <= now_ms:
            return False
        before, reason = row.state, row.reason
        row.state, row.reason, row.due_ms, row.fence = MessageState.SENDING, "", lease_ms, fence
        row.claimed_ms, row.sender = now_ms, sender
        if counted:
            self._moved(step, before, reason, row, now_ms)
        else:
            row.changed_ms, row.counted_due, self.changed = now_ms, True, True
        return True

    def void(self, step: int, fence: int) -> None:
        """Use up the fence of a claim that never began, so that it never will."""
        row = self.rows.get(step)
        if row is not None and row.state is MessageState.DUE and row.fence == fence - 1:
            row.fence, self.changed = fence, True

    def note(self, step: int, event: str, detail: str, event_id: str, now_ms: int) -> bool:
        """Write a line and count it; False when the event is known."""
        if not self._remember(event_id):
            return False
        self.write(Line(step, now_ms, event, 0, "", detail, None))
        name = counted_as(event)
        self.moves += [Move(step, name, "", 1), Move(step, name, "", 1, hour_of(now_ms))]
        self.replied = self.replied or event == "replied"
        return True

    def knows(self, event_id: str) -> bool:
        """Whether a provider's event was taken in."""
        return _digest(event_id) in self.events

    def _remember(self, event_id: str) -> bool:
        if self.knows(event_id):
            return False
        self.events = [*self.events, _digest(event_id)][-EVENTS_KEPT:]
        self.changed = True
        return True

    def write(self, line: Line) -> None:
        """Add a line to the history."""
        self.journal.append(line._replace(detail="" if self.gone else line.detail[:LONGEST_DETAIL]))
        self.changed = True

    def record(self, step: int) -> MessageRecord:
        """A row as it is shown to people."""
        row = self.rows[step]
        return MessageRecord(
            id=self.id_of(step),
            channel=row.channel,
            place=ContactPlace.parse(row.place),
            state=row.state,
            reason=row.reason,
            priority=row.priority,
            due_at=None if row.due_ms is None else from_ms(row.due_ms),
            attempts=row.fence,
            retries_used=row.retries,
            changed_at=from_ms(row.changed_ms),
            provider_id=row.provider_id,
        )

    def records(self) -> list[MessageRecord]:
        """All rows in order of steps."""
        return [self.record(step) for step in sorted(self.rows)]

    def queued(self) -> dict[int, tuple[str, str]]:
        """For each step that is in a queue, the queue and the place in it; the latest of those in trouble come last."""
        waiting = {step: found for step, row in sorted(self.rows.items()) if (found := self._queue(step, row))}
        troubled = sorted((row.changed_ms, step) for step, row in self.rows.items() if row.state in TROUBLED)
        for _, step in troubled[-MOST_IN_TROUBLE:]:
            row = self.rows[step]
            place = TroublePlace(row.changed_ms, *self.place, step, row.state, row.reason)
            waiting[step] = trouble_queue(self.place[1]), str(place)
        return waiting

    def _queue(self, step: int, row: AwsRow) -> tuple[str, str] | None:
        if row.due_ms is None:
            return None
        if row.state is MessageState.DUE:
            return lane_queue(row.lane, self.place[1]), str(QueuePlace(row.priority, row.due_ms, step, row.fence))
        if row.state is MessageState.IN_DOUBT:
            return DOUBTS, str(QueuePlace(0, row.due_ms, step, row.fence))
        return None

    def key(self) -> Key:
        """Where it is kept."""
        return row_key(self.place)

    def item(self, version: int) -> Item:
        """The item to keep; the first step in a queue has its place in the index through the item itself."""
        queued = self.queued()
        rows, old = divided({step: row.as_list() for step, row in sorted(self.rows.items())})
        kept: dict[str, Value] = {**self.key(), "v": version, "rows": as_json(rows)}
        if old:
            kept["old"] = packed(old)
        if self.journal:
            kept["journal"] = as_json(self.journal)
        if self.pages:
            kept["pages"] = self.pages
        if self.events:
            kept["events"] = as_json(self.events)
        if self.replied:
            kept["replied"] = True
        if self.gone:
            kept["gone"] = True
        if queued:
            kept["lane"], kept["due"] = next(iter(queued.values()))
        if pointers := [*[*queued][1:], *self.left_over]:
            kept["pointers"] = as_json(pointers)
        return kept


def enrolment_of(item: Item) -> Enrolment:
    """An enrolment from its item."""
    rows = {int(step): AwsRow.of(row) for step, row in json.loads(str(item["rows"])).items()}
    if "old" in item:
        rows |= {step: AwsRow.of(row) for step, row in unpacked(str(item["old"])).items()}
    one = Enrolment(
        place=place_of_key(item),
        rows=rows,
        version=number(item, "v"),
        journal=[Line(*line) for line in json.loads(str(item.get("journal", "[]")))],
        pages=number(item, "pages"),
        events=json.loads(str(item.get("events", "[]"))),
        replied=bool(item.get("replied", False)),
        gone=bool(item.get("gone", False)),
        pointers=tuple(json.loads(str(item.get("pointers", "[]")))),
    )
    if one.pointers:
        one.shown = one.queued()
    return one


def lines_of(item: Item) -> list[Line]:
    """The lines of a page of a history."""
    return [Line(*line) for line in json.loads(str(item["journal"]))]


def page_text(lines: Iterable[Line]) -> str:
    """A page of a history, as it is kept."""
    return as_json(list(lines))


def entry_of(line: Line) -> JournalEntry:
    """A line as it is shown to people."""
    return JournalEntry(from_ms(line.at_ms), line.event, line.attempt, line.reason, line.detail, line.provider_id)


def _digest(event_id: str) -> str:
    # A provider's id may hold an address, and is long.
    return hashlib.blake2b(event_id.encode(), digest_size=9).hexdigest()
