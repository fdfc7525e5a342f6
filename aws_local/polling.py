"""What Lambda does between a queue and a function: batches, partial failures, and leaving alone what failed.

A batch is gathered for at most the window, handed over, and what the function did not name as failed is deleted. A
failed call deletes nothing: the queue shows its messages again after their visibility timeout, and its redrive policy
moves them to the DLQ in the end. Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS", and its section
"Implementing partial batch responses" for which answers count as a failure of the whole batch.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Any

from aws_local.function import BusyError, Function
from aws_local.server import REGION

MOST_AT_ONCE = 10
"""ReceiveMessage and DeleteMessageBatch, Amazon SQS API reference."""

WAIT_S = 1
RETRY_AFTER_S = 0.1

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mapping:
    """An event source mapping: which queue calls, in which batches. `partial` is ReportBatchItemFailures."""

    queue_url: str
    queue_arn: str
    batch_size: int = 10
    window_s: float = 0.0
    partial: bool = True
    pollers: int = 2


class Poller:
    """Polls a queue for a function until closed; `pollers` threads, so at most so many calls at once."""

    def __init__(self, sqs: Any, mapping: Mapping, function: Function) -> None:
        self._sqs = sqs
        self._mapping = mapping
        self._function = function
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(mapping.pollers)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop polling; calls that are under way are waited for."""
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                batch = self._batch()
                if batch:
                    self._delete(done_of(self._answer_to(batch), batch, partial=self._mapping.partial))
            except Exception as error:  # a poller lives on, as Lambda's do: its messages come back
                self._note(f"polling {self._mapping.queue_url} failed: {error!r}")
                self._closing.wait(RETRY_AFTER_S)

    def _batch(self) -> list[Message]:
        batch = self._receive(self._mapping.batch_size, WAIT_S)
        until = time.monotonic() + self._mapping.window_s
        while batch and len(batch) < self._mapping.batch_size and (left := until - time.monotonic()) > 0:
            more = self._receive(self._mapping.batch_size - len(batch), 0)
            batch += more
            if not more:
                self._closing.wait(min(left, RETRY_AFTER_S))
        return batch

    def _receive(self, most: int, wait_s: int) -> list[Message]:
        received = self._sqs.receive_message(
            QueueUrl=self._mapping.queue_url,
            MaxNumberOfMessages=min(most, MOST_AT_ONCE),
            WaitTimeSeconds=wait_s,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return list(received.get("Messages", []))

    def _answer_to(self, batch: list[Message]) -> object:
        event = {"Records": [record_of(message, self._mapping.queue_arn) for message in batch]}
        while not self._closing.is_set():
            try:
                answer = self._function.invoke(event)
            except BusyError:
                self._closing.wait(RETRY_AFTER_S)
            else:
                return FAILED if answer.error else answer.payload
        return FAILED

    def _delete(self, messages: list[Message]) -> None:
        for first in range(0, len(messages), MOST_AT_ONCE):
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(messages[first : first + MOST_AT_ONCE])
            ]
            self._sqs.delete_message_batch(QueueUrl=self._mapping.queue_url, Entries=entries)

    def _note(self, line: str) -> None:
        with self._function.setup.logs.open("a") as logs:
            logs.write(line + "\n")


FAILED = object()
"""The answer of a call that failed."""


def done_of(answer: object, batch: list[Message], *, partial: bool) -> list[Message]:
    """The messages of a batch that the answer leaves as done; none when the whole batch counts as failed."""
    if answer is FAILED:
        return []
    if not partial or answer is None or answer == {}:
        return batch
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else FAILED
    if failures is None:
        return batch
    if not isinstance(failures, list):
        return []
    failed = [one.get("itemIdentifier") if isinstance(one, dict) else None for one in failures]
    if not set(failed) <= {message["MessageId"] for message in batch}:
        return []  # an unknown, empty or missing identifier
    return [message for message in batch if message["MessageId"] not in failed]


def record_of(message: Message, queue_arn: str) -> dict[str, Any]:
    """A message as functions get it."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {"stringValue": value.get("StringValue"), "dataType": value["DataType"]}
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
