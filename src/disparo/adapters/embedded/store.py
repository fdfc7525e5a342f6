"""The embedded family, wired."""

from __future__ import annotations

from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.hosts import SqliteHosts
from disparo.adapters.embedded.inbox import SqliteInbox
from disparo.adapters.embedded.ledger import SqliteLedger
from disparo.adapters.embedded.meetings import SqliteMeetings
from disparo.adapters.embedded.suppressions import SqliteSuppressions
from disparo.ports.store import Store


def open_store(database: Database) -> Store:
    """The ports on one SQLite database."""
    return Store(
        SqliteLedger(database),
        SqliteCampaigns(database),
        SqliteContacts(database),
        SqliteSuppressions(database),
        SqliteInbox(database),
        SqliteHosts(database),
        SqliteMeetings(database),
    )
