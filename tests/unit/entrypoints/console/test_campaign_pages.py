"""The pages of campaigns: writing one page by page, seeing how it goes, its people, and the library of templates."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import Answer, Client, House, campaign
from tests.unit.entrypoints.http.test_http_campaign_work import accept
from tests.unit.entrypoints.http.test_http_campaigns import begun
from tests.unit.entrypoints.http.test_http_templates import bombs, watched

FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "text/html"}
PAGE = {"accept": "text/html", "accept-language": "pt-BR"}
PATH = "/console/campaigns"
MESSAGE = {
    "text": "Oi {{ nome | default: 'você' }}!",
    "wait": "0",
    "wait_unit": "m",
    "stop_on_reply": "1",
    "do": "keep",
}
SENDING = {
    **{"zone": "America/Sao_Paulo", "days": ["1", "2", "3"], "start": "09:00", "end": "17:00"},
    **{"deadline": "10", "sms_hourly": "50"},
}
EVIL = '<script>alert(1)</script>"><img src=x onerror=y>'


@pytest.fixture
def client(tmp_path: Path) -> Client:
    house = House(tmp_path / "files")
    return Client(standing_app(house), house)


async def seen(client: Client, path: str, language: str = "pt-BR") -> str:
    answer = await client.get(path, headers={**PAGE, "accept-language": language})
    assert answer.status == 200, (path, answer.status, answer.body[:500])
    return answer.body.decode()


async def sent(client: Client, path: str, fields: Mapping[str, Any] | None = None, **headers: str) -> Answer:
    body = urlencode(fields or {}, doseq=True).encode()
    return await client.ask("POST", path, body, headers={**FORM, **headers})


async def onward(client: Client, path: str, fields: Mapping[str, Any] | None = None) -> str:
    """Where a form leads that was right."""
    answer = await sent(client, path, fields)
    assert answer.status == 303, unescape(answer.body.decode())
    return answer.headers["location"]


async def sketched(client: Client) -> str:
    """The address of a campaign that is written to its end, but for the start."""
    await client.house.people(3)
    path = (await onward(client, f"{PATH}/new")).removesuffix("/audience")
    assert await onward(client, f"{path}/audience", {"name": "verao", "list": "lista"}) == f"{path}/messages"
    assert await onward(client, f"{path}/messages", {"do": "add", "channel": "sms"}) == f"{path}/messages/1"
    assert await onward(client, f"{path}/messages/1", MESSAGE) == f"{path}/messages"
    assert await onward(client, f"{path}/sending", SENDING) == f"{path}/forecast"
    return path


def test_a_campaign_is_written_page_by_page_and_started(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        assert "Oi você!" in await seen(client, f"{path}/messages/1")
        assert "3" in await seen(client, f"{path}/forecast?run=1")
        page = await seen(client, f"{path}/start")
        assert "Iniciar campanha" in page
        assert await onward(client, f"{path}/start", {"do": "start"}) == f"{PATH}/1"
        kept = (await client.get("/api/v1/campaigns/verao")).json
        assert (kept["state"], kept["document"]["deadline"]) == ("running", "10d")
        hours = kept["document"]["hours"]
        assert (hours["workingDays"], hours["startTime"], hours["lunchBreak"]) == ([1, 2, 3], "09:00", None)
        assert kept["document"]["limits"] == {"sms": {"hourly": 50}}
        assert (await client.get(path, headers=PAGE)).status == 404

    asyncio.run(story())


def test_what_was_written_is_there_when_one_comes_back(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        assert f'href="{path}"' in await seen(client, PATH)
        again = await client.get(path, headers=PAGE)
        assert (again.status, again.headers["location"]) == (303, f"{path}/messages")
        assert 'value="verao"' in await seen(client, f"{path}/audience")
        assert await onward(client, f"{path}/drop") == PATH
        assert path not in await seen(client, PATH)

    asyncio.run(story())


def test_a_wrong_message_is_kept_and_told_at_its_field(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        answer = await sent(client, f"{path}/messages/1", {**MESSAGE, "text": "Oi {{ nome"})
        assert answer.status == 422
        assert 'id="f-text-error"' in answer.body.decode()
        assert "Oi {{ nome" in unescape(await seen(client, f"{path}/messages/1"))
        answer = await sent(client, f"{path}/start", {"do": "start"})
        assert answer.status == 422
        assert (await client.get("/api/v1/campaigns")).json["items"] == []

    asyncio.run(story())


def test_messages_move_and_go(client: Client) -> None:
    async def story() -> None:
        path = await sketched(client)
        await client.post(
            "/api/v1/templates", {"name": "carta", "channel": "email", "subject": "Oi", "text": "Da carta"}
        )
        assert await onward(client, f"{path}/messages", {"do": "add", "template": "carta"}) == f"{path}/messages/2"
        assert "Da carta" in await seen(client, f"{path}/messages/2")
        await onward(client, f"{path}/messages", {"do": "up:2"})
        page = await seen(client, f"{path}/messages")
        assert page.index("Da carta") < page.index("Oi {{")
        await onward(client, f"{path}/messages", {"do": "remove:1"})
        assert "Da carta" not in await seen(client, f"{path}/messages")

    asyncio.run(story())


def test_a_draft_is_opened_again_and_changed(client: Client) -> None:
    async def story() -> None:
        await client.house.people(2)
        await client.post("/api/v1/campaigns", campaign(steps=[{"channel": "sms", "text": "Antes"}]))
        path = (await onward(client, f"{PATH}/1/edit")).removesuffix("/audience")
        await onward(client, f"{path}/messages/1", {**MESSAGE, "text": "Depois"})
        assert await onward(client, f"{path}/start", {"do": "keep"}) == f"{PATH}/1"
        told = (await client.get("/api/v1/campaigns/1")).json
        assert (told["state"], told["document"]["steps"][0]["text"]) == ("draft", "Depois")
        assert "Antes de começar" in await seen(client, f"{PATH}/1/start")
        assert await onward(client, f"{PATH}/1/start") == f"{PATH}/1"

    asyncio.run(story())


def test_how_a_campaign_goes_and_what_one_does_with_it(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        await accept(client, 2)
        page = await seen(client, f"{PATH}/1")
        assert "data-live=" in page
        assert "Mensagens por hora" in page
        assert "Messages by hour" in await seen(client, f"{PATH}/1", "en")
        assert "<html" not in await seen(client, f"{PATH}/1/live")
        assert await onward(client, f"{PATH}/1/pause") == f"{PATH}/1"
        assert "Pausada" in await seen(client, f"{PATH}/1")
        await onward(client, f"{PATH}/1/resume")
        changed = {**SENDING, "whatsapp_hourly": "7", "days": ["1"]}
        assert await onward(client, f"{PATH}/1/limits", changed) == f"{PATH}/1"
        document = (await client.get("/api/v1/campaigns/1")).json["document"]
        assert (document["limits"], document["hours"]["workingDays"]) == ({"whatsapp": {"hourly": 7}}, [1])
        assert (await sent(client, f"{PATH}/1/limits", {**changed, "whatsapp_hourly": "muitas"})).status == 422
        assert "/audience" in await onward(client, f"{PATH}/1/duplicate")
        await onward(client, f"{PATH}/1/cancel")
        assert "Cancelada" in await seen(client, f"{PATH}/1")

    asyncio.run(story())


def test_the_people_of_a_campaign_and_why(client: Client) -> None:
    async def story() -> None:
        house = client.house
        first, *_ = await house.people(3)
        await begun(client, people=0)
        claimed = (await house.engine.dispatch.claim("whatsapp", 1, house.clock.now())).messages
        refused = Settlement(claimed[0].id, MessageEvent.REJECT, claimed[0].fence, "address_unknown")
        assert all(await house.store.ledger.settle([refused], house.clock.now()))
        assert claimed[0].id == MessageId("1", 1, first)
        page = await seen(client, f"{PATH}/1/people?group=unsent")
        assert ("Pessoa 0" in page, "Pessoa 1" in page) == (True, False)
        assert "endereço não existe" in page
        page = await seen(client, f"{PATH}/1/people/{first}")
        assert "Falhou: endereço não existe" in page
        assert "pode sair já" in (await seen(client, f"{PATH}/1/people/{int(first) + 1}")).lower()
        csv = await client.get(f"{PATH}/1/export.csv?group=unsent", headers=PAGE)
        assert csv.body.decode("utf-8-sig").count("\r\n") == 2
        assert (await client.get(f"{PATH}/1/people?after=made-up&step=99&state=x", headers=PAGE)).status == 200

    asyncio.run(story())


def test_script_in_names_and_texts_is_text(client: Client) -> None:
    async def story() -> None:
        evil = ContactDraft("l:1", Place("America/Sao_Paulo"), name=EVIL, phone="+5541977776666")
        evil = ContactDraft(**{**{k: getattr(evil, k) for k in evil.__slots__}, "phone_key": "+5541977776666"})
        await client.house.store.contacts.fold("lista", [evil])
        steps = [{"channel": "whatsapp", "text": EVIL}]
        await client.post("/api/v1/campaigns", campaign(steps=steps))
        await client.post("/api/v1/campaigns/camp/start")
        await client.house.launch()
        for path in ("", "/people", "/people/1", "/messages"):
            page = await seen(client, f"{PATH}/1{path}")
            assert "<script>alert" not in page
            assert not re.search(r"<[^>]+ on\w+=", page)

    asyncio.run(story())


def test_the_html_of_a_mail_is_shown_in_a_frame_that_may_do_nothing(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        steps = [{"channel": "email", "subject": "Oi", "text": "Oi", "html": f"<p>{EVIL}</p>"}]
        await client.post("/api/v1/campaigns", campaign(steps=steps))
        page = await client.get(f"{PATH}/1/messages", headers=PAGE)
        assert "frame-src 'self'" in page.headers["content-security-policy"]
        assert 'sandbox=""' in page.body.decode()
        frame = await client.get(f"{PATH}/1/mail/1", headers=PAGE)
        policy = frame.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert ("script" in policy, "http" in policy) == (False, False)

    asyncio.run(story())


@pytest.mark.parametrize("bomb", bombs().items(), ids=lambda bomb: bomb[0])
def test_a_text_that_was_written_to_do_harm_does_none_in_a_page(client: Client, bomb: tuple[str, str]) -> None:
    async def story() -> tuple[Answer, float, float]:
        path = await sketched(client)
        body = urlencode({**MESSAGE, "text": bomb[1]}).encode()
        return await watched(client, f"{path}/messages/1", body)

    client.headers = FORM
    answer, took, worst = asyncio.run(story())
    assert answer.status in (303, 422)
    assert took < 5.0
    assert worst < 1.5


def test_the_library_keeps_shows_and_forgets(client: Client) -> None:
    async def story() -> None:
        fields = {"name": "ola", "channel": "sms", "text": "Oi {{ nome }}, da {{ empresa }}", "values": "nome = Zoë"}
        assert await onward(client, "/console/templates/new", fields) == "/console/templates/ola"
        page = await seen(client, "/console/templates/ola")
        assert "Oi Ana Souza, da ‹empresa›" in page
        assert "ola" in await seen(client, "/console/templates")
        look = await sent(client, "/console/templates/look/sms", {**fields, "text": "{{ quebrado"})
        assert (look.status, "quebrado" in unescape(look.body.decode())) == (200, False)
        revision = re.search(r'name="revision" value="(\d+)"', page)
        assert revision
        changed = {**fields, "text": "Novo", "revision": revision[1]}
        assert await onward(client, "/console/templates/ola", changed) == "/console/templates/ola"
        assert (await sent(client, "/console/templates/ola", changed)).status == 422
        assert await onward(client, "/console/templates/ola/remove") == "/console/templates"
        assert (await client.get("/console/templates/ola", headers=PAGE)).status == 404

    asyncio.run(story())
