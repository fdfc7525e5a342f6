"""Everything that one family of adapters keeps."""

from __future__ import annotations

from dataclasses import dataclass

from disparo.ports.accounts import Accounts
from disparo.ports.agenda import Hosts, Meetings
from disparo.ports.alarms import AlarmBook
from disparo.ports.api_keys import ApiKeys
from disparo.ports.audit import Audit
from disparo.ports.campaigns import Campaigns
from disparo.ports.contacts import Contacts
from disparo.ports.hand_messages import HandMessages
from disparo.ports.inbox import Inbox
from disparo.ports.ledger import Ledger
from disparo.ports.numbers import Numbers
from disparo.ports.one_time_links import OneTimeLinks
from disparo.ports.retention import Retention
from disparo.ports.sessions import Sessions
from disparo.ports.suppressions import Suppressions
from disparo.ports.templates import Sketches, Templates
from disparo.ports.tries import Tries
from disparo.ports.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Store:
    """The ports of one family, over the same data."""

    ledger: Ledger
    campaigns: Campaigns
    contacts: Contacts
    suppressions: Suppressions
    inbox: Inbox
    hosts: Hosts
    meetings: Meetings
    hand_messages: HandMessages
    templates: Templates
    sketches: Sketches
    audit: Audit
    numbers: Numbers
    alarms: AlarmBook
    accounts: Accounts
    sessions: Sessions
    api_keys: ApiKeys
    tries: Tries
    one_time_links: OneTimeLinks
    webhooks: Webhooks
    retention: Retention
