"""What the store's audit did not take waits, and comes once, where it belongs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disparo.adapters.late_audit import EACH, LateAudit
from disparo.domain.audit import AuditEntry
from disparo.domain.errors import StoreError
from disparo.ports.audit import Audit
from tests.contract.audit_suite import ALL, ENTRY, NOW
from tests.contract.families import FAMILIES, opened_twice


class Sick:
    """An audit that fails as often as it is told to, before it writes or after it has."""

    def __init__(self, audit: Audit) -> None:
        self._audit, self.before, self.after, self.asked = audit, 0, 0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._audit, name)

    async def append(self, entry: AuditEntry) -> AuditEntry:
        self.asked += 1
        if self.before:
            self.before -= 1
            raise StoreError("cheio")
        kept = await self._audit.append(entry)
        if self.after:
            self.after -= 1
            raise StoreError("a resposta se perdeu")
        return kept


@pytest.mark.parametrize("family", FAMILIES)
def test_an_entry_that_was_not_taken_comes_later_where_it_belongs(
    family: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):
            sick = Sick(store.audit)
            audit = LateAudit(sick, store.inbox)
            sick.before = 2
            kept = await audit.append(ENTRY)
            assert replace(kept, id="") == ENTRY
            assert list(await other.audit.page(ALL, None, 5)) == []
            [told] = [one for one in caplog.records if one.message == "audit_late"]
            assert (told.levelno, told.entry["id"], told.waits) == (logging.ERROR, kept.id, True)  # type: ignore[attr-defined]
            assert await audit.catch_up(NOW) == 0
            assert await audit.catch_up(NOW) == 0
            assert sick.asked == 2, "a store that is sick is left alone for a while"
            newer = await audit.append(replace(ENTRY, at=NOW + timedelta(seconds=1), object="name=13"))
            assert await audit.catch_up(NOW + EACH) == 1
            assert list(await other.audit.page(ALL, None, 5)) == [
                newer,
                replace(kept, detail={**kept.detail, "late": "true"}),
            ]
            [(_, notice)] = await other.inbox.notices(None, 5)
            assert (notice.kind, kept.id in notice.detail) == ("audit_late", True)
            assert await audit.catch_up(NOW + 2 * EACH) == 0

    asyncio.run(story())


@pytest.mark.parametrize("family", FAMILIES)
def test_an_entry_of_which_nobody_knows_whether_it_was_taken_is_there_once(family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):
            sick = Sick(store.audit)
            audit = LateAudit(sick, store.inbox)
            sick.after = 1
            kept = await audit.append(ENTRY)
            assert await audit.catch_up(NOW) == 1
            assert list(await other.audit.page(ALL, None, 5)) == [kept]

    asyncio.run(story())


@pytest.mark.parametrize("family", FAMILIES[:1])
def test_who_is_stopped_in_the_middle_is_stopped_and_the_entry_waits(family: str, tmp_path: Path) -> None:
    async def story() -> None:
        with opened_twice(family, tmp_path) as (store, other):

            class Stopped(Sick):
                async def append(self, entry: AuditEntry) -> AuditEntry:
                    if not self.asked:
                        self.asked = 1
                        raise asyncio.CancelledError
                    return await super().append(entry)

            audit = LateAudit(Stopped(store.audit), store.inbox)
            with pytest.raises(asyncio.CancelledError):
                await audit.append(ENTRY)
            assert await audit.catch_up(NOW) == 1
            assert len(await other.audit.page(ALL, None, 5)) == 1

    asyncio.run(story())
