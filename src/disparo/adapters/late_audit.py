"""An audit whose entries wait when the store does not take them, so that whoever did something is told the truth.

ADR 22. An entry that waits is written to the log at once, whole, and into the audit under its own id as soon as the
store takes it, saying that it came late. What a process that ends abruptly had waiting is in the log alone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from secrets import token_hex
from typing import Any

from disparo.domain.audit import AuditEntry, audit_id
from disparo.domain.receipt import Notice
from disparo.ports.audit import Audit
from disparo.ports.inbox import Inbox

MOST_WAITING = 10_000
"""Entries in memory; what comes after that is in the log alone."""

EACH = timedelta(seconds=5)
"""How long a store that did not take them is left alone."""


class LateAudit:
    """`Audit` over another one; in everything but `append` that one itself."""

    def __init__(self, audit: Audit, inbox: Inbox) -> None:
        self._audit, self._inbox = audit, inbox
        self._waiting: list[AuditEntry] = []
        self._again_at: datetime | None = None
        self._turns = count()  # what one process writes in one millisecond stays in its order

    def __getattr__(self, name: str) -> Any:
        return getattr(self._audit, name)

    async def append(self, entry: AuditEntry) -> AuditEntry:
        """See `Audit.append`; an error of the store is no error here: the act was done, and the entry is not lost."""
        kept = replace(entry, id=entry.id or audit_id(entry.at, f"{next(self._turns):08x}{token_hex(4)}"))
        try:
            return await self._audit.append(kept)
        except BaseException as error:
            self._keep(kept, error)
            if not isinstance(error, Exception):  # a process that is stopped in the middle
                raise
            return kept

    async def catch_up(self, now: datetime) -> int:
        """See `CatchesUp.catch_up`."""
        if not self._waiting or (self._again_at is not None and now < self._again_at):
            return 0
        self._again_at = now + EACH  # also for others who come meanwhile
        written: list[AuditEntry] = []
        try:
            for one in self._waiting[:]:
                await self._audit.append(replace(one, detail={**one.detail, "late": "true"}))
                self._waiting.remove(one)
                written.append(one)
        except Exception as error:
            logging.getLogger(__name__).warning("audit_still_late", extra={"kind": type(error).__name__})
        else:
            self._again_at = None
        if written:
            await self._tell_operator(written, now)
        return len(written)

    def _keep(self, entry: AuditEntry, error: BaseException) -> None:
        if room := len(self._waiting) < MOST_WAITING:
            self._waiting.append(entry)
        if self._again_at is None:
            self._again_at = entry.at
        said = {name: getattr(entry, name) for name in ("id", "actor", "action", "object", "outcome", "address")}
        told = {"entry": {**said, "detail": dict(entry.detail)}, "waits": room, "kind": type(error).__name__}
        logging.getLogger(__name__).error("audit_late", extra=told)

    async def _tell_operator(self, written: Sequence[AuditEntry], now: datetime) -> None:
        first, last = written[0].id, written[-1].id
        detail = f'{{"entries": {len(written)}, "first": "{first}", "last": "{last}"}}'
        try:
            await self._inbox.keep_notice(Notice("audit", f"late:{first}", "audit_late", now, detail), now)
        except Exception as error:  # it is in the log, and each entry says so itself
            logging.getLogger(__name__).warning("audit_late_untold", extra={"kind": type(error).__name__})
