"""What Lambda does around a function, as `aws_local` does it: deadlines, cold starts, freezes, batches and the DLQ."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")
pytest.importorskip("awslambdaric", reason="awslambdaric, of the group dev, is not installed")

from aws_local.function import BusyError, Function, Setup
from aws_local.gateway import Gateway, door
from aws_local.polling import Mapping, Poller
from aws_local.schedules import Schedule, Scheduler
from tests.contract.emulator import client

PATIENCE_S = 20.0


@contextmanager
def function(tmp_path: Path, handler: str, **options: Any) -> Iterator[Function]:
    setup = Setup("toy", f"lambda_handlers.{handler}", Path(__file__).parent, tmp_path / "log", **options)
    made = Function(setup)
    try:
        yield made
    finally:
        made.close()


def test_a_call_that_takes_too_long_is_killed_and_the_next_starts_anew(tmp_path: Path) -> None:
    with function(tmp_path, "obey", timeout_s=0.5) as toy:
        first = toy.invoke({})
        started = time.monotonic()
        late = toy.invoke({"sleep_s": 30})
        assert (late.error, time.monotonic() - started < 3) == ("Sandbox.Timedout", True)
        assert "timed out after 0.50 seconds" in late.payload["errorMessage"]
        with pytest.raises(ProcessLookupError):
            os.kill(first.payload["pid"], 0)
        after = toy.invoke({})
        assert (after.cold, after.error, toy.kills) == (True, None, 1)


def test_a_warm_sandbox_is_used_again_and_knows_its_deadline(tmp_path: Path) -> None:
    with function(tmp_path, "obey", timeout_s=5, environment={"NAMED": "yes"}) as toy:
        first, second = toy.invoke({}), toy.invoke({"sleep_s": 0.2})
        assert (first.cold, second.cold, first.payload["pid"]) == (True, False, second.payload["pid"])
        assert 4000 < second.payload["left_ms"] < 4850
        assert first.payload["arn"].endswith(":function:toy:live")
        assert first.payload["named"] == "yes"
        assert first.payload["secret_of_the_caller"] is None


def test_an_error_keeps_the_sandbox_and_an_exit_does_not(tmp_path: Path) -> None:
    with function(tmp_path, "obey") as toy:
        pid = toy.invoke({}).payload["pid"]
        failed = toy.invoke({"fail": True})
        assert (failed.error, failed.payload["errorMessage"]) == ("ValueError", "told to fail")
        assert toy.invoke({}).payload["pid"] == pid
        assert toy.invoke({"exit": True}).error == "Runtime.ExitError"
        assert toy.invoke({}).payload["pid"] != pid


def test_a_handler_that_cannot_be_loaded_fails_each_call(tmp_path: Path) -> None:
    setup = Setup("broken", "lambda_handlers_broken.handler", Path(__file__).parent, tmp_path / "log")
    broken = Function(setup)
    answers = [broken.invoke({}) for _ in range(2)]
    assert [(answer.error, answer.cold) for answer in answers] == [("RuntimeError", True)] * 2
    assert answers[0].payload["errorMessage"] == "not configured"


def test_between_calls_a_sandbox_stands_still(tmp_path: Path) -> None:
    with function(tmp_path, "beat") as toy:
        toy.invoke({})
        before = toy.invoke({}).payload
        time.sleep(0.6)
        assert toy.invoke({}).payload - before < 20  # 60 and more if the thread had gone on


def test_no_more_sandboxes_run_than_allowed(tmp_path: Path) -> None:
    with function(tmp_path, "obey", timeout_s=5, concurrency=2) as toy:
        with_two = Scheduler(toy, [Schedule({"sleep_s": 1}, every_s=60), Schedule({"sleep_s": 1}, every_s=60)])
        _until(lambda: toy.cold_starts == 2)
        with pytest.raises(BusyError):
            toy.invoke({})
        with_two.close()
        assert toy.invoke({}).error is None
        assert toy.cold_starts == 2


def test_a_schedule_does_not_wait_for_its_last_call(tmp_path: Path) -> None:
    with function(tmp_path, "obey", timeout_s=5) as toy:
        scheduler = Scheduler(toy, [Schedule({"sleep_s": 0.7}, every_s=0.2)])
        _until(lambda: toy.cold_starts >= 3)
        scheduler.close()


def test_a_schedule_reports_what_failed(tmp_path: Path) -> None:
    failures: list[str | None] = []
    with function(tmp_path, "obey") as toy:
        scheduler = Scheduler(toy, [Schedule({"fail": True})], lambda _, answer: failures.append(answer.error))
        _until(lambda: bool(failures))
        scheduler.close()
    assert failures == ["ValueError"]


def test_only_what_failed_comes_back_and_ends_in_the_dlq(tmp_path: Path) -> None:
    with _queue("partial") as (sqs, queue, dlq), _consumer(tmp_path, sqs, queue, window_s=1):
        fates = ["done", "fail", "done", "fail", "done"]
        entries = [
            {"Id": str(number), "MessageBody": json.dumps({"number": number, "fate": fate})}
            for number, fate in enumerate(fates)
        ]
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
        _until(lambda: _waiting(sqs, dlq) == 2)
        taken = _taken(tmp_path)
        assert [body["number"] for body in taken].count(0) == 1
        assert sorted(body["number"] for body in taken) == [0, 1, 1, 2, 3, 3, 4]  # two receptions of what fails
        assert _waiting(sqs, queue) == 0


def test_a_poison_record_takes_nobody_along_for_ever_and_can_be_sent_back(tmp_path: Path) -> None:
    with _queue("poison") as (sqs, queue, dlq), _consumer(tmp_path, sqs, queue):
        sqs.send_message(QueueUrl=queue, MessageBody="no JSON at all")
        _until(lambda: _waiting(sqs, dlq) == 1)
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"number": 7, "fate": "done"}))
        _until(lambda: 7 in [body["number"] for body in _taken(tmp_path)])
        arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sqs.start_message_move_task(SourceArn=arn)
        [task] = sqs.list_message_move_tasks(SourceArn=arn)["Results"]
        assert (task["Status"], task["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
        _until(lambda: _waiting(sqs, dlq) == 1)


def test_people_reach_the_api_function_by_http(tmp_path: Path) -> None:
    with function(tmp_path, "web") as toy:
        server = door(Gateway(toy))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/a/b?c=d"
        request = urllib.request.Request(url, b"corpo", method="PUT")
        with urllib.request.urlopen(request) as answer:
            assert (answer.status, answer.headers["x-seen"], answer.read()) == (201, "PUT /a/b?c=d", b"corpo")
        server.shutdown()
        server.server_close()


@contextmanager
def _queue(name: str) -> Iterator[tuple[Any, str, str]]:
    sqs: Any = client("sqs")
    dlq = sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    attributes = {"VisibilityTimeout": "1", "RedrivePolicy": policy}
    queue = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    yield sqs, queue, dlq
    for url in (queue, dlq):
        sqs.delete_queue(QueueUrl=url)


@contextmanager
def _consumer(tmp_path: Path, sqs: Any, queue: str, window_s: float = 0) -> Iterator[None]:
    with function(tmp_path, "consume", timeout_s=5, environment={"TAKEN": str(tmp_path / "taken")}) as toy:
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        poller = Poller(sqs, Mapping(queue, arn, window_s=window_s, pollers=1), toy)
        try:
            yield
        finally:
            poller.close()


def _taken(tmp_path: Path) -> list[dict[str, Any]]:
    lines = (tmp_path / "taken").read_text().splitlines() if (tmp_path / "taken").exists() else []
    bodies = [json.loads(line)["body"] for line in lines]
    return [json.loads(body) for body in bodies if body.startswith("{")]


def _waiting(sqs: Any, queue: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, attributes.values()))


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.05)
