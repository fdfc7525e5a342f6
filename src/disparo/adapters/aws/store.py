"""The AWS family's stores, wired."""

from __future__ import annotations

from disparo.adapters.aws.accounts import DynamoAccounts
from disparo.adapters.aws.alarms import DynamoAlarms
from disparo.adapters.aws.api_keys import DynamoApiKeys
from disparo.adapters.aws.audit import DynamoAudit
from disparo.adapters.aws.campaigns import DynamoCampaigns
from disparo.adapters.aws.contacts import DynamoContacts
from disparo.adapters.aws.hand_messages import DynamoHandMessages
from disparo.adapters.aws.hosts import DynamoHosts
from disparo.adapters.aws.inbox import DynamoInbox
from disparo.adapters.aws.ledger import DynamoLedger
from disparo.adapters.aws.meetings import DynamoMeetings
from disparo.adapters.aws.numbers import DynamoNumbers
from disparo.adapters.aws.one_time_links import DynamoOneTimeLinks
from disparo.adapters.aws.retention import DynamoRetention
from disparo.adapters.aws.sessions import DynamoSessions
from disparo.adapters.aws.suppressions import DynamoSuppressions
from disparo.adapters.aws.tables import Tables
from disparo.adapters.aws.templates import DynamoSketches, DynamoTemplates
from disparo.adapters.aws.tries import DynamoTries
from disparo.adapters.aws.webhooks import DynamoWebhooks
from disparo.ports.store import Store


def open_store(tables: Tables) -> Store:
    """The ports on DynamoDB's tables."""
    return Store(
        ledger=DynamoLedger(tables),
        campaigns=DynamoCampaigns(tables),
        contacts=DynamoContacts(tables),
        suppressions=DynamoSuppressions(tables),
        inbox=DynamoInbox(tables),
        hosts=DynamoHosts(tables),
        meetings=DynamoMeetings(tables),
        hand_messages=DynamoHandMessages(tables),
        templates=DynamoTemplates(tables),
        sketches=DynamoSketches(tables),
        audit=DynamoAudit(tables),
        numbers=DynamoNumbers(tables),
        alarms=DynamoAlarms(tables),
        accounts=DynamoAccounts(tables),
        sessions=DynamoSessions(tables),
        api_keys=DynamoApiKeys(tables),
        tries=DynamoTries(tables),
        one_time_links=DynamoOneTimeLinks(tables),
        webhooks=DynamoWebhooks(tables),
        retention=DynamoRetention(tables),
    )
