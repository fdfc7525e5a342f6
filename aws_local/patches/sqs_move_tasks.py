"""Gap: SQS has no message move tasks (redrive of a DLQ to its source queue).

A task is done at once when it is started. Source: Amazon SQS API reference, StartMessageMoveTask.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.exceptions import SQSException
from moto.sqs.models import Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from aws_local.patches.seam import add

_TASKS: dict[str, list[dict[str, Any]]] = {}
"""Finished tasks by the ARN of their source, newest first."""


def apply() -> None:
    """The three calls about move tasks."""
    add(SQSResponse, "start_message_move_task", _start)
    add(SQSResponse, "list_message_move_tasks", _list)
    add(SQSResponse, "cancel_message_move_task", _cancel)


def _start(self: SQSResponse) -> ActionResult:
    source = _queue(self.sqs_backend, self._get_param("SourceArn"))
    if not any(queue.dead_letter_queue is source for queue in self.sqs_backend.queues.values()):
        raise SQSException("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    wanted = self._get_param("DestinationArn")
    moved = list(source.messages)
    for message in moved:
        destination = _queue(self.sqs_backend, wanted or getattr(message, "first_queue_arn", ""))
        source._messages.remove(message)
        source.pending_messages.discard(message)
        message.approximate_receive_count = 0
        message.visible_at = 0.0
        destination.add_message(message)
    task = {
        "Status": "COMPLETED",
        "SourceArn": source.queue_arn,
        "ApproximateNumberOfMessagesMoved": len(moved),
        "ApproximateNumberOfMessagesToMove": len(moved),
        "StartedTimestamp": int(time.time() * 1000),
    }
    if wanted:
        task["DestinationArn"] = wanted
    _TASKS.setdefault(source.queue_arn, []).insert(0, task)
    handle = json.dumps({"taskId": str(uuid.uuid4()), "sourceArn": source.queue_arn})
    return ActionResult({"TaskHandle": base64.b64encode(handle.encode()).decode()})


def _list(self: SQSResponse) -> ActionResult:
    source = _queue(self.sqs_backend, self._get_param("SourceArn"))
    most = self._get_param("MaxResults") or 1
    return ActionResult({"Results": _TASKS.get(source.queue_arn, [])[:most]})


def _cancel(_: SQSResponse) -> ActionResult:
    raise SQSException("ResourceNotFoundException", "One or more specified resources don't exist.")


def _queue(backend: SQSBackend, arn: str) -> Queue:
    for queue in backend.queues.values():
        if queue.queue_arn == arn:
            return queue
    raise SQSException("ResourceNotFoundException", "One or more specified resources don't exist.")
