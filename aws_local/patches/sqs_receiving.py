"""Gap: two threads that receive from one queue get the same message, or stumble over one that moves to its DLQ; and a
queue with an event source mapping calls a function in Docker by itself.

A look at the queue is made under its lock, waiting is done outside; functions are called by `aws_local.polling` alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from aws_local.patches.seam import wrap

LOOK_EVERY_S = 0.02
_LOCK = threading.RLock()


def apply() -> None:
    """One receiver at a time, and nobody is called by the queue itself."""
    wrap(SQSBackend, "receive_message", _one_at_a_time)
    wrap(SQSBackend, "delete_message", _under_lock)
    wrap(SQSBackend, "change_message_visibility", _under_lock)
    wrap(SQSBackend, "send_message", _under_lock)
    wrap(Queue, "add_message", _knowing_where_it_came_from)


def _under_lock(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def locked(*args: Any, **kwargs: Any) -> Any:
        with _LOCK:
            return original(*args, **kwargs)

    return locked


def _one_at_a_time(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def receive_message(
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        until = time.monotonic() + (wait_seconds_timeout or 0)
        while True:
            with _LOCK:
                found: list[Message] = original(self, queue_name, count, 0, visibility_timeout, message_attribute_names)
            if found or time.monotonic() >= until:
                return found
            time.sleep(LOOK_EVERY_S)

    return receive_message


def _knowing_where_it_came_from(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def add_message(self: Queue, message: Any) -> None:
        if not hasattr(message, "first_queue_arn"):
            message.first_queue_arn = self.queue_arn
        mappings, self.lambda_event_source_mappings = self.lambda_event_source_mappings, {}
        try:
            original(self, message)
        finally:
            self.lambda_event_source_mappings = mappings

    return add_message
