"""A world's data in DynamoDB's tables: a call of a port is many writes, and a kill may fall between any two.

So what a call did is not known when it returns, if it ever does: whoever watches is told of each single write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from disparo.adapters.aws.attributes import number
from disparo.adapters.aws.change_rules import key_of
from disparo.adapters.aws.enrolment import AwsRow, Enrolment, enrolment_of
from disparo.adapters.aws.hours import event_of, hours_in
from disparo.adapters.aws.ledger_keys import is_row, row_key
from disparo.adapters.aws.ledger_keys import place_of as enrolment_place
from disparo.adapters.aws.store import open_store
from disparo.adapters.aws.tables import CAMPAIGNS, CONTROL, LEDGER, TABLES, TOKEN, Change, Check, Item, Key, Table
from disparo.adapters.aws.tallies import sum_of
from disparo.domain.instants import from_ms
from disparo.domain.message import MessageId, MessageState
from disparo.simulation.books import Books, Row
from disparo.simulation.memory_tables import MemoryTables

if TYPE_CHECKING:
    from disparo.simulation.dynamo_observer import DynamoObserver
    from disparo.simulation.gate import Gate


_STATES = frozenset(str(state) for state in MessageState)


class WatchedTables(MemoryTables):
    """`MemoryTables` that tell of what is written, and of what is read of a breaker."""

    def __init__(self, observer: DynamoObserver, gate: Gate | None = None) -> None:
        super().__init__(None if gate is None else gate.at_write, None if gate is None else gate.lag)
        self._observer, self._gate = observer, gate

    def of_process(self, gate: Gate) -> WatchedTables:
        """A process's handle on the same data."""
        other = WatchedTables(self._observer, gate)
        other.units, other._stored = self.units, self._stored
        return other

    async def get_many(self, wanted: Sequence[tuple[Table, Key]]) -> list[Item | None]:
        """See `Tables.get_many`."""
        await self._wait()
        found = await super().get_many(wanted)
        for table, key in wanted:
            self._observer.read(table, key)
        return found

    async def query(self, table: Table, value: str, **how: Any) -> list[Item]:
        """See `Tables.query`."""
        await self._wait()
        return await super().query(table, value, **how)

    async def _wait(self) -> None:
        if self._gate is not None:
            await self._gate.at_read()

    def _apply(self, changes: Sequence[Change | Check], factor: int) -> list[Item | None]:
        befores = [self._of(change.table).items.get(key_of(change)) for change in changes]
        afters = super()._apply(changes, factor)
        for change, before, after in zip(changes, befores, afters, strict=True):
            if not isinstance(change, Check):
                self._observer.wrote(change.table, before, after)
        return afters

    def items(self, table: Table) -> list[Item]:
        """All items, at once and past the gate."""
        return list(self._of(table).items.values())

    def item(self, table: Table, key: Key) -> Item | None:
        """One of them."""
        return self._of(table).items.get(tuple(key[name] for name in table.key_names))


class DynamoData:
    """`Data` in tables in memory."""

    poll = timedelta(hours=1)

    def __init__(self, observer: DynamoObserver) -> None:
        self._observer = observer
        self._tables = WatchedTables(observer)
        self.store = open_store(self._tables)

    def of_process(self, gate: Gate) -> DynamoProcessData:
        """See `Data.of_process`."""
        return DynamoProcessData(self._tables.of_process(gate))

    def books_of(self, message_id: MessageId) -> Books:
        """See `Data.books_of`."""
        place = enrolment_place(message_id.campaign_id, message_id.contact_id)
        item = self._tables.item(LEDGER, row_key(place)) if place else None
        return Books({} if item is None else _rows(enrolment_of(item)))

    def all_books(self, *, undisturbed: bool = False) -> Books:
        """See `Data.all_books`; counters are written behind the rows."""
        cursors = {str(item["campaign_id"]): number(item, "launch_cursor") for item in self._tables.items(CAMPAIGNS)}
        rows: dict[MessageId, Row] = {}
        for item in self._tables.items(LEDGER):
            if is_row(item):
                rows |= _rows(enrolment_of(item))
        launched = frozenset(str(item["campaign_id"]) for item in self._tables.items(CAMPAIGNS) if item.get("launched"))
        unentered = frozenset(one for one in rows if int(one.contact_id) > cursors[one.campaign_id])
        books = Books(rows, launched=launched, sent_together=True, unentered=unentered)
        return self._with_counters(books) if undisturbed else books

    def _with_counters(self, books: Books) -> Books:
        shards: dict[str, list[Item]] = {}
        for item in self._tables.items(CONTROL):
            kind, _, campaign = str(item["pk"]).partition("#")
            if kind in ("tally", "hours"):
                shards.setdefault(campaign, []).append(item)
        counted = {
            (campaign, *key): count
            for campaign, items in shards.items()
            for key, count in sum_of(items).items()
            if count
        }
        hours: Counter[tuple[str, int, str]] = Counter()
        for campaign, items in shards.items():
            for name, count in hours_in(items).items():
                _, step, event = event_of(name)
                hours[campaign, step, event] += count
        return replace(
            books,
            tallies={key: count for key, count in counted.items() if key[2] in _STATES},
            hours=hours,
            noted={key[:3]: count for key, count in counted.items() if key[2] not in _STATES},
        )

    def everything(self) -> Mapping[str, list[Any]]:
        """See `Data.everything`."""
        return {
            table.name: [
                {name: value for name, value in item.items() if name != TOKEN}
                for item in self._tables.items(table)
                if not (table is CONTROL and item["pk"] == "role")
            ]
            for table in TABLES
        }

    def close(self) -> None:
        """See `Data.close`."""


class DynamoProcessData:
    """`ProcessData` on tables behind a gate."""

    def __init__(self, tables: WatchedTables) -> None:
        self.store = open_store(tables)

    def cut(self) -> None:
        """See `ProcessData.cut`: the gate lets nothing through any more."""

    def close(self) -> None:
        """See `ProcessData.close`."""


def _due_at(row: AwsRow) -> datetime | None:
    """When a row is looked at next."""
    return None if row.due_ms is None else from_ms(row.due_ms)


def _rows(one: Enrolment) -> dict[MessageId, Row]:
    return {
        one.id_of(step): Row(one.id_of(step), row.state, row.reason, row.fence, row.retries, _due_at(row))
        for step, row in one.rows.items()
    }
