from __future__ import annotations

import asyncio
from typing import Any

import pytest

from disparo.domain.campaign_document import parse_campaign
from disparo.domain.contact import Channel, Contact
from disparo.domain.template import SmsEncoding, TemplateError
from disparo.usecases.previews import preview

House = Any

ANA = Contact("1", "lista", "a.csv:2", None, "Ana", phone="+5541988887777", variables={"nome": "Ana", "loja": "Centro"})
BIA = Contact("2", "lista", "a.csv:3", None, "Bia", email="bia@example.com")

STEPS = [
    {"channel": "sms", "text": "Oi {{ nome }}, da {{ loja }}"},
    {"channel": "email", "subject": "{{ loja }}", "text": "Olá"},
]


async def previews(house: House, *contacts: Contact, **keys: object) -> list[Any]:
    campaign = parse_campaign(house.document(**{"steps": STEPS, **keys}), created_at=house.now)
    return list(await preview(campaign, contacts, house.renderer))


def test_each_contact_sees_each_step(house: House) -> None:
    async def check() -> None:
        found = await previews(house, ANA, BIA, variables={"loja": "Matriz", "nome": "você"})
        assert [(one.contact.id, one.step, one.channel) for one in found] == [
            ("1", 1, Channel.SMS),
            ("1", 2, Channel.EMAIL),
            ("2", 1, Channel.SMS),
            ("2", 2, Channel.EMAIL),
        ]
        assert [one.content.text for one in found if one.step == 1] == ["Oi Ana, da Centro", "Oi você, da Matriz"]
        assert [one.content.subject for one in found if one.step == 2] == ["Centro", "Matriz"]
        assert [one.address for one in found] == ["+5541988887777", None, None, "bia@example.com"]
        assert [one.ok for one in found] == [True, False, False, True]

    asyncio.run(check())


def test_a_missing_variable_is_named(house: House) -> None:
    async def check() -> None:
        [text, _] = await previews(house, BIA, variables={"loja": "Matriz"})
        assert (text.content, text.error.reason, text.error.variable) == (None, "missing_variable", "nome")

    asyncio.run(check())


def test_an_sms_tells_its_cost_and_what_is_too_long(house: House) -> None:
    async def check() -> None:
        long = [{"channel": "sms", "text": "á" * 700}]
        [short, _] = await previews(house, ANA)
        [tall] = await previews(house, ANA, steps=long)
        assert (short.sms.encoding, short.sms.segments, short.problem) == (SmsEncoding.GSM7, 1, None)
        assert (tall.sms.segments, tall.problem.reason, tall.problem.limit, tall.ok) == (11, "text_too_long", 10, False)

    asyncio.run(check())


def test_what_is_previewed_is_what_is_sent(house: House) -> None:
    async def check() -> None:
        text = "Oi {{ nome }}, da {{ loja }}"
        await house.begin(2, steps=[{"channel": "whatsapp", "text": text}], variables={"loja": "Matriz", "nome": "x"})
        campaign = await house.store.campaigns.get("camp")
        contacts = await house.store.contacts.page("lista", None, 10)
        found = await preview(campaign, contacts, house.renderer)
        await house.send()
        assert [one.content for one in found] == [one.content for one in house.provider.taken]

    asyncio.run(check())


def test_a_template_that_cannot_be_used_is_refused(house: House) -> None:
    async def check() -> None:
        with pytest.raises(TemplateError):
            await previews(house, ANA, steps=[{"channel": "sms", "text": "{{ nome"}])

    asyncio.run(check())
