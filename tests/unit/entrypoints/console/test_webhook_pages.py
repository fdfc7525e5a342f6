from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

from disparo.domain.principal import Role
from disparo.domain.webhook import EventType
from disparo.entrypoints.console.webhooks import EVENTS
from disparo.ports.webhooks import Posted
from disparo.usecases.webhooks import EndpointOrder, add
from tests.account_scene import signed_in
from tests.unit.entrypoints.console.visitor import Visitor
from tests.unit.entrypoints.http.conftest import House

PATH = "/console/settings/webhooks"
URL = "https://crm.exemplo.com.br/ganchos?x=<b>"


def test_an_admin_makes_tests_changes_and_removes_an_endpoint(tmp_path: Path) -> None:
    house = House(tmp_path)
    page = _visitor(house, Role.ADMIN)
    assert "Nenhum endpoint ainda" in page.get(PATH).text
    page.get(f"{PATH}/new")
    refused = page.post(f"{PATH}/new", {"url": "https://127.0.0.1/", "description": "CRM"})
    assert refused.status == 422
    assert "outside_private_networks_allowed" in refused.text
    made = page.post(f"{PATH}/new", {"url": URL, "description": "CRM", "types": ["reply.received"]})
    assert made.status == 200
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.text)
    assert secret is not None
    [endpoint] = asyncio.run(_endpoints(house))
    shown = page.get(f"{PATH}/{endpoint}")
    assert secret[0] not in shown.text
    assert "<b>" not in shown.text
    house.post.answers = [Posted(500, timedelta(milliseconds=12), answer=b"<script>alert(1)</script>")]
    told = page.post(f"{PATH}/{endpoint}/test")
    assert told.location == f"{PATH}/{endpoint}"
    seen = page.get(f"{PATH}/{endpoint}").text
    assert "webhook.tested" in seen
    assert "<script>alert" not in seen
    page.post(f"{PATH}/{endpoint}/edit", {"url": URL, "description": "Outro", "types": []})
    page.post(f"{PATH}/{endpoint}/enabled", {"enabled": "0"})
    off = page.get(f"{PATH}/{endpoint}").text
    assert "Outro" in off
    assert "Ativar de novo" in off
    page.post(f"{PATH}/{endpoint}/enabled", {"enabled": "1"})
    rotated = page.post(f"{PATH}/{endpoint}/rotate")
    assert "24 horas" in rotated.text
    page.post(f"{PATH}/{endpoint}/remove")
    assert asyncio.run(_endpoints(house)) == []


def test_every_event_has_its_words(tmp_path: Path) -> None:
    assert set(EVENTS) == set(EventType)
    page = _visitor(House(tmp_path), Role.ADMIN)
    offered = page.get(f"{PATH}/new").text
    assert "Resposta recebida" in offered and "reply.received" in offered and "webhook.tested" not in offered
    page.post(f"{PATH}/new", {"url": URL, "types": ["meeting.held", "reply.received"]})
    listed = page.get(PATH).text
    [path] = re.findall(rf'<tr data-href="({PATH}/[^"]+)"', listed)
    assert "Resposta recebida, Reunião aconteceu" in page.get(path).text


def test_what_somebody_switched_off_is_no_alarm(tmp_path: Path) -> None:
    house = House(tmp_path)
    asyncio.run(add(house.hooks, EndpointOrder(URL), house.clock.now()))
    page, [endpoint] = _visitor(house, Role.ADMIN), asyncio.run(_endpoints(house))
    page.get(f"{PATH}/{endpoint}")
    page.post(f"{PATH}/{endpoint}/enabled", {"enabled": "0"})
    off = page.get(f"{PATH}/{endpoint}").text
    assert "Desativado por uma pessoa." in off
    assert 'class="badge neutral"' in off and 'class="badge bad"' not in off and 'class="notice bad"' not in off


def test_nobody_but_an_admin_sees_them(tmp_path: Path) -> None:
    house = House(tmp_path)
    asyncio.run(add(house.hooks, EndpointOrder(URL), house.clock.now()))
    page = _visitor(house, Role.OPERATOR)
    assert page.get(PATH).status == 403


def _visitor(house: House, role: Role) -> Visitor:
    person = asyncio.run(signed_in(house.locks, role, house.clock.now()))
    name, _, value = person.headers["cookie"].partition("=")
    return Visitor(house, cookies={name: value})


async def _endpoints(house: House) -> list[str]:
    return [one.id for one in await house.store.webhooks.endpoints()]
