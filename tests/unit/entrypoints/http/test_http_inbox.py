"""`/api/v1/inbox` and the pages of the inbox."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from disparo.domain.contact import Channel
from disparo.domain.receipt import Reply
from disparo.domain.suppression import Suppression
from tests.unit.entrypoints.http.conftest import Client, House

PAGE = {"accept": "text/html", "content-type": "application/x-www-form-urlencoded"}


async def heard(house: House, text: str, contact: int = 0, *, address: str | None = None) -> None:
    """Somebody writes by WhatsApp: the contact with this number, or whoever has an address of nobody."""
    number = address or (await house.store.contacts.page("lista", None, 100))[contact].phone
    assert number is not None
    reply = Reply(
        "sandbox",
        f"{number} {text}",
        None,
        text,
        house.clock.now(),
        channel=Channel.WHATSAPP,
        address=number,
        sender="whatsapp",
    )
    await house.inbound().take_reply(reply, house.clock.now())


def story(client: Client, told: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(told())


def test_conversations_come_latest_first_and_are_told_in_full(client: Client) -> None:
    async def told() -> None:
        house = client.house
        ids = await house.people(2)
        await heard(house, "quanto custa?", 0)
        house.clock.at += timedelta(minutes=1)
        await heard(house, "quero sim", 1)
        listed = (await client.get("/api/v1/inbox")).json
        assert [one["owner"] for one in listed["items"]] == [ids[1], ids[0]]
        first = (await client.get("/api/v1/inbox?limit=1")).json
        rest = (await client.get(f"/api/v1/inbox?limit=1&after={first['next']}")).json
        assert [one["owner"] for one in rest["items"]] == [ids[0]]
        shown = (await client.get(f"/api/v1/inbox/{ids[0]}")).json
        assert [(one["kind"], one["text"]) for one in shown["lines"]] == [("heard", "quanto custa?")]
        ways = {one["channel"]: one for one in shown["ways"]}
        assert (ways["whatsapp"]["open"], ways["whatsapp"]["closes_at"] is not None) == (True, True)
        assert (ways["email"]["open"], ways["email"]["closes_at"]) == (True, None)

    story(client, told)


def test_a_reply_is_entered_once_shown_in_the_conversation_and_settles_it(client: Client) -> None:
    async def told() -> None:
        house = client.house
        [contact] = await house.people(1)
        await heard(house, "quanto custa?")
        body = {"channel": "whatsapp", "text": "São R$ 90. {{ x }}"}
        key = {"idempotency-key": "reply-1"}
        first = await client.post(f"/api/v1/inbox/{contact}/reply", body, headers=key)
        again = await client.post(f"/api/v1/inbox/{contact}/reply", body, headers=key)
        assert (first.status, first.json["purpose"], again.json) == (202, "answer", first.json)
        lines = (await client.get(f"/api/v1/inbox/{contact}")).json["lines"]
        assert [(one["kind"], one["text"]) for one in lines[1:]] == [("by_hand", "São R$ 90. {{ x }}")]
        settled = await client.post(f"/api/v1/inbox/{contact}/outcome", {"outcome": "interested"})
        assert settled.json == {"handled": 1}
        assert (await client.get("/api/v1/inbox?pending=true")).json["items"] == []
        [entry] = (await client.get("/api/v1/inbox/entries")).json["items"]
        assert entry["outcome"] == "interested"
        actions = {one.action for one in await house.store.audit.page(_any(), None, 10)}
        assert {"inbox.reply", "inbox.settle"} <= actions

    story(client, told)


def _any() -> object:
    from disparo.domain.audit import AuditFilter

    return AuditFilter()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"channel": "whatsapp", "text": "oi"}, "24 horas"),
        ({"channel": "email", "text": "oi"}, "assunto"),
        ({"channel": "email", "text": " ", "subject": "x"}, "escreva o texto"),
        ({"channel": "email", "template": "nenhum"}, "nenhum"),
    ],
)
def test_what_could_not_go_is_refused_in_words(client: Client, body: dict[str, str], words: str) -> None:
    async def told() -> None:
        [contact] = await client.house.people(1)
        refused = await client.post(f"/api/v1/inbox/{contact}/reply", body)
        assert (refused.status in (404, 422), words in refused.json["detail"]) == (True, True)

    story(client, told)


def test_who_opted_out_is_not_written_to_and_an_outcome_may_say_so(client: Client) -> None:
    async def told() -> None:
        house = client.house
        [contact] = await house.people(1)
        await heard(house, "me deixe em paz")
        await client.post(f"/api/v1/inbox/{contact}/outcome", {"outcome": "opted_out"})
        keys = (await house.store.contacts.get(contact)).keys
        assert {one.reason for one in await house.store.suppressions.matching(keys)} == {"opted_out"}
        refused = await client.post(f"/api/v1/inbox/{contact}/reply", {"channel": "whatsapp", "text": "mas..."})
        assert refused.status == 422

    story(client, told)


def test_a_strangers_conversation_is_found_by_its_key_and_the_audit_has_no_address(client: Client) -> None:
    async def told() -> None:
        house = client.house
        await heard(house, "quem é?", address="+5511987654321")
        [listed] = (await client.get("/api/v1/inbox")).json["items"]
        assert (listed["contact_id"], listed["name"]) == (None, "")
        owner = listed["owner"]
        assert (await client.get(f"/api/v1/inbox/{owner}")).json["lines"][0]["text"] == "quem é?"
        assert (await client.post(f"/api/v1/inbox/{owner}/outcome", {"outcome": "wrong_person"})).json["handled"] == 1
        assert "87654321" not in str(await house.store.audit.page(_any(), None, 10))  # type: ignore[arg-type]
        assert await house.store.suppressions.matching([listed["owner"]])

    story(client, told)


def test_nobody_is_found_where_nobody_is(client: Client) -> None:
    async def told() -> None:
        for path in ("/api/v1/inbox/99", "/api/v1/inbox/x@example.com"):
            assert (await client.get(path)).status == 404

    story(client, told)


def test_the_page_shows_a_conversation_and_takes_an_answer_once(client: Client) -> None:
    async def told() -> None:
        house = client.house
        [contact] = await house.people(1)
        await heard(house, "<script>alert(1)</script> quanto custa?")
        assert "<script>alert" not in (text := (await client.get("/console/inbox", headers=PAGE)).body.decode())
        assert "quanto custa?" in text
        page = (await client.get(f"/console/inbox/{contact}", headers=PAGE)).body.decode()
        assert "&lt;script&gt;" in page
        key = re.search(r'name="key" value="(\w+)"', page)
        assert key is not None
        form = urlencode({"channel": "whatsapp", "text": "R$ 90", "key": key[1], "settles": "1"})
        for _ in range(2):
            answer = await client.post(f"/console/inbox/{contact}/reply", form.encode(), headers=PAGE)
            assert answer.status == 303
        assert len(await house.store.hand_messages.of(contact, 10)) == 1
        assert (await house.store.inbox.page(None, 10, unhandled=True)) == []

    story(client, told)


def test_what_is_wrong_with_an_answer_is_told_on_the_page_and_the_text_stays(client: Client) -> None:
    async def told() -> None:
        house = client.house
        [contact] = await house.people(1)
        form = urlencode({"channel": "whatsapp", "text": "Oi de novo", "key": "k"})
        answer = await client.post(f"/console/inbox/{contact}/reply", form.encode(), headers=PAGE)
        assert answer.status == 422
        assert "24 horas" in (text := answer.body.decode())
        assert "Oi de novo" in text
        key = (await house.store.contacts.get(contact)).keys[0]
        await house.store.suppressions.add([Suppression(key, None, "opted_out", "test", house.clock.now())])
        assert (
            "não deve receber mensagens" in (await client.get(f"/console/inbox/{contact}", headers=PAGE)).body.decode()
        )

    story(client, told)
