"""Telling other programs: which stores are announced, and what carries it there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from disparo.adapters.announced_store import announced, announced_imports
from disparo.adapters.late_audit import LateAudit
from disparo.adapters.outbox_events import OutboxEvents
from disparo.adapters.outside_world import OutsideWorld
from disparo.ports.audit import Audit
from disparo.ports.imports import Imports
from disparo.ports.store import Store
from disparo.settings import Settings

FRESH_FOR_ON_AWS = timedelta(seconds=30)
"""How long a function believes what it knows of the endpoints: each look is a request."""


def heard(store: Store, imports: Imports, fresh_for: timedelta | None = None) -> tuple[Store, Imports, OutboxEvents]:
    """Store and imports whose changes are announced, and what takes the events; its audit waits for the store."""
    store = replace(store, audit=cast(Audit, LateAudit(store.audit, store.inbox)))
    events = OutboxEvents(store.webhooks) if fresh_for is None else OutboxEvents(store.webhooks, fresh_for=fresh_for)
    return announced(store, events), announced_imports(imports, events), events


def outside_world(settings: Settings) -> OutsideWorld:
    """What may be connected to at addresses that somebody gave us."""
    allowed = settings.outside_private_networks_allowed
    return OutsideWorld(allowed, https_only=not settings.outside_plain_http_allowed)
