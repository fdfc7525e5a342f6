from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from disparo.domain.audit import AuditFilter
from disparo.domain.contact import ContactDraft
from disparo.domain.message import MessageEvent, MessageId, MessageState
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.entrypoints.console.dead_letters import redriving
from disparo.ports.undelivered import Undelivered, UndeliveredKind
from disparo.usecases import campaigns
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import Answer, Client, House, campaign

EVIL = "<img src=x onerror=alert(1)>"
FORM = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
PATH = "/console/dead-letters"


@pytest.fixture
def client(tmp_path: Path) -> Client:
    house = House(tmp_path)
    return Client(standing_app(house), house, {"accept": "text/html"})


async def dead(client: Client, reasons: Sequence[str], *, name: str = "camp", detail: str = "") -> list[str]:
    """A campaign whose messages were given up for these reasons, one each; their ids."""
    house, now = client.house, client.house.clock.at
    await house.people(len(reasons))
    await client.post("/api/v1/campaigns", campaign(name=name))
    started = await campaigns.start(house.store, name, now)
    await house.launch()
    claimed = (await house.engine.dispatch.claim("whatsapp", len(reasons), now)).messages
    in_order = sorted(
        (one for one in claimed if one.id.campaign_id == started.id), key=lambda one: int(one.id.contact_id)
    )
    settlements = [
        Settlement(one.id, MessageEvent.EXHAUST, one.fence, reason, detail)
        for one, reason in zip(in_order, reasons, strict=True)
    ]
    await house.store.ledger.settle(settlements, now)
    return [str(one.id) for one in in_order]


async def text(client: Client, path: str = PATH, **headers: str) -> str:
    answer = await client.get(path, headers=headers)
    assert answer.status == 200, answer.body
    return answer.body.decode()


async def post(client: Client, fields: Mapping[str, Any] | Sequence[tuple[str, str]], path: str = "/redrive") -> Answer:
    return await client.post(PATH + path, urlencode(fields, doseq=True).encode(), headers=FORM)


async def states(client: Client, ids: Sequence[str]) -> list[MessageState]:
    return [(await client.house.store.ledger.get(MessageId.parse(one))).state for one in ids]


def fields_of(answer: Answer) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.body.decode())
    return [(name, unescape(value)) for name, value in found if name != "csrf"]


def test_nothing_dead_is_good_news(client: Client) -> None:
    html = asyncio.run(text(client))
    assert "Nenhuma carta morta" in html
    assert "Recolocar" not in html


def test_they_are_told_by_reason_with_what_to_do_and_one_by_one(client: Client) -> None:
    async def story() -> None:
        ids = await dead(client, ["provider_failed", "held_in_doubt", "provider_failed"])
        html = await text(client)
        assert html.index("Falha do provedor") < html.index("Retida: pode ter chegado")
        assert "Veja se voltou ao normal antes de recolocar." in html
        assert "Recolocar todas as 3" in html
        assert all(f'href="{PATH}/{one}"' in html for one in ids)
        some = await text(client, f"{PATH}?reason=held_in_doubt&channel=whatsapp&state=dead&campaign=1")
        assert f'href="{PATH}/{ids[1]}"' in some
        assert f'href="{PATH}/{ids[0]}"' not in some
        assert "Nenhuma com este filtro" in await text(client, f"{PATH}?channel=sms")
        assert f'href="{PATH}/{ids[0]}"' in await text(client, f"{PATH}?channel=pombo&state=due")
        assert (await client.get(f"{PATH}?campaign=99")).status == 404
        assert "Given up" in await text(client, **{"accept-language": "en"})

    asyncio.run(story())


def test_names_and_words_of_others_are_no_markup(client: Client) -> None:
    async def story() -> None:
        draft = ContactDraft("e.csv:2", Place("America/Sao_Paulo"), name=EVIL, phone="+5541977770000")
        await client.house.store.contacts.fold("lista", [draft])
        [one] = await dead_first(client, EVIL)
        for path in (PATH, f"{PATH}/{one}"):
            html = await text(client, path)
            assert EVIL not in html
            assert "&lt;img src=x" in html

    asyncio.run(story())


async def dead_first(client: Client, detail: str) -> list[str]:
    """The first contact that there is, given up with these words of the provider."""
    house, now = client.house, client.house.clock.at
    await client.post("/api/v1/campaigns", campaign())
    await campaigns.start(house.store, "camp", now)
    await house.launch()
    [one] = (await house.engine.dispatch.claim("whatsapp", 1, now)).messages
    settlement = Settlement(one.id, MessageEvent.EXHAUST, one.fence, "provider_failed", detail)
    await house.store.ledger.settle([settlement], now)
    return [str(one.id)]


def test_inside_one_there_is_what_it_would_say_and_what_a_redrive_would_do(client: Client) -> None:
    async def story() -> None:
        [one, doubt] = await dead(client, ["provider_failed", "held_in_doubt"], detail="")
        html = await text(client, f"{PATH}/{one}")
        assert "Oi você" in html
        assert "Volta para a fila e sai na sua vez, já." in html
        assert "Recolocar na fila" in html
        client.house.clock.at += timedelta(hours=11)
        late = await text(client, f"{PATH}/{one}")
        assert "Volta para a fila e espera:" in late
        assert "ora do horário do contato: depois do horário 18:00" in late
        held = await text(client, f"{PATH}/{doubt}")
        assert "Mandar mesmo assim" in held
        assert "Recolocar na fila" not in held
        assert (await client.get(f"{PATH}/1.1.99")).status == 404

    asyncio.run(story())


def test_one_goes_again_and_it_is_told(client: Client) -> None:
    async def story() -> None:
        ids = await dead(client, ["provider_failed", "provider_failed"])
        answer = await post(client, {"id": ids[0]})
        assert (answer.status, answer.headers["location"]) == (303, PATH)
        assert await states(client, ids) == [MessageState.DUE, MessageState.DEAD]
        [entry] = [
            one for one in await client.house.store.audit.page(AuditFilter(), None, 10) if "redrive" in one.action
        ]
        assert entry.detail["redriven"] == "1"

    asyncio.run(story())


def test_what_may_have_arrived_is_left_out_shown_apart_and_goes_only_when_a_person_is_sure(client: Client) -> None:
    async def story() -> None:
        ids = await dead(client, ["provider_failed", "held_in_doubt"])
        answer = await post(client, {"id": ids, "reason": ""})
        assert answer.headers["location"] == f"{PATH}/review?id={ids[1]}"
        assert await states(client, ids) == [MessageState.DUE, MessageState.DEAD]
        html = await text(client, answer.headers["location"])
        assert "Podem ter chegado" in html
        assert 'name="sure"' in html
        refused = await post(client, {"id": ids[1], "force": "1"})
        assert refused.status == 422
        assert (await states(client, ids))[1] is MessageState.DEAD
        done = await post(client, {"id": ids[1], "force": "1", "sure": "1"})
        assert done.headers["location"] == PATH
        assert (await states(client, ids))[1] is MessageState.DUE
        assert "Nada ficou de fora" in await text(client, f"{PATH}/review?id={ids[1]}")

    asyncio.run(story())


def test_all_of_a_filter_go_part_by_part(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redriving, "AT_ONCE", 3)

    async def story() -> None:
        reasons = ["provider_failed"] * 7 + ["no_answer"] + ["held_in_doubt"]
        ids = await dead(client, reasons)
        first = await post(client, {"scope": "all", "reason": "provider_failed"})
        assert first.status == 200
        assert "3 de 7 olhadas" in first.body.decode()
        second = await post(client, fields_of(first))
        assert "6 de 7 olhadas" in second.body.decode()
        last = await post(client, fields_of(second))
        assert (last.status, last.headers["location"]) == (303, f"{PATH}?reason=provider_failed")
        assert await states(client, ids) == [MessageState.DUE] * 7 + [MessageState.DEAD] * 2
        rest = await post(client, {"scope": "all"})
        assert rest.headers["location"] == f"{PATH}/review"
        assert "data-goes-on" not in await text(client, rest.headers["location"])

    asyncio.run(story())


def test_a_redrive_of_nothing_says_so(client: Client) -> None:
    answer = asyncio.run(post(client, {"reason": "no_answer"}))
    assert (answer.status, answer.headers["location"]) == (303, f"{PATH}?reason=no_answer")


class Queue:
    """A dead-letter queue with two entries."""

    def __init__(self) -> None:
        self.entries = [
            Undelivered(UndeliveredKind.INVOCATION, "a"),
            Undelivered(UndeliveredKind.POISON, "b", reason=EVIL),
        ]

    async def look(self, limit: int) -> Sequence[Undelivered]:
        return self.entries[:limit]

    async def drop(self, entries: Sequence[Undelivered]) -> None:
        self.entries = [one for one in self.entries if one not in entries]

    async def leave(self, _: Sequence[Undelivered]) -> None:
        pass


def test_the_queue_of_the_functions_is_shown_where_there_is_one(client: Client) -> None:
    async def story() -> None:
        assert (await client.get(f"{PATH}/queue")).status == 404
        queue = client.house.undelivered = Queue()
        html = await text(client, f"{PATH}/queue")
        assert EVIL not in html
        assert "Tarefa agendada que falhou" in html
        assert (await post(client, {}, "/queue/clear")).status == 303
        assert [one.handle for one in queue.entries] == ["b"]
        await post(client, {"everything": "1"}, "/queue/clear")
        assert not queue.entries

    asyncio.run(story())
