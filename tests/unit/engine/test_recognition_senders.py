"""Which of our senders a reply came to."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from disparo.domain.contact import Channel
from disparo.domain.message import Outcome
from disparo.domain.receipt import Reply
from disparo.domain.sender import Sender
from disparo.engine.dispatch import Route
from disparo.engine.recognition import Recognition
from disparo.ports.channel import Outgoing
from tests.unit.usecases.conftest import House

ADDRESSES = {Channel.WHATSAPP: "+5511955554444", Channel.SMS: "+5511955554444", Channel.EMAIL: "ana@exemplo.com"}


class Number:
    """A channel whose provider knows it by this name."""

    def __init__(self, account: str | None) -> None:
        self._account = account

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        raise AssertionError

    async def account(self) -> str | None:
        return self._account


def sender_of(house: House, channel: Channel, account: str | None, came_to: str | None) -> str:
    routes = {"ours": Route(Sender("ours", channel), Number(account))}
    store = house.store
    recognition = Recognition(store.ledger, store.campaigns, store.contacts, store.inbox, routes)
    reply = Reply("p", "e1", None, "Oi", house.now, channel, ADDRESSES[channel], sender=came_to)
    found = asyncio.run(recognition.of(reply))
    assert found is not None
    return found.sender


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.SMS])
def test_a_reply_to_another_number_of_the_account_is_none_to_ours(house: House, channel: Channel) -> None:
    """Else it would open our number's window, and its opt-out be confirmed from a number that was never written to."""
    assert sender_of(house, channel, "1001", "2002") == ""
    assert sender_of(house, channel, "1001", "1001") == "ours"


def test_where_either_is_not_known_the_only_sender_is_meant(house: House) -> None:
    assert sender_of(house, Channel.WHATSAPP, None, "2002") == "ours"
    assert sender_of(house, Channel.WHATSAPP, "1001", None) == "ours"


def test_a_mail_may_come_to_an_alias(house: House) -> None:
    assert sender_of(house, Channel.EMAIL, "contato@x.com", "vendas@x.com") == "ours"
