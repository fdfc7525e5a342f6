from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.message import Claimed, MessageId
from disparo.domain.place import Place
from disparo.domain.ticket import Ticket

NOON = datetime(2026, 11, 23, 15, 0, 0, 123_000, tzinfo=UTC)
TICKET = Ticket(
    MessageId("3", 1, "57"), "whatsapp", Channel.WHATSAPP, 2, NOON, None, NOON + timedelta(seconds=60), probe=False
)


@pytest.mark.parametrize("ticket", [TICKET, replace(TICKET, closes_at=NOON + timedelta(hours=1), probe=True)])
def test_a_ticket_comes_back_from_json_as_it_was(ticket: Ticket) -> None:
    assert Ticket.from_json(json.loads(json.dumps(ticket.to_json()))) == ticket


def test_a_ticket_holds_nothing_of_the_person() -> None:
    message = Claimed(
        id=TICKET.id,
        channel=Channel.WHATSAPP,
        sender="whatsapp",
        place=Place("America/Sao_Paulo"),
        fence=2,
        retries_used=0,
        permit_at=NOON,
        closes_at=None,
        phone="+5541988880000",
        email="ana@example.com",
        keys=("+5541988880000",),
        variables={"nome": "Ana"},
        lease_until=TICKET.lease_until,
    )
    text = json.dumps(Ticket.of(message).to_json())
    assert Ticket.of(message) == TICKET
    assert not [secret for secret in ("55419", "ana", "Ana") if secret in text]


@pytest.mark.parametrize(
    "change",
    [
        {"ticket": 2},
        {"ticket": None},
        {"id": "57"},
        {"id": "3.x.57"},
        {"id": 3},
        {"sender": ""},
        {"sender": 7},
        {"channel": "pigeon"},
        {"channel": None},
        {"fence": -1},
        {"fence": True},
        {"fence": "2"},
        {"permit_at_ms": 1e12},
        {"permit_at_ms": 10**15},
        {"closes_at_ms": "soon"},
        {"lease_until_ms": None},
        {"probe": 1},
    ],
)
def test_a_poison_body_is_refused_and_not_repeated_in_the_words(change: dict[str, object]) -> None:
    with pytest.raises(InputError) as raised:
        Ticket.from_json({**TICKET.to_json(), **change})
    assert not [value for value in change.values() if isinstance(value, str) and value and value in str(raised.value)]


@pytest.mark.parametrize("body", [None, [], "text", 5, {}])
def test_what_is_no_ticket_at_all_is_refused(body: object) -> None:
    with pytest.raises(InputError):
        Ticket.from_json(body)
