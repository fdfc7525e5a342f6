"""The ledger as it stands, read past everything that could go wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from disparo.adapters.embedded import snapshot
from disparo.adapters.embedded.rows import Row as Columns
from disparo.domain.message import MessageId, MessageState
from disparo.simulation.invariants import Books, Row

_STATES = frozenset(str(state) for state in MessageState)


def books_of(connection: apsw.Connection, message_id: MessageId) -> Books:
    """The rows of a message's contact in its campaign, and nothing else."""
    found = snapshot.of_contact(connection, message_id.campaign_id, message_id.contact_id)
    return Books(_rows(found), {}, frozenset())


def all_books(connection: apsw.Connection) -> Books:
    """All of it."""
    tallies = {(str(row[0]), *row[1:4]): row[4] for row in snapshot.tallies(connection) if row[2] in _STATES}
    return Books(_rows(snapshot.rows(connection)), tallies, snapshot.launched(connection))


def _rows(found: Iterable[Columns]) -> dict[MessageId, Row]:
    ids = ((MessageId(str(row[0]), row[1], str(row[2])), row) for row in found)
    return {message_id: Row(message_id, MessageState(row[3]), *row[4:]) for message_id, row in ids}
