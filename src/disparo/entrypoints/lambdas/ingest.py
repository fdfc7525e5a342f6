"""The function `ingest`: contact files that have come to lie in the bucket, part by part."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import unquote_plus

from disparo.domain.contact_import import ENDED
from disparo.domain.errors import InputError, NotFoundError
from disparo.entrypoints.import_desk import ImportHouse, desk_of
from disparo.entrypoints.lambdas.runtime import Context, Event, InvocationFailedError, function, installed, log, warm_up
from disparo.ports.clock import Clock
from disparo.ports.imports import ImportQueue
from disparo.usecases import imports as usecase

RESERVE_MS = 15_000
"""What is left of the function's time when it stops: enough for one more part, and to hand the rest on."""


class IngestHouse(ImportHouse, Protocol):
    """What the function needs of the program."""

    @property
    def clock(self) -> Clock:
        """The time."""
        ...

    @property
    def import_queue(self) -> ImportQueue:
        """Where the rest of an import waits."""
        ...


class Deadline:
    """Says when to stop: when what is left would not hold two more parts like the longest, or the reserve."""

    def __init__(self, context: Context, reserve_ms: int = RESERVE_MS) -> None:
        self._context, self._reserve_ms = context, reserve_ms
        self._left_ms = context.get_remaining_time_in_millis()
        self._longest_ms = 0
        self.reached = self._left_ms < reserve_ms

    def __call__(self) -> bool:
        """Asked after each part; once it was reached it stays so."""
        left_ms = self._context.get_remaining_time_in_millis()
        self._longest_ms = max(self._longest_ms, self._left_ms - left_ms)
        self._left_ms = left_ms
        self.reached = self.reached or left_ms < max(self._reserve_ms, 2 * self._longest_ms)
        return self.reached


async def ingest(event: Event, context: Context) -> dict[str, Any]:
    """Deal with a batch of messages; answers which of them are to come again."""
    messages = event["Records"]
    failed = await take(installed(), messages, context)
    if messages and len(failed) == len(messages):
        raise InvocationFailedError("not one message could be dealt with")  # so that the function's alarm sees it
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}


async def take(
    house: IngestHouse, messages: Sequence[Event], context: Context, batch_size: int = usecase.BATCH
) -> list[str]:
    """Deal with messages, one after the other; the ids of those that are to come again.

    A message is S3's event of a new object or our own `{"import": "<id>"}`. What is wrong with a file ends its import
    and not in the dead-letter queue; there go messages that cannot be understood, and those whose import failed for
    a reason of ours again and again.
    """
    failed = []
    for message in messages:
        try:
            for import_id in await _wanted(house, message["body"]):
                await _work(house, import_id, Deadline(context), batch_size)
        except Exception as error:
            log().fail("ingest_message_failed", error, record=message["messageId"])
            failed.append(message["messageId"])
    return failed


async def _work(house: IngestHouse, import_id: str, deadline: Deadline, batch_size: int) -> None:
    if not deadline.reached:
        try:
            record = await usecase.work(
                desk_of(house), import_id, house.clock.now, stop=deadline, batch_size=batch_size
            )
        except NotFoundError:
            log().warn("ingest_unknown_import", import_id=import_id)
            return
        log().say("ingest_worked", import_id=import_id, state=record.state.value, rows=record.counts.rows)
        if record.state in ENDED or not deadline.reached:  # not reached: somebody else goes on with it
            return
    await house.import_queue.go_on(import_id)


async def _wanted(house: IngestHouse, body: str) -> list[str]:
    """The imports that a message is about; InputError for one that cannot be understood."""
    match _read(body):
        case {"import": str(import_id)}:
            return [import_id]
        case {"Event": "s3:TestEvent"}:  # S3 sends one when the notification is set up
            return []
        case {"Records": [*records]}:
            return [one for record in records if (one := await _arrived(house, record)) is not None]
    raise InputError("a mensagem da fila de importação não é um aviso do S3 nem nossa")


def _read(body: str) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


async def _arrived(house: IngestHouse, record: dict[str, Any]) -> str | None:
    """The import of an object that S3 tells of; None when it is none of a contact file.

    S3 may tell twice of one object, in the same words ("Event notification types and destinations", Amazon S3 user
    guide: delivered at least once), which makes one import.
    """
    if not str(record["eventName"]).startswith("ObjectCreated:"):
        return None
    told = record["s3"]["object"]
    key = unquote_plus(told["key"])
    arrival = f"{key}\n{told.get('sequencer') or told.get('eTag')}"
    at = datetime.fromisoformat(record["eventTime"]).astimezone(UTC)
    try:
        found = await usecase.found(house.imports, key, at, hashlib.sha256(arrival.encode()).hexdigest()[:12])
    except NotFoundError:
        found = None
    if found is None:
        log().warn("ingest_no_contact_file", depth=key.count("/"))
        return None
    return found.id


warm_up(lambda: desk_of(installed()))

handler = function(ingest)
