"""The functions together, from a started campaign to its end, with everything that a queue does to them."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from typing import Any

import pytest

from disparo.domain.errors import StoreError
from disparo.engine.dispatch import Dispatch
from disparo.engine.launch import Launch
from disparo.entrypoints.lambdas import runtime, schedule, send
from tests.unit.entrypoints.lambdas.functions import PHONE, Context, Functions, set_up

TICK, STEPS = {"task": "tick"}, {"task": "steps"}


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch):
    """Starts the functions' process with these settings."""
    yield lambda **settings: set_up(monkeypatch, **settings)
    runtime._runner().close()


@pytest.fixture
def functions(make) -> Functions:
    return make()


def launched(functions: Functions, people: int) -> None:
    functions.begin(people)
    schedule.handler(STEPS, Context())


def ticked(functions: Functions, people: int) -> None:
    launched(functions, people)
    schedule.handler(TICK, Context())


def failed(answer: dict[str, Any]) -> list[str]:
    return [one["itemIdentifier"] for one in answer["batchItemFailures"]]


def test_a_campaign_goes_from_its_start_to_its_end(functions: Functions) -> None:
    launched(functions, 12)
    for _ in range(4):
        schedule.handler(TICK, Context())
        if tickets := functions.tickets():
            functions.queue.lying.clear()
            assert failed(send.handler(functions.batch(tickets), Context())) == []
        functions.sleep(60)
        schedule.handler(STEPS, Context())
    assert functions.states() == {"delivered": 12}
    campaign = functions.run(functions.app.store.campaigns.get("camp"))
    assert campaign.state == "completed"
    taken = functions.run(functions.app.outbox.find_all(str(row.id) for row in functions.rows()))
    assert len(taken) == 12


def test_duplicates_and_any_order_send_each_message_once(functions: Functions) -> None:
    ticked(functions, 10)
    tickets = functions.tickets() * 3
    random.Random(5).shuffle(tickets)
    assert failed(send.handler(functions.batch(tickets[:15]), Context())) == []
    assert failed(send.handler(functions.batch(tickets[15:]), Context())) == []
    entries, _ = functions.run(functions.app.make_outbox().read(0, 100))
    assert sorted(one.id for one in entries) == sorted({str(ticket.id) for ticket in tickets})
    assert {row.attempts for row in functions.rows()} == {1}


@pytest.mark.parametrize("poison", ["", "oi", "[]", json.dumps({"ticket": 1}), json.dumps({"ticket": 1, "id": "x"})])
def test_a_poison_record_fails_alone(functions: Functions, poison: str) -> None:
    ticked(functions, 2)
    one, two = functions.tickets()
    assert failed(send.handler(functions.event(one.to_json(), poison, two.to_json()), Context())) == ["r1"]
    assert functions.states() == {"accepted": 2}
    assert [line["record"] for line in functions.lines() if line["message"] == "poison_record"] == ["r1"]


def test_a_batch_of_which_nothing_worked_is_a_failure_of_the_function(functions: Functions) -> None:
    with pytest.raises(runtime.InvocationFailedError, match="NothingWorkedError"):
        send.handler(functions.event("oi", "oi"), Context())
    assert send.handler({"Records": []}, Context()) == {"batchItemFailures": []}


def test_a_record_that_breaks_fails_alone(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    ticked(functions, 3)
    tickets = functions.tickets()
    whole = Dispatch.prepare

    async def broken(dispatch: Dispatch, message: Any, now: Any) -> Any:
        if message.id == tickets[1].id:
            raise ValueError(f"about {message.phone}")
        return await whole(dispatch, message, now)

    monkeypatch.setattr(Dispatch, "prepare", broken)
    assert failed(send.handler(functions.batch(tickets), Context())) == ["r1"]
    assert functions.states() == {"accepted": 2, "sending": 1}
    [line] = [line for line in functions.lines() if line["message"] == "ticket_failed"]
    assert line["error"] == "ValueError"
    assert any("broken" in place for place in line["at"])


def test_late_tickets_go_back_and_are_sent_by_the_next_tick(functions: Functions) -> None:
    ticked(functions, 5)
    late = functions.tickets()
    functions.sleep(20)
    assert failed(send.handler(functions.batch(late), Context())) == []
    assert functions.states() == {"due": 5}
    functions.queue.lying.clear()
    functions.sleep(40)
    schedule.handler(TICK, Context())
    again = functions.tickets()
    assert {one.id for one in again} == {one.id for one in late}
    send.handler(functions.batch([*late, *again]), Context())
    assert functions.states() == {"accepted": 5}
    assert {row.retries_used for row in functions.rows()} == {0}


def test_a_function_that_has_no_time_left_gives_everything_back(functions: Functions) -> None:
    ticked(functions, 4)
    began = functions.app.clock.now
    before = functions.run(_now(began))
    assert failed(send.handler(functions.batch(functions.tickets()), Context(time_ms=36_000))) == []
    assert (functions.run(_now(began)) - before).total_seconds() < 1
    assert functions.states() == {"due": 4}


def test_nothing_of_a_call_goes_on_behind_its_answer(functions: Functions) -> None:
    ended: list[str] = []

    async def leaves_something_behind(_event: object, _context: object) -> str:
        async def goes_on() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("cancelled")

        functions.receipts["task"] = str(asyncio.create_task(goes_on()))
        await asyncio.sleep(0)
        return "answer"

    assert runtime.function(leaves_something_behind)({}, Context()) == "answer"
    assert ended == ["cancelled"]


def test_the_process_serves_on_after_a_call_that_failed(functions: Functions) -> None:
    ticked(functions, 2)
    with pytest.raises(runtime.InvocationFailedError):
        send.handler({}, Context())
    assert failed(send.handler(functions.batch(functions.tickets()), Context())) == []
    assert functions.states() == {"accepted": 2}


def test_an_error_that_reaches_lambda_repeats_none_of_its_words(functions: Functions) -> None:
    async def breaks(_event: object, _context: object) -> None:
        raise ValueError("Ana +5541988880000")

    with pytest.raises(runtime.InvocationFailedError) as raised:
        runtime.function(breaks)({}, Context())
    assert str(raised.value) == "ValueError"
    assert raised.value.__suppress_context__


def test_an_unknown_task_is_refused(functions: Functions) -> None:
    with pytest.raises(runtime.InvocationFailedError, match="InputError"):
        schedule.handler({"task": "party"}, Context())


def test_a_queue_out_of_order_fails_the_tick_and_loses_nothing(functions: Functions) -> None:
    launched(functions, 3)
    functions.queue.broken = True
    with pytest.raises(runtime.InvocationFailedError, match="StoreError"):
        schedule.handler(TICK, Context())
    functions.queue.broken = False
    for _ in range(3):
        functions.sleep(60)
        schedule.handler(STEPS, Context())
        schedule.handler(TICK, Context())
    newest = {ticket.id: ticket for ticket in functions.tickets()}
    assert len(newest) == 3
    send.handler(functions.batch(list(newest.values())), Context())
    assert functions.states() == {"accepted": 3}


def test_steps_that_break_fail_the_function_after_the_others_are_done(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> None:
        raise StoreError("tabela fora do ar")

    monkeypatch.setattr(Launch, "run", breaks)
    with pytest.raises(runtime.InvocationFailedError, match="StepsFailedError"):
        schedule.handler(STEPS, Context())
    [line] = [line for line in functions.lines() if line["message"] == "step_failed"]
    assert (line["step"], line["error"], line["text"]) == ("launch", "StoreError", "tabela fora do ar")
    [done] = [line for line in functions.lines() if line["message"] == "steps_done"]
    assert (done["reconcile"], done["housekeeping"], done["collect"]) == (1, 1, 1)


def test_metrics_tell_what_happened(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ticked(functions, 4)
    tickets = functions.tickets()
    stale = replace(tickets[0], fence=9)
    send.handler(functions.batch([*tickets, stale]), Context())
    metrics: dict[str, Any] = {}
    for line in capsys.readouterr().out.splitlines():
        metrics |= json.loads(line)
    assert metrics["QueueDepth"] == [0.0]
    assert metrics["MessagesSent"] == [4.0]
    assert metrics["MessagesFailedRate"] == [0.0] * 4
    assert len(metrics["AverageDispatchTime"]) == 4
    assert all(20 <= took <= 300 for took in metrics["AverageDispatchTime"])
    [line] = [line for line in functions.lines() if line["message"] == "batch_carried"]
    assert (line["tickets"], line["accept"], line["nothing_to_do"], line["broken"]) == (5, 4, 1, 0)


def test_a_limit_that_was_hit_is_a_metric(make, capsys: pytest.CaptureFixture[str]) -> None:
    functions = make(rate_limit_whatsapp_burst=2)
    ticked(functions, 5)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    hits = [(line["RateLimitHit"], line["channel"]) for line in lines if "RateLimitHit" in line]
    assert hits == [([1.0], "whatsapp")]
    assert len(functions.tickets()) == 2


def test_no_line_and_no_metric_holds_personal_data(make, capsys: pytest.CaptureFixture[str]) -> None:
    functions = make(sandbox_transient_rate=0.4, sandbox_recipient_failure_rate=0.3, sandbox_permanent_rate=0.2)
    ticked(functions, 30)
    send.handler(functions.batch(functions.tickets()), Context())
    with pytest.raises(runtime.InvocationFailedError):
        send.handler(functions.event({"ticket": 1, "phone": f"+{PHONE}0001"}), Context())
    functions.sleep(120)
    schedule.handler(STEPS, Context())
    said = functions.said.getvalue() + capsys.readouterr().out
    assert "batch_carried" in said
    assert not [word for word in (PHONE, "Pessoa", "Oi ", "l.csv") if word in said]


async def _now(now: Any) -> Any:
    return now()
