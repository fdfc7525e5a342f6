"""`disparo numbers` and `disparo alarms`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from disparo.adapters.embedded.database import Database
from disparo.adapters.embedded.store import open_store
from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.figure import Counted, Series
from disparo.ports.store import Store

MINUTE = timedelta(minutes=1)


def in_the_store(folder: Path, story: Callable[[Store], Awaitable[object]]) -> None:
    database = Database(folder / "disparo-data" / "disparo.sqlite3")
    try:
        asyncio.run(_run(story, open_store(database)))
    finally:
        database.close()


async def _run(story: Callable[[Store], Awaitable[object]], store: Store) -> None:
    await story(store)


def ringing(at: datetime) -> AlarmStanding:
    return AlarmStanding(AlarmName.BREAKER_OPEN, AlarmState.ALARM, at, at, 1.0, 0.0, Unit.COUNT, ("whatsapp",))


def test_numbers_of_what_was_sent(sent, tmp_path) -> None:
    series = Series("whatsapp", "1", Counted.SENT)
    in_the_store(tmp_path, lambda store: store.numbers.add({series: 7}, datetime.now(UTC)))
    found = sent("numbers", "--window", "24h", "--json").json
    assert (found["window"], found["source"]) == ("24h", "minutes")
    by = {item["of"]: item for item in found["items"]}
    assert list(by)[:4] == ["all", "whatsapp", "email", "sms"]
    assert by["campaign:teste"]["messages_sent"] >= 7
    rows = sent("numbers", "--window", "5m", "--channel", "sms").rows
    assert [row[0] for row in rows] == ["all", "sms"]


def test_a_worker_counts_and_looks_at_alarms(sent) -> None:
    found = sent("numbers", "--window", "24h", "--json").json["items"][0]
    assert found["messages_sent"] > 0
    assert found["average_dispatch_time_ms"] is not None
    alarms = sent("alarms", "--json").json["items"]
    assert {item["alarm"] for item in alarms} == set(AlarmName)


@pytest.mark.parametrize(("option", "value"), [("--window", "7d"), ("--channel", "fax")])
def test_what_there_is_not_is_refused_with_the_choices(sent, option, value) -> None:
    refused = sent("numbers", option, value)
    assert refused.code == 2
    assert "escreva um destes" in refused.err


def test_before_anybody_looked_there_are_no_alarms(drafted) -> None:
    found = drafted("alarms")
    assert (found.code, found.out) == (0, "")
    assert "nenhum alarme foi olhado ainda" in found.err


def test_alarms_say_what_is_wrong_and_that_nobody_looks_any_more(drafted, tmp_path) -> None:
    long_ago = datetime.now(UTC) - 10 * MINUTE
    in_the_store(tmp_path, lambda store: store.alarms.keep(ringing(long_ago), None, None))
    found = drafted("alarms")
    [row] = found.rows
    assert row[:3] == ["breaker_open", "Remetente parado", "alarm"]
    assert row[4].endswith(": 1 (whatsapp); limite: 0")
    assert "ninguém olha os alarmes" in found.err


def test_changes_come_in_pages_and_say_who_was_told(drafted, tmp_path) -> None:
    now = datetime.now(UTC)

    async def story(store: Store) -> None:
        before = None
        for at in (now - 2 * MINUTE, now - MINUTE):
            change = AlarmChange(AlarmState.OK, ringing(at), frozenset({"email"}))
            assert await store.alarms.keep(change.standing, before, change)
            before = change.standing
        await store.alarms.told(change.id, "email", now)

    in_the_store(tmp_path, story)
    first = drafted("alarms", "--changes", "--limit", "1", "--json").json
    assert [item["told"] for item in first["items"]] == [["email"]]
    second = drafted("alarms", "--changes", "--limit", "1", "--after", first["next"], "--json").json
    assert [item["waiting"] for item in second["items"]] == [["email"]]
    assert second["next"] is None
