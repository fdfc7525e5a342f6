"""The five tables, and what the stores of this family ask of DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from disparo.domain.errors import StoreError

Value = str | int | bool | frozenset[str]
"""What an attribute may be; what is nested is kept as JSON text."""

Item = Mapping[str, Value]
Key = Mapping[str, str]


class Absent(Enum):
    """The condition that an attribute (of a key: the item) is not there."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

Condition = Mapping[str, Value | Absent]
"""For each attribute the value that it must have, or ABSENT."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its key, and the key of each of its indexes. On AWS it is called `<prefix>-<name>-<environment>`."""

    name: str
    hash: str
    range: str | None
    indexes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def key_names(self) -> tuple[str, ...]:
        """The attributes of its key."""
        return (self.hash,) if self.range is None else (self.hash, self.range)

    def key_of(self, item: Item) -> Key:
        """The part of an item that is its key."""
        return {name: str(item[name]) for name in self.key_names}


CAMPAIGNS = Table("campaigns", "campaign_id", None, {"status-created-index": ("status", "created_at")})
CONTACTS = Table("contacts", "contact_id", None, {"campaign-status-index": ("campaign_id", "status")})
LEDGER = Table("ledger", "pk", "sk", {"due-index": ("lane", "due")})
CONTROL = Table("control", "pk", "sk")
AGENDA = Table("agenda", "pk", "sk")
TABLES = (CAMPAIGNS, CONTACTS, LEDGER, CONTROL, AGENDA)
"""The first two are the source document's ("DynamoDB - Configurações Otimizadas"), the others ours."""

KEYS_ONLY = frozenset({"due-index"})
"""Indexes that hold keys alone; the others hold whole items."""


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item over whatever is there."""

    table: Table
    item: Item
    when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of an item, making it when it is missing.

    `add` adds to numbers and sets, `take` takes out of sets; a number or set that is missing begins empty.
    """

    table: Table
    key: Key
    set: Item = field(default_factory=dict)
    set_if_absent: Item = field(default_factory=dict)
    add: Mapping[str, int | frozenset[str]] = field(default_factory=dict)
    take: Mapping[str, frozenset[str]] = field(default_factory=dict)
    remove: tuple[str, ...] = ()
    when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item; one that is not there is removed already."""

    table: Table
    key: Key
    when: Condition = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """In a transaction: nothing is done unless this holds."""

    table: Table
    key: Key
    when: Condition


Change = Put | Update | Delete

MOST_IN_TRANSACTION = 100
"""TransactWriteItems, Amazon DynamoDB API reference."""

TOKEN = "w"
"""Attribute that tells whose write an item is, so that a write whose answer was lost knows itself again.

Readers never see it and changes may not name it.
"""


class ConditionFailedError(StoreError):
    """Somebody else was faster: the item is not as the write wanted it. Nothing was done."""


class Tables(Protocol):
    """DynamoDB as the stores use it.

    Reads are strongly consistent, except of indexes, which may lag behind. What is throttled, and a transaction that
    meets another, is tried again; StoreError when that does not help or the service cannot be reached: then a write
    may have been done. A conditional write that was done and whose answer was lost is recognised and counts as done.

    ValueError for what DynamoDB never does, whatever the tables hold, because it is a mistake of the program: an empty
    text, or one over 2,048 (hash) or 1,024 bytes (range), in a key of table or index; an empty set; an item over
    400 KB; an Update that changes nothing, an attribute twice or its key; a sum with what is no number.
    """

    async def get(self, table: Table, key: Key) -> Item | None:
        """One item."""
        ...

    async def get_many(self, wanted: Sequence[tuple[Table, Key]]) -> list[Item | None]:
        """Any number of items of any tables, in the order asked for; the same key may be asked for twice."""
        ...

    async def write(self, change: Change) -> Item | None:
        """Do one change; the item as it is then (None for a Delete). ConditionFailedError."""
        ...

    async def write_many(self, changes: Sequence[Change]) -> list[bool]:
        """Do changes of different items side by side, each for itself; False where its condition failed."""
        ...

    async def transact(self, changes: Sequence[Change | Check]) -> None:
        """Do all (at most 100, of different items) or none; ConditionFailedError."""
        ...

    async def query(
        self,
        table: Table,
        value: str,
        *,
        index: str | None = None,
        lowest: str | None = None,
        highest: str | None = None,
        descending: bool = False,
        limit: int | None = None,
    ) -> list[Item]:
        """Items of one hash value in the order of the range key, between `lowest` and `highest` inclusive.

        Of an index that holds keys alone, only those (of table and index) come back. `limit` is at least 1.
        """
        ...

    async def scan(self, table: Table) -> list[Item]:
        """Every item, in no order; for tables that stay small, and for checks."""
        ...
