"""Everything that one family of adapters keeps."""

from __future__ import annotations

from dataclasses import dataclass

from disparo.ports.agenda import Hosts, Meetings
from disparo.ports.campaigns import Campaigns
from disparo.ports.contacts import Contacts
from disparo.ports.inbox import Inbox
from disparo.ports.ledger import Ledger
from disparo.ports.suppressions import Suppressions


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
