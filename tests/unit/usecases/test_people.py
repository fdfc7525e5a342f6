from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from disparo.domain.contact import Channel, ContactDraft
from disparo.domain.errors import InputError, NotFoundError
from disparo.domain.message import MessageId, MessageState
from disparo.usecases import people
from disparo.usecases.erasures import Archive, erase

House = Any

TWO_STEPS = [
    {"channel": "whatsapp", "text": "Oi {{ nome }}"},
    {"channel": "email", "subject": "Oi", "text": "Oi {{ nome }}", "wait": "1h"},
]


async def suppress(house: House, address: str, channel: Channel | None = None) -> int:
    return await people.suppress(house.store, address, channel, source="pedido por telefone", now=house.now)


def test_people_are_found_with_what_forbids_messaging_them(house: House) -> None:
    async def check() -> None:
        await house.people(3)
        await suppress(house, "41 98888-0001", Channel.SMS)
        found = await people.find(house.store, "pessoa", 10)
        assert [person.contact.name for person in found] == ["Pessoa 0", "Pessoa 1", "Pessoa 2"]
        assert [[one.channel for one in person.suppressions] for person in found] == [[], [Channel.SMS], []]

    asyncio.run(check())


def test_everything_about_a_person_is_shown_by_campaign_and_step(house: House) -> None:
    async def check() -> None:
        await house.begin(2, steps=TWO_STEPS)
        await house.begin(0, name="outra")
        await house.send()
        shown = await people.show(house.store, "2")
        assert [(str(one.record.id), one.campaign.name) for one in shown.messages] == [
            ("1.1.2", "camp"),
            ("1.2.2", "camp"),
            ("2.1.2", "outra"),
        ]
        assert shown.messages[0].journal[-1].event == "accept"
        with pytest.raises(NotFoundError):
            await people.show(house.store, "99")

    asyncio.run(check())


@pytest.mark.parametrize("written", ["+55 41 9 8888-0000", "41 8888-0000", " P0@Example.com"])
def test_a_suppression_holds_however_the_address_is_written(written: str, house: House) -> None:
    async def check() -> None:
        await house.begin(2, steps=TWO_STEPS)
        assert await suppress(house, written) == 2
        assert await suppress(house, written) == 0
        assert {one.contact_id for one in await house.send()} == {"2"}

    asyncio.run(check())


def test_what_is_no_address_is_refused(house: House) -> None:
    async def check() -> None:
        with pytest.raises(InputError, match='"abc" não é um telefone nem um e-mail'):
            await suppress(house, "abc")

    asyncio.run(check())


def test_a_suppression_may_come_before_the_contact(house: House) -> None:
    async def check() -> None:
        await suppress(house, "p0@example.com")
        await house.begin()
        row = await house.store.ledger.get(MessageId.parse("1.1.1"))
        assert (row.state, row.reason) == (MessageState.CANCELLED, "by_hand")

    asyncio.run(check())


def test_a_suppression_of_one_channel_leaves_nobody_waiting_for_ever(house: House) -> None:
    async def check() -> None:
        await house.begin(1, steps=TWO_STEPS)
        await suppress(house, "p0@example.com", Channel.WHATSAPP)
        assert not await house.send()
        await house.tidy()
        states = [row.state for row in await house.store.ledger.rows_of("1", "1")]
        assert states == [MessageState.CANCELLED, MessageState.DUE]
        house.now += timedelta(hours=1)
        assert {str(one) for one in await house.send(Channel.EMAIL)} == {"1.2.1"}

    asyncio.run(check())


def test_a_lifted_suppression_lets_later_campaigns_through(house: House) -> None:
    async def check() -> None:
        await suppress(house, "p0@example.com")
        assert await people.unsuppress(house.store, "P0@EXAMPLE.com")
        assert not await people.unsuppress(house.store, "p0@example.com")
        await house.begin()
        assert len(await house.send()) == 1

    asyncio.run(check())


def test_an_erased_person_gets_nothing_more_and_the_receipt_says_what_is_left(house: House) -> None:
    async def check() -> None:
        await house.begin(1, steps=TWO_STEPS)
        await house.store.contacts.fold(
            "clientes", [ContactDraft("b.csv:2", None, email="p0@example.com", email_key="p0@example.com")]
        )
        await suppress(house, "p0@example.com", Channel.SMS)
        await house.claim()
        receipt = await erase(Archive(house.store), "1", house.now)
        assert (receipt.list_name, receipt.cancelled, receipt.kept) == ("lista", 1, 2)
        assert (receipt.under_way, receipt.suppressions, receipt.same_person) == (["1.1.1"], 1, ["2"])
        shell = (await people.show(house.store, "1")).contact
        assert (shell.name, shell.phone, shell.email, dict(shell.variables)) == ("", None, None, {})
        again = await erase(Archive(house.store), "1", house.now + timedelta(days=1))
        assert (again.cancelled, again.kept) == (1, 2)
        with pytest.raises(NotFoundError):
            await erase(Archive(house.store), "99", house.now)

    asyncio.run(check())


def test_an_export_is_json_and_whole(house: House) -> None:
    async def check() -> None:
        await house.begin(1, steps=TWO_STEPS)
        await house.send()
        await suppress(house, "+5541988880000", Channel.SMS)
        known = json.loads(json.dumps(await people.export(house.store, "1")))
        assert known["contact"]["email"] == "p0@example.com"
        assert known["contact"]["variables"] == {"nome": "Pessoa 0"}
        assert [one["id"] for one in known["messages"]] == ["1.1.1", "1.2.1"]
        assert known["messages"][0]["journal"][-1]["event"] == "accept"
        assert known["suppressions"][0]["source"] == "pedido por telefone"

    asyncio.run(check())
