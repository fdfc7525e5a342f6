"""Tickets on SQS."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from disparo.adapters.aws.sqs_batches import SqsBatches, refusal_code
from disparo.domain.errors import StoreError
from disparo.domain.ticket import Ticket
from disparo.ports.queue import LONGEST_DELAY

_SECOND = timedelta(seconds=1)


class SqsTicketQueue:
    """`TicketQueue` on a standard queue of SQS; `client` gives boto3's, made when first needed.

    Delays are whole seconds, rounded down, so that a ticket comes rather too early than too late.
    """

    def __init__(self, client: Callable[[], Any], url: str) -> None:
        self._client, self._url = client, url
        self._batches = SqsBatches(client, url)

    async def put(self, tickets: Sequence[tuple[Ticket, timedelta]]) -> None:
        """See `TicketQueue.put`."""
        bodies = [
            (json.dumps(ticket.to_json(), separators=(",", ":")), min(delay, LONGEST_DELAY) // _SECOND)
            for ticket, delay in tickets
        ]
        unsent = await self._batches.send(bodies)
        if unsent.count:
            raise StoreError(
                f"fila de envio: {unsent.count} de {len(tickets)} bilhetes não foram aceitos ({unsent.reason}); as "
                "mensagens voltam à fila sozinhas; confira send_queue_url e as permissões"
            )

    async def depth(self) -> int:
        """See `TicketQueue.depth`."""
        name = "ApproximateNumberOfMessages"
        try:
            answer = await asyncio.to_thread(
                lambda: self._client().get_queue_attributes(QueueUrl=self._url, AttributeNames=[name])
            )
        except Exception as error:
            code = refusal_code(error)
            raise StoreError(f"fila de envio: não pôde ser vista ({code}); confira send_queue_url") from error
        return int(answer["Attributes"][name])


def ticket_of(body: str) -> Ticket:
    """The ticket in a body of the queue; InputError for anything else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    return Ticket.from_json(value)
