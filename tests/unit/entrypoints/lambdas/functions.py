"""The functions on virtual time: the DynamoDB stores in memory, a queue in memory, the real handlers."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import pytest

from disparo.bootstrap import App
from disparo.bootstrap.cloud import open_cloud
from disparo.domain.contact import ContactDraft
from disparo.domain.message import MessageRecord
from disparo.domain.place import Place
from disparo.domain.ticket import Ticket
from disparo.entrypoints.lambdas import runtime
from disparo.entrypoints.lambdas.log import FunctionLog
from disparo.ports.ledger import MessageFilter
from disparo.settings import Settings
from disparo.simulation.memory_tables import MemoryTables
from disparo.simulation.virtual_time import VirtualClock, VirtualTimeLoop
from disparo.usecases import campaigns
from tests.unit.usecases.conftest import MONDAY
from tests.unit.worker.queue_story import Queue

T = TypeVar("T")
_NUMBERS = count()

QUIET = {
    f"sandbox_{rate}_rate": 0
    for rate in ("recipient_failure", "transient", "throttled", "lost_answer", "reply", "opt_out", "read")
}
PHONE = "5541988887"


class Time:
    """A clock that begins with the first loop on which it is asked."""

    def __init__(self) -> None:
        self._clock: VirtualClock | None = None

    @property
    def real(self) -> VirtualClock:
        """The virtual clock."""
        self._clock = self._clock or VirtualClock(MONDAY)
        return self._clock

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self.real.now()

    def elapsed(self) -> timedelta:
        """See `Clock.elapsed`."""
        return self.real.elapsed()

    async def wait(self, event: asyncio.Event, until: datetime | None) -> None:
        """See `Clock.wait`."""
        await self.real.wait(event, until)


@dataclass
class Context:
    """Lambda's context: an invocation that has so much time."""

    time_ms: int = 180_000
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        """What is left, as if no time passed: handlers ask once."""
        return self.time_ms


@dataclass
class Functions:
    """The functions' process."""

    app: App
    queue: Queue
    said: io.StringIO
    tables: MemoryTables
    records: int = 0
    receipts: dict[str, str] = field(default_factory=dict)

    def run(self, work: Awaitable[T]) -> T:
        """On the process's own loop."""
        return runtime.run(work)

    def begin(self, people: int) -> None:
        """A campaign that has started, for so many people."""

        async def story() -> None:
            drafts = [
                ContactDraft(
                    f"l.csv:{number}",
                    Place("America/Sao_Paulo"),
                    name=f"Pessoa {number}",
                    phone=f"+{PHONE}{number:04}",
                    phone_key=f"+{PHONE}{number:04}",
                    variables={"nome": f"Pessoa {number}"},
                )
                for number in range(people)
            ]
            await self.app.store.contacts.fold("lista", drafts)
            document = {"name": "camp", "list": "lista", "steps": [{"channel": "whatsapp", "text": "Oi {{ nome }}"}]}
            from disparo.bootstrap import renderer

            await campaigns.create(self.app.store, document, renderer(), self.app.clock.now())
            await campaigns.start(self.app.store, "camp", self.app.clock.now())

        self.run(story())

    def sleep(self, seconds: float) -> None:
        """Let time pass."""

        async def passes() -> None:
            await self.app.clock.wait(asyncio.Event(), self.app.clock.now() + timedelta(seconds=seconds))

        self.run(passes())

    def tickets(self) -> list[Ticket]:
        """What lies in the queue, taken or not."""
        return [ticket for _, ticket in self.queue.lying]

    def event(self, *bodies: object) -> dict[str, Any]:
        """A batch of SQS."""
        return {
            "Records": [
                {
                    "messageId": f"r{number}",
                    "body": body if isinstance(body, str) else json.dumps(body),
                    "eventSource": "aws:sqs",
                }
                for number, body in enumerate(bodies)
            ]
        }

    def batch(self, tickets: Sequence[Ticket]) -> dict[str, Any]:
        """A batch of these tickets."""
        return self.event(*(ticket.to_json() for ticket in tickets))

    def rows(self) -> Sequence[MessageRecord]:
        """The ledger."""
        return self.run(self.app.store.ledger.page(MessageFilter(), None, 1000))

    def states(self) -> dict[str, int]:
        """How many messages stand where."""
        states = [str(row.state) for row in self.rows()]
        return {state: states.count(state) for state in sorted(set(states))}

    def lines(self) -> list[dict[str, Any]]:
        """What was logged."""
        return [json.loads(line) for line in self.said.getvalue().splitlines()]


def set_up(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Functions:
    """A process of functions that has just begun."""
    said, time, tables = io.StringIO(), Time(), MemoryTables()
    wanted = {
        "store": "dynamodb",
        "rate_limit_whatsapp_burst": None,
        "rate_limit_whatsapp_hourly": None,
        **QUIET,
        **settings,
    }
    app = open_cloud(Settings.model_validate(wanted), time, tables=tables)
    log, queue = FunctionLog(f"test-{next(_NUMBERS)}", said), Queue(time)  # type: ignore[arg-type]
    runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
    for module in ("runtime", "send", "schedule"):
        monkeypatch.setattr(f"disparo.entrypoints.lambdas.{module}.installed", lambda: app)
        monkeypatch.setattr(f"disparo.entrypoints.lambdas.{module}.log", lambda: log)
    monkeypatch.setattr(runtime, "_runner", lambda: runner)
    monkeypatch.setattr("disparo.bootstrap.cloud.ticket_queue", lambda _: queue)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "alquimista-disparo-test")
    return Functions(app, queue, said, tables)
