"""Tickets on SQS: all of them at least once, in tens, and what SQS will not have is said."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from disparo.adapters.aws import sqs_batches
from disparo.adapters.aws.ticket_queue import SqsTicketQueue, ticket_of
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError, StoreError
from disparo.domain.message import MessageId
from disparo.domain.ticket import Ticket
from tests.unit.adapters.aws.sqs_double import URL, SqsDouble

NOON = datetime(2026, 11, 23, 15, tzinfo=UTC)


def tickets(count: int, delay_s: float = 7.9) -> list[tuple[Ticket, timedelta]]:
    return [
        (
            Ticket(MessageId("1", 1, str(one)), "sms", Channel.SMS, 1, NOON, None, NOON + timedelta(minutes=1)),
            timedelta(seconds=delay_s),
        )
        for one in range(count)
    ]


def put(sqs: SqsDouble, given: list[tuple[Ticket, timedelta]]) -> None:
    asyncio.run(SqsTicketQueue(lambda: sqs, URL).put(given))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqs_batches, "FIRST_PAUSE_S", 0.0)


def test_tickets_travel_in_tens_and_come_back_as_they_were() -> None:
    sqs, given = SqsDouble(), tickets(23)
    put(sqs, given)
    assert sorted(sqs.calls) == [3, 10, 10]
    assert {ticket_of(body) for body in sqs.bodies()} == {ticket for ticket, _ in given}


@pytest.mark.parametrize(("delay_s", "asked"), [(0.0, 0), (7.9, 7), (899.5, 899), (5000.0, 900)])
def test_delays_are_whole_seconds_and_not_too_long(delay_s: float, asked: int) -> None:
    sqs = SqsDouble()
    put(sqs, tickets(1, delay_s))
    assert [one["DelaySeconds"] for one in sqs.lying.values()] == [asked]


def test_what_was_refused_of_a_batch_is_sent_again_and_nothing_else() -> None:
    sqs = SqsDouble(answers=[{"2": False, "5": False}])
    put(sqs, tickets(10))
    assert sqs.calls == [10, 2]
    assert len({ticket_of(body).id for body in sqs.bodies()}) == len(sqs.lying) == 10


def test_a_throttled_call_is_made_again() -> None:
    sqs = SqsDouble(answers=["throttle", "throttle"])
    put(sqs, tickets(4))
    assert len(sqs.lying) == 4


def test_an_answer_that_was_lost_may_make_two_of_one_and_never_none() -> None:
    sqs = SqsDouble(answers=["lost"])
    put(sqs, tickets(4))
    assert len({ticket_of(body).id for body in sqs.bodies()}) == 4


def test_what_is_refused_again_and_again_is_said_and_the_others_are_on_their_way() -> None:
    sqs = SqsDouble(answers=[{"0": True}, *[{"0": False}] * 9])
    with pytest.raises(StoreError, match="1 de 3") as raised:
        put(sqs, tickets(3))
    assert "Odd" in str(raised.value)
    assert len(sqs.lying) == 2
    assert sqs.calls == [3], "what is the sender's fault is not tried again"


def test_a_queue_that_never_answers_is_given_up() -> None:
    with pytest.raises(StoreError, match="2 de 2"):
        put(SqsDouble(answers=["throttle"] * 20), tickets(2))


def test_the_depth_is_what_could_be_taken() -> None:
    sqs = SqsDouble()
    put(sqs, tickets(3))
    assert asyncio.run(SqsTicketQueue(lambda: sqs, URL).depth()) == 3


@pytest.mark.parametrize("body", ["", "x", "[]", "{}", json.dumps({"ticket": 1}), "[" * 100_000])
def test_a_body_that_is_no_ticket_is_refused(body: str) -> None:
    with pytest.raises(InputError):
        ticket_of(body)
