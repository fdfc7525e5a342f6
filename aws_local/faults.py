"""Faults that a test orders from the emulator, and the counts of the calls that it took."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

WRITES = frozenset(
    {
        *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
        *("SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch", "ChangeMessageVisibility"),
    }
)
SERVICES = {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "secretsmanager": "secretsmanager"}
THROTTLED = {
    "dynamodb": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    "sqs": "com.amazonaws.sqs#RequestThrottled",
}


class Fate(Enum):
    """What becomes of a call."""

    DONE = "done"
    THROTTLED = "throttle"  # refused as too much, nothing done
    REFUSED = "refuse"  # connection closed, nothing done
    DROPPED = "drop"  # done, and the answer is lost


@dataclass(slots=True)
class Order:
    """The faults of one service: first `skip` calls pass, then each kind takes its number of calls.

    `operations` narrows them to some; without it, `drop` takes writes only. `delay_ms` holds up every call.
    """

    throttle: int = 0
    refuse: int = 0
    drop: int = 0
    skip: int = 0
    delay_ms: int = 0
    operations: list[str] = field(default_factory=list)

    def fate_of(self, operation: str) -> Fate:
        """The next call's fate; it is used up."""
        if self.operations and operation not in self.operations:
            return Fate.DONE
        if self.skip > 0:
            self.skip -= 1
            return Fate.DONE
        if self.throttle > 0:
            self.throttle -= 1
            return Fate.THROTTLED
        if self.refuse > 0:
            self.refuse -= 1
            return Fate.REFUSED
        if self.drop > 0 and (self.operations or operation in WRITES):
            self.drop -= 1
            return Fate.DROPPED
        return Fate.DONE


class Faults:
    """What is ordered, by service; shared by the emulator's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, Order] = {}
        self._calls: Counter[str] = Counter()

    def order(self, wanted: dict[str, dict[str, Any]]) -> None:
        """Replace all orders by these: `{"dynamodb": {"throttle": 3}}`. TypeError for a kind that does not exist."""
        orders = {service: Order(**kinds) for service, kinds in wanted.items()}
        with self._lock:
            self._orders = orders

    def fate_of(self, service: str, operation: str) -> tuple[Fate, float]:
        """What becomes of a call, and how many seconds it is held up."""
        with self._lock:
            self._calls[f"{service}.{operation}"] += 1
            order = self._orders.get(service)
            return (Fate.DONE, 0.0) if order is None else (order.fate_of(operation), order.delay_ms / 1000)

    def calls(self, *, reset: bool) -> dict[str, int]:
        """How often each `service.Operation` was called since the last reset."""
        with self._lock:
            counted = dict(sorted(self._calls.items()))
            if reset:
                self._calls.clear()
            return counted


def called(environ: dict[str, Any]) -> tuple[str, str]:
    """Service and operation of a request; without a target header, the service of its signature and its verb."""
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if "." in target:
        name, operation = target.split(".", 1)
        return SERVICES.get(name, name), operation
    scope = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2].split(",")[0].split("/")
    return (scope[3] if len(scope) > 4 else "unsigned"), str(environ["REQUEST_METHOD"])
