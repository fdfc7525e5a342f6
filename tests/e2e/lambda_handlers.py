"""Handlers that do what they are told, for the tests of what runs around functions."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

_HEARTBEATS: list[int] = []


def obey(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Sleep, fail or end the process as the event says; else tell about oneself."""
    time.sleep(event.get("sleep_s", 0))
    if event.get("fail"):
        raise ValueError("told to fail")
    if event.get("exit"):
        os._exit(3)
    return {
        "pid": os.getpid(),
        "left_ms": context.get_remaining_time_in_millis(),
        "arn": context.invoked_function_arn,
        "named": os.environ.get("NAMED"),
        "secret_of_the_caller": os.environ.get("PYTEST_CURRENT_TEST"),
    }


def beat(event: dict[str, Any], context: Any) -> int:
    """How often a thread that never stops has woken, every 10 ms, since the process began."""
    if not _HEARTBEATS:
        threading.Thread(target=_beat, daemon=True).start()
    time.sleep(0.05)
    return len(_HEARTBEATS)


def _beat() -> None:
    while True:
        _HEARTBEATS.append(1)
        time.sleep(0.01)


def consume(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Write down each record; name as failed those whose body says so, fail altogether for one that is poison."""
    failed = []
    for record in event["Records"]:
        with Path(os.environ["TAKEN"]).open("a") as taken:
            taken.write(json.dumps({"body": record["body"], "of": len(event["Records"])}) + "\n")
        fate = json.loads(record["body"])["fate"]
        if fate == "fail":
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def web(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request of the HTTP API with what it was."""
    seen = f"{event['requestContext']['http']['method']} {event['rawPath']}?{event['rawQueryString']}"
    return {"statusCode": 201, "headers": {"x-seen": seen}, "body": event["body"], "isBase64Encoded": True}
