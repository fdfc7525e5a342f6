"""A campaign that its senders' providers would refuse does not start."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from disparo.domain.campaign import CampaignState
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.message import Outcome
from disparo.domain.sender import Sender
from disparo.domain.template import Template
from disparo.ports.channel import Outgoing
from disparo.usecases import campaigns
from disparo.usecases.carriers import Carrier
from tests.unit.usecases.conftest import House


class Choosy:
    """Takes no greeting."""

    async def send(self, message: Outgoing, now: datetime) -> Outcome:
        raise NotImplementedError

    def problem(self, template: Template) -> str | None:
        return "não começa com Oi" if template.text.startswith("Oi") else None


def carrier(name: str = "principal", channel: Channel = Channel.WHATSAPP) -> Carrier:
    return Sender(name, channel), Choosy()


def start(house: House, *carriers: Carrier, **keys: object) -> None:
    async def story() -> None:
        await house.people(1)
        await house.create(**keys)
        await campaigns.start(house.store, "camp", house.now, carriers)

    asyncio.run(story())


def state(house: House) -> CampaignState:
    return asyncio.run(house.store.campaigns.get("camp")).state


def test_a_template_that_its_provider_refuses_is_told_with_step_and_sender(house: House) -> None:
    with pytest.raises(InputError, match=r"steps\[1\] \(principal\): não começa com Oi"):
        start(house, carrier())
    assert state(house) is CampaignState.DRAFT


def test_each_sender_that_may_get_it_has_to_take_it(house: House) -> None:
    plain = (Sender("reserva", Channel.WHATSAPP), house.provider)
    with pytest.raises(InputError, match="principal"):
        start(house, plain, carrier())


def test_a_sender_that_the_campaign_does_not_go_by_is_not_asked(house: House) -> None:
    plain = (Sender("reserva", Channel.WHATSAPP), house.provider)
    start(house, plain, carrier(), senders=["reserva"])
    assert state(house) is CampaignState.RUNNING


def test_a_sender_that_does_not_exist_is_named(house: House) -> None:
    with pytest.raises(InputError, match=r'não há remetente "outro"; há: principal'):
        start(house, carrier(), senders=["outro"])


def test_a_channel_that_none_of_its_senders_carries_is_named(house: House) -> None:
    with pytest.raises(InputError, match=r"steps\[1\]\.channel"):
        start(house, carrier("correio", Channel.EMAIL), senders=["correio"])
