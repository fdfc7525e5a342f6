"""The send function: takes tickets from the queue to their providers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from disparo.adapters.aws.metrics import Metric, emit
from disparo.adapters.aws.ticket_queue import ticket_of
from disparo.adapters.http_exchange import get_ready
from disparo.domain.errors import InputError
from disparo.domain.message import MessageEvent
from disparo.domain.ticket import Ticket
from disparo.entrypoints.lambdas.runtime import (
    Context,
    Event,
    closing_channels,
    function,
    installed,
    log,
    time_left,
    warm_up,
)
from disparo.worker.courier import Carried, Courier

MARGIN = timedelta(seconds=5)
"""Time behind the longest answer of a provider, to write the outcome down before the function is killed."""

_FAILED = frozenset({MessageEvent.REJECT, MessageEvent.EXHAUST})


class NothingWorkedError(Exception):
    """Not one record of the batch could be carried: said as a failure of the function, so that its alarm sees it."""


async def send(event: Event, context: Context) -> dict[str, Any]:
    """Carry the tickets of a batch; answers which records failed, so that the others are taken off the queue.

    A record fails when its body is no ticket or when something broke. It comes again after the queue's visibility
    timeout, by when there is nothing to do for a ticket any more, and after `maxReceiveCount` times it lies in the
    dead-letter queue. Repeating a batch, all or in part, sends nothing twice.
    """
    records: Sequence[Event] = event["Records"]
    tickets: dict[str, Ticket] = {}
    failed: list[str] = []
    for record in records:
        try:
            tickets[record["messageId"]] = ticket_of(record["body"])
        except InputError:
            log().warn("poison_record", record=record["messageId"])
            failed.append(record["messageId"])
    carried = await _carry(list(tickets.values()), context)
    failed += [record for record, one in zip(tickets, carried, strict=True) if one.failure is not None]
    _tell(carried, poison=len(records) - len(tickets))
    if records and len(failed) == len(records):
        raise NothingWorkedError
    return {"batchItemFailures": [{"itemIdentifier": record} for record in failed]}


async def _carry(tickets: Sequence[Ticket], context: Context) -> Sequence[Carried]:
    app = installed()
    courier = Courier(app.own_engine.dispatch, app.store.ledger, app.clock, concurrency=app.settings.send_concurrency)
    longest = timedelta(seconds=app.settings.send_timeout_s) + MARGIN
    async with closing_channels(app):
        return await courier.carry(tickets, app.clock.now() + time_left(context) - longest)


def _tell(carried: Sequence[Carried], *, poison: int) -> None:
    for one in carried:
        if one.failure is not None:
            log().fail("ticket_failed", one.failure, message_id=str(one.ticket.id), fence=one.ticket.fence)
    counts: dict[str, int] = {}
    for event in (one.settlement.event for one in carried if one.settlement is not None):
        counts[event] = counts.get(event, 0) + 1
    broken = sum(one.failure is not None for one in carried)
    nothing = sum(one.failure is None and one.settlement is None for one in carried)
    log().say("batch_carried", tickets=len(carried), poison=poison, broken=broken, nothing_to_do=nothing, **counts)
    for channel in sorted({one.ticket.channel for one in carried}):
        emit(_values(one for one in carried if one.ticket.channel is channel), channel=channel)


def _values(carried: Iterable[Carried]) -> dict[Metric, list[float]]:
    sent, ended, took = 0, list[float](), list[float]()
    for one in carried:
        event = one.settlement.event if one.settlement else None
        sent += event is MessageEvent.ACCEPT
        if event is MessageEvent.ACCEPT or event in _FAILED:
            ended.append(0.0 if event is MessageEvent.ACCEPT else 100.0)
        if one.took is not None:
            took.append(one.took / timedelta(milliseconds=1))
    return {
        Metric.MESSAGES_SENT: [float(sent)] if ended else [],
        Metric.MESSAGES_FAILED_RATE: ended,
        Metric.AVERAGE_DISPATCH_TIME: took,
    }


def _renderer() -> object:
    from disparo.bootstrap import renderer

    return renderer()


def _senders() -> object:
    """What the first message would otherwise wait for, with its intent recorded already."""
    app = installed()
    if app.settings.live:
        get_ready()
    return app.own_engine


warm_up(_renderer, _senders)

handler = function(send)
