"""Erasures that were done, as the audit tells of them."""

from __future__ import annotations

from collections.abc import Sequence

from disparo.domain.audit import AuditEntry, AuditFilter
from disparo.domain.principal import Principal, Role
from disparo.ports.store import Store

MOST = 20


async def past_erasures(store: Store, principal: Principal) -> Sequence[AuditEntry] | None:
    """The latest, newest first; None for whom the audit is not."""
    if not principal.role.covers(Role.ADMIN):
        return None
    found = [*(await store.audit.page(AuditFilter(action="contacts.erase"), None, MOST))]
    found += await store.audit.page(AuditFilter(action="retention.forget", object="contacts"), None, MOST)
    return sorted(found, key=lambda one: one.id, reverse=True)[:MOST]
