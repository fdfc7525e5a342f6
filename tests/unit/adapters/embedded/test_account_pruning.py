"""What is over goes, and nothing else: on AWS the tables do that by themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.sessions import SqliteSessions
from disparo.adapters.embedded.tries import SqliteTries
from disparo.domain.policies.throttle import Throttle
from disparo.domain.session import Session

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_sessions_and_tries_that_are_over_are_forgotten() -> None:
    async def story() -> None:
        database = Database(None)
        sessions, tries = SqliteSessions(database), SqliteTries(database)
        one = Session("a" * 64, "p1", NOW, NOW, NOW + HOUR)
        await sessions.begin(one)
        await sessions.begin(replace(one, id="b" * 64, ends_at=NOW + 2 * HOUR))
        throttle = Throttle(1, HOUR, HOUR, 100 * HOUR)
        await tries.take("old", throttle, NOW)
        await tries.take("new", throttle, NOW + HOUR)
        assert await sessions.prune(NOW + HOUR) == 1
        assert [kept.id for kept in await sessions.of_account("p1")] == ["b" * 64]
        assert await tries.prune(NOW + HOUR) == 1
        assert await tries.take("new", throttle, NOW + HOUR) == HOUR
        assert await tries.take("old", throttle, NOW + HOUR) == timedelta(0)
        database.close()

    asyncio.run(story())
