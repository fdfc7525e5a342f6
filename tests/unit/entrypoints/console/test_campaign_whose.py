"""What a campaign's page says of whom it is for, and previews with who sends them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from disparo.domain.campaign import Campaign, CampaignKind, CampaignState, Step
from disparo.domain.contact import Channel
from disparo.domain.hand_message import HandPurpose
from disparo.domain.place import Place
from disparo.domain.template import Template
from disparo.domain.waiting import Wait, WaitUnit
from disparo.entrypoints.console.campaigns.whose import whose
from disparo.entrypoints.console.formats import Formats
from disparo.entrypoints.console.words import LOCALES, words_of
from disparo.ports.standing import ALWAYS, NOBODY
from tests.standing_app import standing_app
from tests.unit.entrypoints.console.test_campaign_pages import onward, seen
from tests.unit.entrypoints.http.conftest import Client, House, campaign
from tests.unit.entrypoints.http.test_http_inbox import heard

NOW = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
PLAIN = Campaign(
    id="1",
    name="verao",
    list_name="lista",
    steps=(Step(Channel.SMS, Template("verao-1", "Oi"), Wait(0, WaitUnit.MINUTES)),),
    hours=ALWAYS,
    place=Place("America/Sao_Paulo"),
    created_at=NOW,
    deadline=timedelta(days=1),
)


@pytest.fixture
def client(tmp_path: Path) -> Client:
    house = House(tmp_path / "files")
    return Client(standing_app(house), house)


def said(one: Campaign, contacts: int = 0, language: str = "pt-BR") -> str:
    formats = Formats(LOCALES[language], ZoneInfo("UTC"), lambda: NOW)
    return whose(one, contacts, words_of(language), formats)


def test_a_campaign_is_for_its_list_with_as_many_contacts_as_it_has() -> None:
    assert said(PLAIN, 1) == "Lista lista, 1 contato"
    assert said(PLAIN, 12_345) == "Lista lista, 12.345 contatos"
    assert said(PLAIN, 12_345, "en") == "List lista, 12,345 contacts"


@pytest.mark.parametrize("language", LOCALES)
def test_what_the_program_fills_by_itself_says_what_it_is_for_and_names_no_list(language: str) -> None:
    kinds = [replace(PLAIN, kind=kind, list_name=NOBODY) for kind in (CampaignKind.SERVICE, CampaignKind.AGENDA)]
    by_hand = [replace(kinds[0], kind=CampaignKind.HAND, name=f"{one.prefix}whatsapp") for one in HandPurpose]
    sentences = {said(one, 3, language) for one in (*kinds, *by_hand)}
    assert len(sentences) == 5
    assert not [one for one in sentences if "-," in one or "3" in one or one == NOBODY]


def test_a_campaign_that_just_began_says_how_many_its_list_has(client: Client) -> None:
    async def story() -> None:
        await client.house.people(3)
        await client.post("/api/v1/campaigns", campaign())
        page = await seen(client, "/console/campaigns/1")
        assert "3 contatos" in page
        await client.post("/api/v1/campaigns/1/start", {})
        assert (await client.house.store.campaigns.get("1")).state is CampaignState.RUNNING
        page = await seen(client, "/console/campaigns/1")
        assert "Preparando" in page
        assert "3 contatos" in page
        assert "0 contatos" not in page + await seen(client, "/console/campaigns")
        assert "0 de 0" not in page

    asyncio.run(story())


def test_the_page_of_answers_by_hand_says_what_it_is(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await heard(client.house, "Quanto custa?")
        await onward(client, "/console/inbox/1/reply", {"channel": "whatsapp", "text": "Custa *R$ 300*", "key": "a"})
        page = await seen(client, "/console/campaigns/conversas-whatsapp")
        assert "Respostas escritas à mão na caixa de entrada" in page
        assert "Lista -" not in page
        assert "/messages" not in page
        assert "Preparando" not in page
        assert "O texto é de cada mensagem" in await seen(client, "/console/campaigns/conversas-whatsapp/messages")
        people = await seen(client, "/console/campaigns/conversas-whatsapp/people/1")
        assert "Passo" not in people
        assert "Custa <strong>R$ 300</strong>" in await seen(client, "/console/inbox/1")

    asyncio.run(story())


def test_previews_say_who_sends_and_show_marks_as_whatsapp_does(client: Client) -> None:
    client.house.settings = client.house.settings.model_copy(update={"company_name": "Vereda <Solar>"})

    async def story() -> None:
        await client.house.people(1)
        steps = [
            {"channel": "whatsapp", "text": "Oi *{{ nome | default: '<b>Ana</b>' }}*!"},
            {"channel": "email", "subject": "Olá", "text": "Oi", "html": "<p>Oi</p>"},
            {"channel": "sms", "text": "Ação " * 20},
        ]
        await client.post("/api/v1/campaigns", campaign(steps=steps))
        page = await seen(client, "/console/campaigns/1/messages")
        assert page.count("Vereda &lt;Solar&gt;") >= 3
        assert "<b>" not in page
        assert "Oi <strong>" in page
        assert "2 SMS" in page
        assert "cabem 67 em cada SMS" in page
        assert "/mail/2" in page

    asyncio.run(story())
