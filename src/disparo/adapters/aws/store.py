"""The AWS family's stores, wired."""

from __future__ import annotations

from disparo.adapters.aws.campaigns import DynamoCampaigns
from disparo.adapters.aws.contacts import DynamoContacts
from disparo.adapters.aws.hosts import DynamoHosts
from disparo.adapters.aws.inbox import DynamoInbox
from disparo.adapters.aws.ledger import DynamoLedger
from disparo.adapters.aws.meetings import DynamoMeetings
from disparo.adapters.aws.suppressions import DynamoSuppressions
from disparo.adapters.aws.tables import Tables
from disparo.ports.store import Store


def open_store(tables: Tables) -> Store:
    """The ports on DynamoDB's tables."""
    return Store(
        DynamoLedger(tables),
        DynamoCampaigns(tables),
        DynamoContacts(tables),
        DynamoSuppressions(tables),
        DynamoInbox(tables),
        DynamoHosts(tables),
        DynamoMeetings(tables),
    )
