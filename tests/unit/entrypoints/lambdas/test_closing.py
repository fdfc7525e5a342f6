"""Connections to providers end with the invocation that opened them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import StoreError
from disparo.domain.message import Outcome
from disparo.domain.receipt import Reply
from disparo.engine.alarms import AlarmWatch
from disparo.engine.launch import Launch
from disparo.entrypoints.lambdas import runtime, schedule, send
from disparo.ports.channel import Collected, Outgoing
from disparo.worker.courier import Courier
from tests.unit.entrypoints.lambdas.functions import PHONE, Context, Functions, set_up

TICK, STEPS = {"task": "tick"}, {"task": "steps"}


class Connected:
    """A provider that is reached over a connection."""

    def __init__(self) -> None:
        self.opened: list[asyncio.AbstractEventLoop] = []
        self.closed = 0
        self.fails_to_close = False

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        self.opened.append(asyncio.get_running_loop())
        return Outcome(True, f"id-{message.id}")

    async def close(self) -> None:
        self.closed += 1
        if self.fails_to_close:
            raise OSError(f"about +{PHONE}0001")


class Mailbox:
    """A mailbox in which one reply lies."""

    def __init__(self, message_id: str) -> None:
        self.waiting: list[str] = [message_id]
        self.asked = 0

    async def collect(self, now: datetime) -> Collected:
        self.asked += 1
        replies = [Reply("mailbox", f"mail-{one}", one, "Sim, tenho interesse.", now) for one in self.waiting]
        self.waiting = []
        return Collected((), replies, now + timedelta(minutes=1))


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch):
    yield set_up(monkeypatch)
    runtime._runner().close()


@pytest.fixture
def provider(functions: Functions) -> Connected:
    made = Connected()
    name = next(name for name, route in functions.app.own_routes.items() if route.sender.channel is Channel.WHATSAPP)
    functions.app.own_routes[name] = replace(functions.app.own_routes[name], channel=made)
    return made


def launched(functions: Functions, people: int) -> None:
    functions.begin(people)
    schedule.handler(STEPS, Context())
    schedule.handler(TICK, Context())


def test_every_batch_closes_what_it_opened(functions: Functions, provider: Connected) -> None:
    launched(functions, 4)
    before, tickets = provider.closed, functions.tickets()
    for pair in (tickets[:2], tickets[2:]):
        assert send.handler(functions.batch(pair), Context()) == {"batchItemFailures": []}
    assert (len(provider.opened), provider.closed - before) == (4, 2)
    assert functions.states() == {"accepted": 4}


def test_a_batch_that_fails_closes_too(
    functions: Functions, provider: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    launched(functions, 1)
    before = provider.closed

    async def breaks(*_: Any) -> None:
        raise StoreError("tabela fora do ar")

    monkeypatch.setattr(Courier, "carry", breaks)
    with pytest.raises(runtime.InvocationFailedError, match="StoreError"):
        send.handler(functions.batch(functions.tickets()), Context())
    assert provider.closed == before + 1


def test_what_cannot_be_closed_fails_nothing_that_was_done(functions: Functions, provider: Connected) -> None:
    launched(functions, 2)
    provider.fails_to_close = True
    assert send.handler(functions.batch(functions.tickets()), Context()) == {"batchItemFailures": []}
    assert functions.states() == {"accepted": 2}
    [line] = [line for line in functions.lines() if line["message"] == "channels_not_closed"]
    assert line["error"] == "ExceptionGroup"  # of all that could not be closed
    assert PHONE not in functions.said.getvalue()


def test_the_timed_steps_close_too_also_when_one_breaks(
    functions: Functions, provider: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule.handler(STEPS, Context())
    assert provider.closed == 1

    async def breaks(*_: Any) -> None:
        raise StoreError("tabela fora do ar")

    monkeypatch.setattr(Launch, "run", breaks)
    with pytest.raises(runtime.InvocationFailedError):
        schedule.handler(STEPS, Context())
    assert provider.closed == 2


def test_what_tells_of_alarms_is_closed_too(
    functions: Functions, provider: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed_before: list[int] = []

    async def looks(_: Any, now: datetime) -> datetime:
        closed_before.append(provider.closed)
        return now

    monkeypatch.setattr(AlarmWatch, "run", looks)
    schedule.handler(STEPS, Context())
    assert (closed_before, provider.closed) == ([0], 1)


def test_the_timed_steps_ask_the_mailbox_and_act_on_what_lies_there(functions: Functions, provider: Connected) -> None:
    mailbox = Mailbox(str(_first(functions)))
    functions.app.__dict__["mailboxes"] = [mailbox]
    functions.app.__dict__.pop("own_engine", None)
    schedule.handler(STEPS, Context())
    assert mailbox.asked >= 1
    (entry,) = functions.run(_inbox(functions))
    assert entry.heard.text == "Sim, tenho interesse."


def _first(functions: Functions) -> object:
    launched(functions, 1)
    send.handler(functions.batch(functions.tickets()), Context())
    (row,) = functions.rows()
    return row.id


async def _inbox(functions: Functions) -> Any:
    return await functions.app.store.inbox.page(None, 10)
