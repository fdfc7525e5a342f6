"""An installation of either family, opened so that two of them can be told the same story.

What the families do not decide stands still: the clock, chance, who answers at providers and other programs' doors.
"""

from __future__ import annotations

import json
import os
import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from disparo.adapters import late_audit
from disparo.adapters.aws import audit as dynamo_audit
from disparo.adapters.embedded import audit as embedded_audit
from disparo.adapters.files.contact_files import LocalContactFiles
from disparo.bootstrap import App, open_app
from disparo.bootstrap.cloud import open_cloud
from disparo.bootstrap.families import LINK_KEY
from disparo.domain.contact import Channel
from disparo.domain.message import Outcome
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.engine import announcing
from disparo.engine.dispatch import Route
from disparo.entrypoints.http import imports, meeting_changes
from disparo.ports.channel import Outgoing
from disparo.ports.undelivered import Undelivered, UndeliveredKind
from disparo.ports.webhooks import Posted
from disparo.settings import Settings
from disparo.simulation.memory_tables import MemoryTables
from tests.account_scene import cheap_locks
from tests.listening_house import SEALER, YES, ToldPost, hooks_of
from tests.unit.entrypoints.http.conftest import MONDAY

FAMILIES = ("embedded", "dynamo")
LINKS = {"key": "chave de teste, de mais de 16 bytes"}
OPEN_ALWAYS = {
    "timezone": "America/Sao_Paulo",
    "workingDays": [1, 2, 3, 4, 5, 6, 7],
    "startTime": "00:00",
    "endTime": "24:00",
    "publicHolidays": False,
}


class StandingClock:
    """Moves when it is told to; whoever waits for it has waited."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def elapsed(self) -> timedelta:
        return self.at - MONDAY

    async def wait(self, *_: object) -> None:
        return None


class Fated:
    """A provider: what it does with a message depends on the contact alone, so both families meet the same."""

    FATES: Mapping[int, FailureClass] = {
        3: FailureClass.RECIPIENT,
        5: FailureClass.TRANSIENT,
        7: FailureClass.UNKNOWN,
        8: FailureClass.PERMANENT,
    }

    async def send(self, message: Outgoing, _: object) -> Outcome:
        failure = self.FATES.get(int(message.id.contact_id) % 13)
        if failure is None:
            return Outcome(accepted=True, provider_id=f"p-{message.id}")
        return Outcome(accepted=False, failure=failure, reason=f"told_{failure}", detail=f"131026: told to {failure}")


class Moody(ToldPost):
    """Another program: which of its doors takes what depends on what is told, not on when."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        await super().post(url, headers, body)
        refuses = url.endswith("/1") and json.loads(body)["type"] == "meeting.declined"
        return Posted(500, timedelta(milliseconds=3), answer=b"no") if refuses else YES


class Queue:
    """What functions gave up."""

    def __init__(self) -> None:
        self.entries = [
            Undelivered(UndeliveredKind.INVOCATION, "a"),
            Undelivered(UndeliveredKind.POISON, "b", reason="<script>"),
        ]

    async def look(self, limit: int) -> Sequence[Undelivered]:
        return self.entries[:limit]

    async def drop(self, entries: Sequence[Undelivered]) -> None:
        self.entries = [one for one in self.entries if one not in entries]

    async def leave(self, _: Sequence[Undelivered]) -> None: ...


class _Secrets:
    """The one secret that is needed: what links are signed with."""

    def read_now(self, name: str) -> Mapping[str, str]:
        return {"links": LINKS}[name]

    async def get(self, name: str) -> Mapping[str, str]:
        return self.read_now(name)

    refresh = get


@dataclass
class House:
    """One of them; `tables` or the folder hold its data."""

    family: str
    folder: Path
    app: App
    clock: StandingClock
    tables: MemoryTables | None

    async def send(self, channel: Channel, count: int = 200) -> int:
        """Send what may go now; how many were claimed."""
        dispatch, now, done = self.app.own_engine.dispatch, self.clock.now(), []
        claimed = (await dispatch.claim(channel.value, count, now)).messages
        for message in sorted(claimed, key=lambda one: one.id):
            ready = await dispatch.prepare(message, now)
            if not isinstance(ready, Settlement):
                outcome = await dispatch.hand_over(message, ready, now, timedelta(0))
                ready = outcome if isinstance(outcome, Settlement) else await dispatch.conclude(message, outcome, now)
            done.append(ready)
        await dispatch.record(done, now)
        return len(claimed)

    async def work(self) -> None:
        """Let everything happen that happens by itself at this instant, once through."""
        engine, now = self.app.own_engine, self.clock.now()
        for _ in range(50):
            if not await engine.launch.run(now):
                break
        for channel in Channel:
            while await self.send(channel):
                pass
        for step in (engine.reconcile, engine.attend, engine.housekeeping, engine.announce):
            for _ in range(50):
                if step is None or (await step.run(now) or now + timedelta(1)) > now:
                    break
        await self.app.alarm_watch("w1").run(now)
        await self.app.store.numbers.beat("w1", now)


@contextmanager
def opened(
    family: str, folder: Path, tables: MemoryTables | None = None, at: datetime = MONDAY, **more: Any
) -> Iterator[House]:
    """An installation of a family over what is in `folder` or `tables`."""
    clock = StandingClock(at)
    wanted = {
        "data": folder,
        "store": "embedded" if family == "embedded" else "dynamodb",
        "business_hours": OPEN_ALWAYS,
        "business_hours_timezone": "America/Sao_Paulo",
        "sandbox_webhook_secret": "whsec_c2VncmVkbyBkZSB0ZXN0ZQ==",
        "public_url": "https://disparo.example.com",
        "rate_limit_whatsapp_burst": 2000,
        "rate_limit_whatsapp_hourly": 20000,
        **more,
    }
    settings = Settings.model_validate(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("disparo.bootstrap.cloud.secrets", lambda _: _Secrets())
        if family == "embedded":
            folder.mkdir(parents=True, exist_ok=True)
            (folder / LINK_KEY).write_bytes(LINKS["key"].encode())
            app = open_app(settings, clock=clock)
        else:
            tables = tables or MemoryTables()
            app = open_cloud(settings, clock, tables=tables)
    app.contact_files = LocalContactFiles(folder / "files")
    app.undelivered = Queue()
    app.link_key = lambda: LINKS["key"].encode()
    made = vars(app)
    made["locks"], made["post"], made["sealer"] = cheap_locks(app.store), Moody(), SEALER
    made["own_routes"] = {one.sender.name: Route(one.sender, Fated()) for one in app.senders}
    made["hooks"] = hooks_of(app)
    try:
        yield House(family, folder, app, clock, tables)
    finally:
        app.close()


def copy_of(tables: MemoryTables) -> MemoryTables:
    """The same data, apart."""
    other = MemoryTables()
    other._stored = deepcopy(tables._stored)
    return other


class Chance:
    """What is drawn: the same after each beginning."""

    def __init__(self) -> None:
        self.begin(1)

    def begin(self, number: int) -> None:
        """Draw anew."""
        self._drawn, self._number, self._turns = random.Random(number), number, 0

    def bytes(self, count: int | None = None) -> bytes:
        """As `secrets.token_bytes` and `os.urandom`."""
        return self._drawn.randbytes(32 if count is None else count)

    def token(self, _: int) -> str:
        """What rises with each drawing, whatever else is drawn."""
        self._turns += 1
        return f"{self._number:05x}{self._turns:03x}"


@contextmanager
def without_chance() -> Iterator[Chance]:
    """Ids, keys and the jitter of retries are no matter of chance, and our own time stands still."""
    chance = Chance()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random, "random", lambda: 0.5)
        patch.setattr(secrets, "token_bytes", chance.bytes)
        patch.setattr(os, "urandom", chance.bytes)
        for drawing in (imports, embedded_audit, dynamo_audit, late_audit):
            patch.setattr(drawing, "token_hex", chance.token)
        patch.setattr(meeting_changes, "uuid4", lambda: UUID(int=int(chance.token(0), 16)))
        patch.setattr(announcing, "_elapsed_s", lambda: 0.0)
        yield chance
