"""Alarms of a whole installation: looked at by its worker, told by the ways that its settings name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from disparo.bootstrap import App, open_app
from disparo.domain.alarm import AlarmName, AlarmState
from disparo.settings import Settings

PHYSICAL = {"alarm_disk_percent": 1}
"""Of every disk more is used: an alarm that is always on."""


@contextmanager
def opened(folder: Path, **settings: object) -> Iterator[App]:
    app = open_app(Settings.model_validate({"data": folder / "data", **PHYSICAL, **settings}))
    try:
        yield app
    finally:
        app.close()


async def look(app: App) -> None:
    await app.alarm_watch("w1").run(app.clock.now())
    await app.close_channels()


def test_the_disk_of_the_data_is_looked_at(tmp_path) -> None:
    with opened(tmp_path) as app:
        asyncio.run(look(app))
        standings = asyncio.run(app.store.alarms.standings())
    states = {one.name: one.state for one in standings}
    assert set(states) == set(AlarmName)
    assert states[AlarmName.DISK_NEARLY_FULL] is AlarmState.ALARM
    assert states[AlarmName.DLQ_MESSAGES] is AlarmState.OK


def test_a_mailbox_is_told_by_the_installations_own_sender_and_once(tmp_path) -> None:
    with opened(tmp_path, alarm_email="plantao@exemplo.com.br", public_url="https://disparo.exemplo.com.br") as app:
        for _ in range(2):
            asyncio.run(look(app))
        [change] = asyncio.run(app.store.alarms.changes(None, 10))
        assert set(change.told) == {"email", "endpoints"}
    lines = (tmp_path / "data" / "sandbox.jsonl").read_text(encoding="utf-8").splitlines()
    mails = [line for line in lines if "Disco quase cheio" in line]
    assert len(mails) == 1
    assert "plantao@exemplo.com.br" in mails[0]
    assert "https://disparo.exemplo.com.br/console" in mails[0]
    assert json.loads(mails[0])


def test_a_webhook_in_our_own_network_is_refused_and_told_as_soon_as_it_is_not(tmp_path, caplog) -> None:
    with opened(tmp_path, alarm_webhook_url="http://127.0.0.1:9/alarmes") as app:
        asyncio.run(look(app))
        [change] = asyncio.run(app.store.alarms.changes(None, 10))
    assert change.waiting == {"webhook"}
    assert set(change.told) == {"endpoints"}
    assert "alarm_not_told" in caplog.text


def test_a_worker_counts_and_looks_at_alarms(tmp_path) -> None:
    with opened(tmp_path) as app:
        engine = app.worker("w1", app.own_routes)._engine
        assert engine.counting is not None
        assert engine.alarms is not None
