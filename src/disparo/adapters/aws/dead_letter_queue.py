"""The dead-letter queue of the send and schedule functions on SQS, and what is said there of messages given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from disparo.adapters.aws.sqs_batches import BATCH, SqsBatches, Unsent, refusal_code
from disparo.domain.errors import DisparoError, StoreError
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import Ledger
from disparo.ports.undelivered import Undelivered, UndeliveredKind

HIDDEN_S = 30
"""For how long what one person looks at is hidden from the next."""

VERSION = 1
GIVEN_UP = frozenset({MessageEvent.EXHAUST, MessageEvent.HOLD})


class SqsDeadLetterQueue:
    """`DeadLetterQueue` on SQS; `client` gives boto3's, made when first needed."""

    def __init__(self, client: Callable[[], Any], url: str) -> None:
        self._client, self._url = client, url
        self._batches = SqsBatches(client, url)

    async def announce(self, given_up: Sequence[tuple[MessageId, str]]) -> Unsent:
        """Say that messages are given up, and why; what could not be said. No personal data."""
        bodies = [
            (json.dumps({"dead_letter": VERSION, "id": str(one), "reason": reason}), 0) for one, reason in given_up
        ]
        return await self._batches.send(bodies)

    async def look(self, limit: int) -> Sequence[Undelivered]:
        """See `DeadLetterQueue.look`."""
        found: dict[str, Undelivered] = {}
        while len(found) < limit:
            answer = await self._call("receive_message", MaxNumberOfMessages=BATCH, VisibilityTimeout=HIDDEN_S)
            entries = answer.get("Messages", [])
            if not entries:
                break
            found.update((one["MessageId"], read_entry(one["ReceiptHandle"], one["Body"])) for one in entries)
        return list(found.values())

    async def drop(self, entries: Sequence[Undelivered]) -> None:
        """See `DeadLetterQueue.drop`."""
        for batch in _numbered(entries):
            await self._call("delete_message_batch", Entries=batch)

    async def leave(self, entries: Sequence[Undelivered]) -> None:
        """See `DeadLetterQueue.leave`."""
        for batch in _numbered(entries):
            shown = [{**one, "VisibilityTimeout": 0} for one in batch]
            await self._call("change_message_visibility_batch", Entries=shown)

    async def _call(self, operation: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            call = getattr(self._client(), operation)
            answer: Mapping[str, Any] = await asyncio.to_thread(lambda: call(QueueUrl=self._url, **arguments))
        except Exception as error:
            code = refusal_code(error)
            raise StoreError(f"fila de cartas mortas: {operation} falhou ({code}); confira send_dlq_url") from error
        return answer


def _numbered(entries: Sequence[Undelivered]) -> list[list[dict[str, Any]]]:
    named = [{"Id": str(at % BATCH), "ReceiptHandle": one.handle} for at, one in enumerate(entries)]
    return [named[at : at + BATCH] for at in range(0, len(named), BATCH)]


def read_entry(handle: str, body: str) -> Undelivered:
    """What a body of the queue is; whatever it is not sure of is poison."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return Undelivered(UndeliveredKind.POISON, handle)
    try:
        if "ticket" in value:
            ticket = Ticket.from_json(value)
            return Undelivered(UndeliveredKind.TICKET, handle, ticket, ticket.id)
        if value.get("dead_letter") == VERSION:
            message_id = MessageId.parse(str(value.get("id")))
            return Undelivered(UndeliveredKind.DEAD_LETTER, handle, None, message_id, str(value.get("reason", "")))
    except DisparoError:
        return Undelivered(UndeliveredKind.POISON, handle)
    return _invocation(handle, value)


def _invocation(handle: str, value: Mapping[str, Any]) -> Undelivered:
    """The record that Lambda sends to a function's destination for failures (Lambda developer guide)."""
    about = value.get("requestContext")
    if not isinstance(about, dict) or "functionArn" not in about:
        return Undelivered(UndeliveredKind.POISON, handle)
    return Undelivered(UndeliveredKind.INVOCATION, handle, reason=str(about.get("condition", "")))


class AnnouncingLedger:
    """A ledger that has messages announced as dead letters when a settlement gives them up; else the ledger itself.

    Announced first and written down then: a kill in between leaves a pointer to a message that is not given up (yet),
    which whoever looks at the queue is told, and never a dead letter that was not announced. When the queue does not
    take it, `on_unsent` hears of it and the ledger goes on: it is the ledger that keeps dead letters.
    """

    def __init__(self, ledger: Ledger, queue: SqsDeadLetterQueue, on_unsent: Callable[[Unsent], None]) -> None:
        self._ledger, self._queue, self._on_unsent = ledger, queue, on_unsent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> Sequence[bool]:
        """See `Ledger.settle`."""
        given_up = [(one.id, one.reason) for one in settlements if one.event in GIVEN_UP]
        if given_up:
            unsent = await self._queue.announce(given_up)
            if unsent.count:
                self._on_unsent(unsent)
        return await self._ledger.settle(settlements, now)


def announcing(ledger: Ledger, queue: SqsDeadLetterQueue, on_unsent: Callable[[Unsent], None]) -> Ledger:
    """The same ledger, whose dead letters are announced."""
    return cast(Ledger, AnnouncingLedger(ledger, queue, on_unsent))
