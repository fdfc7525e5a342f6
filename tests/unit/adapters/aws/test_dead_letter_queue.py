"""The dead-letter queue: what lies in it is recognised, and the ledger's dead letters are announced first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from disparo.adapters.aws import sqs_batches
from disparo.adapters.aws.dead_letter_queue import SqsDeadLetterQueue, announcing, read_entry
from disparo.adapters.aws.sqs_batches import Unsent
from disparo.domain.contact import Channel
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.settlement import Settlement
from disparo.domain.ticket import Ticket
from disparo.ports.ledger import Ledger
from disparo.ports.undelivered import UndeliveredKind
from tests.unit.adapters.aws.sqs_double import URL, SqsDouble

NOON = datetime(2026, 11, 23, 15, tzinfo=UTC)
ID = MessageId("1", 1, "5")
TICKET = Ticket(ID, "sms", Channel.SMS, 1, NOON, None, NOON + timedelta(minutes=1))
FAILURE = {
    "version": "1.0",
    "requestContext": {"requestId": "r", "functionArn": "arn:f:live", "condition": "RetriesExhausted"},
    "requestPayload": {"task": "tick"},
}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqs_batches, "FIRST_PAUSE_S", 0.0)


class Quiet:
    """A ledger that writes down what it is given, and whether the queue knew by then."""

    def __init__(self, sqs: SqsDouble) -> None:
        self.sqs = sqs
        self.settled: list[tuple[MessageEvent, int]] = []

    async def settle(self, settlements: Sequence[Settlement], _now: datetime) -> Sequence[bool]:
        """See `Ledger.settle`."""
        self.settled += [(one.event, len(self.sqs.lying)) for one in settlements]
        return [True] * len(settlements)

    async def revision(self) -> int:
        """See `Ledger.revision`."""
        return 7


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(TICKET.to_json()), UndeliveredKind.TICKET),
        (json.dumps({"dead_letter": 1, "id": "1.1.5", "reason": "held_in_doubt"}), UndeliveredKind.DEAD_LETTER),
        (json.dumps(FAILURE), UndeliveredKind.INVOCATION),
        (json.dumps({**TICKET.to_json(), "fence": None}), UndeliveredKind.POISON),
        (json.dumps({"dead_letter": 1, "id": "so"}), UndeliveredKind.POISON),
        (json.dumps({"dead_letter": 2, "id": "1.1.5"}), UndeliveredKind.POISON),
        (json.dumps({"requestContext": 5}), UndeliveredKind.POISON),
        ("[]", UndeliveredKind.POISON),
        ("oi", UndeliveredKind.POISON),
        ("[" * 100_000, UndeliveredKind.POISON),
    ],
)
def test_every_body_is_something(body: str, kind: UndeliveredKind) -> None:
    assert read_entry("handle", body).kind is kind


def test_entries_are_looked_at_left_and_dropped() -> None:
    sqs = SqsDouble()
    for number in range(25):
        sqs.put(json.dumps({"dead_letter": 1, "id": f"1.1.{number}", "reason": "x"}))
    queue = SqsDeadLetterQueue(lambda: sqs, URL)
    found = asyncio.run(queue.look(100))
    assert {str(one.message_id) for one in found} == {f"1.1.{number}" for number in range(25)}
    assert asyncio.run(queue.look(100)) == []
    asyncio.run(queue.leave(found))
    assert len(asyncio.run(queue.look(12))) == 20, "they come in tens"
    asyncio.run(queue.drop(found[:13]))
    assert len(sqs.lying) == 12


def test_dead_letters_are_announced_before_they_are_written_down() -> None:
    sqs = SqsDouble()
    quiet = Quiet(sqs)
    ledger = announcing(cast(Ledger, quiet), SqsDeadLetterQueue(lambda: sqs, URL), pytest.fail)
    events = [MessageEvent.ACCEPT, MessageEvent.EXHAUST, MessageEvent.RETRY, MessageEvent.HOLD, MessageEvent.REJECT]
    settlements = [Settlement(ID, event, 1, f"why_{event}", "Ana, +5541988880000") for event in events]
    assert asyncio.run(ledger.settle(settlements, NOON)) == [True] * 5
    assert quiet.settled == [(event, 2) for event in events]
    entries = asyncio.run(SqsDeadLetterQueue(lambda: sqs, URL).look(10))
    assert {(one.message_id, one.reason) for one in entries} == {(ID, "why_exhaust"), (ID, "why_hold")}
    assert not [body for body in sqs.bodies() if "Ana" in body or "988880000" in body]


def test_what_gives_nothing_up_asks_the_queue_nothing() -> None:
    sqs = SqsDouble()
    quiet = Quiet(sqs)
    ledger = announcing(cast(Ledger, quiet), SqsDeadLetterQueue(lambda: sqs, URL), pytest.fail)
    asyncio.run(ledger.settle([Settlement(ID, MessageEvent.ACCEPT, 1)], NOON))
    assert sqs.calls == []
    assert asyncio.run(ledger.revision()) == 7, "everything else is the ledger's"


def test_a_queue_out_of_order_stops_no_ledger() -> None:
    sqs, unsent = SqsDouble(answers=["throttle"] * 20), list[Unsent]()
    quiet = Quiet(sqs)
    ledger = announcing(cast(Ledger, quiet), SqsDeadLetterQueue(lambda: sqs, URL), unsent.append)
    asyncio.run(ledger.settle([Settlement(ID, MessageEvent.HOLD, 1)], NOON))
    assert quiet.settled == [(MessageEvent.HOLD, 0)]
    assert unsent == [Unsent(1, "ThrottlingException")]
