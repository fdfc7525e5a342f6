"""The embedded family, wired."""

from __future__ import annotations

from disparo.adapters.embedded.accounts import SqliteAccounts
from disparo.adapters.embedded.alarms import SqliteAlarms
from disparo.adapters.embedded.api_keys import SqliteApiKeys
from disparo.adapters.embedded.audit import SqliteAudit
from disparo.adapters.embedded.campaigns import SqliteCampaigns
from disparo.adapters.embedded.contacts import SqliteContacts
from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.hand_messages import SqliteHandMessages
from disparo.adapters.embedded.hosts import SqliteHosts
from disparo.adapters.embedded.inbox import SqliteInbox
from disparo.adapters.embedded.ledger import SqliteLedger
from disparo.adapters.embedded.meetings import SqliteMeetings
from disparo.adapters.embedded.numbers import SqliteNumbers
from disparo.adapters.embedded.one_time_links import SqliteOneTimeLinks
from disparo.adapters.embedded.retention import SqliteRetention
from disparo.adapters.embedded.sessions import SqliteSessions
from disparo.adapters.embedded.suppressions import SqliteSuppressions
from disparo.adapters.embedded.templates import SqliteSketches, SqliteTemplates
from disparo.adapters.embedded.tries import SqliteTries
from disparo.adapters.embedded.webhooks import SqliteWebhooks
from disparo.ports.store import Store


def open_store(database: Database) -> Store:
    """The ports on one SQLite database."""
    return Store(
        ledger=SqliteLedger(database),
        campaigns=SqliteCampaigns(database),
        contacts=SqliteContacts(database),
        suppressions=SqliteSuppressions(database),
        inbox=SqliteInbox(database),
        hosts=SqliteHosts(database),
        meetings=SqliteMeetings(database),
        hand_messages=SqliteHandMessages(database),
        templates=SqliteTemplates(database),
        sketches=SqliteSketches(database),
        audit=SqliteAudit(database),
        numbers=SqliteNumbers(database),
        alarms=SqliteAlarms(database),
        accounts=SqliteAccounts(database),
        sessions=SqliteSessions(database),
        api_keys=SqliteApiKeys(database),
        tries=SqliteTries(database),
        one_time_links=SqliteOneTimeLinks(database),
        webhooks=SqliteWebhooks(database),
        retention=SqliteRetention(database),
    )
