from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import cast

from disparo.adapters.late_audit import LateAudit
from disparo.ports.audit import Audit
from tests.contract.test_late_audit import Sick
from tests.unit.entrypoints.http.conftest import Client


def test_what_was_done_is_answered_as_done_though_the_audit_does_not_take_it(client: Client) -> None:
    async def story() -> None:
        house = client.house
        sick = Sick(house.store.audit)
        house.store = replace(house.store, audit=cast(Audit, LateAudit(cast(Audit, sick), house.store.inbox)))
        sick.before = 9
        answer = await client.post("/api/v1/imports", {"file": "a.csv"})
        assert answer.status == 201, answer.body
        assert await house.audited() == []
        sick.before = 0
        house.clock.at += timedelta(minutes=1)
        await client.get("/api/v1/imports")
        [entry] = await house.audited()
        assert (entry.action, entry.detail["late"]) == ("imports.create", "true")
        assert entry.at < house.clock.now()

    asyncio.run(story())
