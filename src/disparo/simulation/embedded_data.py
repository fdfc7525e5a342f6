"""A world's data in SQLite: each call of a port is one act, so what it did is known when it returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from disparo.adapters.embedded import snapshot
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.rows import Row as Columns
from disparo.adapters.embedded.rows import instant
from disparo.adapters.embedded.store import open_store
from disparo.domain.message import MessageId, MessageState
from disparo.simulation.books import Books, Row

if TYPE_CHECKING:
    from disparo.simulation.gate import Gate

_STATES = frozenset(str(state) for state in MessageState)


class EmbeddedData:
    """`Data` in a database in memory."""

    poll = None

    def __init__(self) -> None:
        self._database = Database(None)
        self.store = open_store(self._database)

    def of_process(self, gate: Gate) -> EmbeddedProcessData:  # noqa: ARG002
        """See `Data.of_process`."""
        return EmbeddedProcessData(self._database.sibling())

    def books_of(self, message_id: MessageId) -> Books:
        """See `Data.books_of`."""
        found = snapshot.of_contact(self._database.reader, message_id.campaign_id, message_id.contact_id)
        return Books(_rows(found))

    def all_books(self, *, undisturbed: bool = False) -> Books:  # noqa: ARG002
        """See `Data.all_books`."""
        reader = self._database.reader
        counted = {(str(row[0]), *row[1:4]): row[4] for row in snapshot.tallies(reader)}
        return Books(
            _rows(snapshot.rows(reader)),
            {key: count for key, count in counted.items() if key[2] in _STATES},
            snapshot.launched(reader),
            hours={(str(row[0]), *row[1:3]): row[3] for row in snapshot.hours(reader)},
            noted={key[:3]: count for key, count in counted.items() if key[2] not in _STATES},
        )

    def everything(self) -> Mapping[str, list[Any]]:
        """See `Data.everything`."""
        return snapshot.everything(self._database.reader)

    def close(self) -> None:
        """See `Data.close`."""
        self._database.close()


class EmbeddedProcessData:
    """`ProcessData` on connections of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.store = open_store(database)

    def cut(self) -> None:
        """See `ProcessData.cut`."""
        self._database._waiting.clear()

    def close(self) -> None:
        """See `ProcessData.close`."""
        self._database.close()


def _rows(found: Iterable[Columns]) -> dict[MessageId, Row]:
    ids = ((MessageId(str(row[0]), row[1], str(row[2])), row) for row in found)
    return {
        message_id: Row(message_id, MessageState(row[3]), row[4], row[5], row[6], instant(row[7]))
        for message_id, row in ids
    }
