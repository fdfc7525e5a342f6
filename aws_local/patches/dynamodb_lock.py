"""Gap: moto's server lets two threads win one conditional write, since a check and its write are two steps.

Every call of the service is made whole under one lock, its answer's serialization included.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.dynamodb.responses import DynamoHandler

from aws_local.patches.seam import wrap

LOCK = threading.RLock()


def apply() -> None:
    """One call of DynamoDB at a time."""
    wrap(DynamoHandler, "call_action", _one_at_a_time)


def _one_at_a_time(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def call_action(self: DynamoHandler) -> Any:
        with LOCK:
            return original(self)

    return call_action
