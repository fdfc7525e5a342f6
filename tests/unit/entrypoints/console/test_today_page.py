from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from disparo.domain.alarm import AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.contact import Channel
from disparo.domain.inbox_entry import Heard
from disparo.domain.message import MessageEvent
from disparo.domain.policies.retry import FailureClass
from disparo.domain.settlement import Settlement
from disparo.entrypoints.http.access import needed
from disparo.usecases import campaigns
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import MONDAY, Client, House, campaign

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def client(house: House) -> Client:
    return Client(standing_app(house), house, {"accept": "text/html"})


async def text(client: Client, path: str = "/console", **headers: str) -> str:
    answer = await client.get(path, headers=headers)
    assert answer.status == 200
    return answer.body.decode()


async def running(client: Client, count: int = 3, **keys: object) -> None:
    await client.house.people(count)
    assert (await client.post("/api/v1/campaigns", campaign(**keys))).status == 201
    assert (await client.post("/api/v1/campaigns/camp/start")).status == 200
    await client.house.launch()


def test_the_bare_address_leads_to_the_console_and_opens_nothing_else(client: Client) -> None:
    answer = asyncio.run(client.get("/"))
    assert (answer.status, answer.headers["location"]) == (307, "/console")
    assert needed("GET", "/") is None
    assert needed("GET", "/console") is not None


def test_a_new_installation_is_shown_its_first_steps(client: Client) -> None:
    async def story() -> None:
        html = await text(client)
        assert "Comece por aqui" in html
        assert 'href="/console/contacts/import"' in html
        assert "Campanhas em andamento" not in html
        await client.house.people(2)
        assert "2 contatos" in await text(client)
        await running(client)
        html = await text(client)
        assert "Comece por aqui" not in html
        assert "Campanhas em andamento" in html

    asyncio.run(story())


def test_what_goes_on_is_told_in_words_and_stays_up_to_date(client: Client) -> None:
    async def story() -> None:
        await running(client)
        html = await text(client, "/console/today")
        assert 'data-live="/console/today/live"' in html
        assert "WhatsApp: enviando" in html
        assert "próxima: agora" in html
        client.house.clock.at = MONDAY + timedelta(hours=11)
        part = await text(client, "/console/today/live?window=day")
        assert "<html" not in part
        assert "fora do horário" in part
        assert "depois do horário" in part
        assert "ter., 24 nov. 08:00</time>" in part
        await campaigns.pause(client.house.store, "camp", client.house.clock.at)
        assert "Nada sai até você retomar" in await text(client)

    asyncio.run(story())


def test_an_open_breaker_is_told_with_its_end(client: Client) -> None:
    async def story() -> None:
        await running(client)
        house, now = client.house, client.house.clock.at
        sender = house.engine.routes["whatsapp"].sender
        for _ in range(sender.breaker.threshold):
            [one] = (await house.engine.dispatch.claim("whatsapp", 1, now)).messages
            again = Settlement(one.id, MessageEvent.RETRY, one.fence, "provider_failed", due_at=now)
            failed = replace(again, sender=sender, heard=True, failure=FailureClass.TRANSIENT)
            await house.store.ledger.settle([failed], now)
        html = await text(client)
        assert "pausa de proteção" in html

    asyncio.run(story())


def test_alarms_replies_and_dead_workers_are_told(client: Client) -> None:
    async def story() -> None:
        await running(client)
        store = client.house.store
        rung = AlarmStanding(AlarmName.DLQ_MESSAGES, AlarmState.ALARM, MONDAY, MONDAY, 7.0, 0.0, Unit.COUNT)
        await store.alarms.keep(rung, None, None)
        heard = Heard("e1", Channel.EMAIL, "email", f"a/b{EVIL}@x", None, None, EVIL, "question", MONDAY)
        await store.inbox.keep(heard, MONDAY)
        html = await text(client)
        assert "mensagens dadas por perdidas, à espera de uma pessoa: 7" in html
        assert 'href="/console/dead-letters"' in html
        assert 'href="/console/inbox/a%2Fb%3Cscript%3E' in html
        assert EVIL not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        english = await text(client, **{"accept-language": "en"})
        assert "messages that were given up and wait for a person: 7" in english
        client.house.clock.at = MONDAY + timedelta(minutes=5)
        assert "nenhum worker dá sinal" in await text(client)

    asyncio.run(story())


def test_a_page_asks_for_a_window_that_there_is(client: Client) -> None:
    async def story() -> None:
        await running(client)
        assert 'href="/console?window=day" aria-current="true"' in await text(client, "/console?window=day")
        assert 'href="/console" aria-current="true"' in await text(client, "/console?window=nada")

    asyncio.run(story())
