"""Calls of a blocking DynamoDB client from async code, tried again while that can help."""

from __future__ import annotations

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from disparo.adapters.aws.dynamo_faults import WHAT_TO_DO, WORTH_ANOTHER_TRY, Fault, fault_of
from disparo.adapters.aws.expressions import Request
from disparo.domain.errors import StoreError

TRIES = 12
PATIENCE_S = 20.0
"""After so many tries, or so many seconds, nothing is tried again."""
LONGEST_DELAY_S = 1.0


class ConditionRefusedError(Exception):
    """A condition did not hold for `item`, which is there now (None: none is, or it was not asked for).

    `doubtful` when an earlier try of the same call had no answer, so that it may have been done.
    """

    def __init__(self, item: dict[str, Any] | None, doubtful: bool) -> None:
        super().__init__("condition refused")
        self.item = item
        self.doubtful = doubtful


class DynamoCalls:
    """Runs a client's blocking methods in threads.

    The client must not try again by itself: here it is known whether a try without an answer came before, and a wait
    holds no thread. Each wait is a random part of a limit that doubles from `first_delay_s` up to a second.
    """

    def __init__(self, client: Any, pool: ThreadPoolExecutor, first_delay_s: float) -> None:
        self._client = client
        self._pool = pool
        self._first_delay_s = first_delay_s

    async def call(self, operation: str, request: Request) -> dict[str, Any]:
        """The answer of one operation, named as the client's method.

        ConditionRefusedError; ValueError for what DynamoDB never does; StoreError when no try helped. When the task
        that waits is cancelled the call may yet be done.
        """
        method = partial(getattr(self._client, operation), **request)
        doubtful = False
        patient_until_s = time.monotonic() + PATIENCE_S
        for tried in range(TRIES):
            try:
                answer: dict[str, Any] = await asyncio.get_running_loop().run_in_executor(self._pool, method)
            except Exception as error:
                fault = fault_of(error)
                if fault is Fault.CONDITION:
                    raise ConditionRefusedError(getattr(error, "response", {}).get("Item"), doubtful) from None
                last = tried == TRIES - 1 or time.monotonic() > patient_until_s
                if last or fault not in WORTH_ANOTHER_TRY:
                    raise _named(error, fault, request) from error
                doubtful = doubtful or fault is Fault.LOST
            else:
                return answer
            await self.pause(tried)
        raise AssertionError("the last try returned or raised")

    async def pause(self, tried: int) -> None:
        """Wait after the try of this number, counted from 0."""
        await asyncio.sleep(random.uniform(0, min(self._first_delay_s * 2**tried, LONGEST_DELAY_S)))  # noqa: S311


def _named(error: Exception, fault: Fault, request: Request) -> Exception:
    """The error to raise: ours where a person can do something about it."""
    if fault is Fault.MISTAKE:
        return ValueError(str(error))
    if fault is Fault.UNKNOWN:
        return error
    return StoreError(WHAT_TO_DO[fault].format(table=request.get("TableName", "pedida")))
