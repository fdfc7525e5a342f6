from __future__ import annotations

import asyncio
import json

import pytest

from disparo.domain.contact import Channel
from disparo.domain.inbox_entry import Heard
from disparo.usecases import people
from tests.unit.entrypoints.http.conftest import MONDAY, Client, campaign
from tests.unit.entrypoints.http.test_application import problem

CONTACTS = "/api/v1/contacts"
ANA = {"list": "leads", "name": " Ana   Souza ", "phone": "41 98888-7777", "email": "Ana@X.com"}


def test_lists_are_told_with_their_counts(client: Client) -> None:
    async def story() -> None:
        await client.house.people(3)
        await client.house.people(1, "outra")
        answer = await client.get("/api/v1/lists")
        assert answer.json == {
            "items": [{"name": "lista", "contacts": 3}, {"name": "outra", "contacts": 1}],
            "next": None,
        }

    asyncio.run(story())


def test_a_list_is_read_page_by_page_and_people_are_found_in_all(client: Client) -> None:
    async def story() -> None:
        await client.house.people(3)
        first = (await client.get(f"{CONTACTS}?list=lista&limit=2")).json
        assert [one["name"] for one in first["items"]] == ["Pessoa 0", "Pessoa 1"]
        rest = (await client.get(f"{CONTACTS}?list=lista&limit=2&after={first['next']}")).json
        assert ([one["name"] for one in rest["items"]], rest["next"]) == (["Pessoa 2"], None)
        for text in ("41%209%208888-0001", "P1@example.com", "pessoa%201"):
            found = (await client.get(f"{CONTACTS}?q={text}")).json["items"]
            assert [one["id"] for one in found] == ["2"], text
        problem(await client.get(CONTACTS), 422, "input")
        problem(await client.get(f"{CONTACTS}?q=a&list=b"), 422, "input")

    asyncio.run(story())


def test_a_person_is_entered_once_and_then_met(client: Client) -> None:
    async def story() -> None:
        made = await client.post(CONTACTS, {**ANA, "variables": {"Última Compra": "ontem"}})
        assert (made.status, made.headers["location"]) == (201, f"{CONTACTS}/{made.json['id']}")
        told = made.json
        assert (told["name"], told["phone"], told["outcome"]) == ("Ana Souza", "+5541988887777", "created")
        assert made.json["variables"] == {"ultima_compra": "ontem"}
        assert made.json["place"] == "America/Sao_Paulo BR-PR"
        again = await client.post(CONTACTS, {**ANA, "name": "Outra", "document": "529.982.247-25"})
        assert (again.status, again.json["name"], again.json["outcome"]) == (200, "Ana Souza", "completed")
        changed = await client.post(CONTACTS, {**ANA, "name": "Outra", "overwrite": True})
        assert (changed.status, changed.json["name"]) == (200, "Outra")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"list": "l"}, "escreva um telefone ou um e-mail"),
        ({"list": "l", "phone": "12"}, "phone: O telefone tem dígitos de menos."),
        ({"list": "l", "email": "ana"}, "email: O e-mail não tem @."),
        ({"list": "l", "phone": "41 98888-7777", "document": "123"}, "document: "),
        ({"list": "l", "phone": "41 98888-7777", "zone": "Marte"}, "zone: 'Marte' não é um fuso"),
        ({"list": "  ", "phone": "41 98888-7777"}, "list: "),
    ],
)
def test_a_wrong_field_is_named(wanted: dict[str, str], words: str, client: Client) -> None:
    async def story() -> None:
        answer = await client.post(CONTACTS, wanted)
        problem(answer, 422, "input")
        assert words in answer.json["detail"]

    asyncio.run(story())


def test_what_is_known_of_a_person_is_told_with_blocks_and_messages(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        await client.post("/api/v1/campaigns/camp/start")
        await client.house.launch()
        await people.suppress(client.house.store, "p0@example.com", Channel.EMAIL, source="teste", now=MONDAY)
        told = (await client.get(f"{CONTACTS}/1")).json
        assert [one["key"] for one in told["suppressions"]] == ["p0@example.com"]
        assert [(one["id"], one["campaign"], one["state"]) for one in told["messages"]] == [("1.1.1", "camp", "due")]
        problem(await client.get(f"{CONTACTS}/99"), 404, "not-found")

    asyncio.run(story())


def test_a_change_touches_what_it_names(client: Client) -> None:
    async def story() -> None:
        made = (await client.post(CONTACTS, {**ANA, "variables": {"a": "1", "b": "2"}})).json
        path = f"{CONTACTS}/{made['id']}"
        answer = await client.ask("PATCH", path, {"phone": "11 97777-6666", "variables": {"a": None, "c": "3"}})
        assert answer.status == 200
        assert (answer.json["phone"], answer.json["email"], answer.json["name"]) == (
            "+5511977776666",
            "Ana@x.com",
            "Ana Souza",
        )
        assert answer.json["variables"] == {"b": "2", "c": "3"}
        assert answer.json["place"] == "America/Sao_Paulo BR-SP", "the zone is that of the new number"
        gone = await client.ask("PATCH", path, {"email": None, "name": None})
        assert (gone.json["email"], gone.json["name"]) == (None, "")
        problem(await client.ask("PATCH", path, {"phone": None}), 422, "input")
        problem(await client.ask("PATCH", path, {"nome": "x"}), 422, "input")
        problem(await client.ask("PATCH", f"{CONTACTS}/99", {"name": "x"}), 404, "not-found")

    asyncio.run(story())


def test_an_address_of_somebody_else_in_the_list_is_refused(client: Client) -> None:
    async def story() -> None:
        await client.house.people(2)
        answer = await client.ask("PATCH", f"{CONTACTS}/1", {"email": "p1@example.com"})
        problem(answer, 422, "input")
        assert "já é do contato 2" in answer.json["detail"]

    asyncio.run(story())


def test_what_waits_does_not_go_to_a_new_address_that_is_suppressed(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        await client.post("/api/v1/campaigns/camp/start")
        await client.house.launch()
        await people.suppress(client.house.store, "41 97777-6666", None, source="teste", now=MONDAY)
        await client.ask("PATCH", f"{CONTACTS}/1", {"phone": "41 97777-6666"})
        [message] = (await client.get(f"{CONTACTS}/1")).json["messages"]
        assert (message["state"], message["reason"]) == ("cancelled", "by_hand")

    asyncio.run(story())


def test_an_erasure_answers_with_a_receipt_and_is_in_the_audit_without_names(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.house.people(1, "outra")
        told = Heard("whatsapp:1", Channel.WHATSAPP, "whatsapp", "+5541988880000", "1", None, "oi", "other", MONDAY)
        await client.house.store.inbox.keep(told, MONDAY)
        receipt = await client.ask("DELETE", f"{CONTACTS}/1?everywhere=true")
        assert receipt.status == 200
        assert (receipt.json["list"], receipt.json["also_erased"], receipt.json["replies"]) == ("lista", ["2"], 1)
        assert (await client.get(f"{CONTACTS}/1")).json["name"] == ""
        [entry] = await client.house.audited()
        assert (entry.action, entry.object) == ("contacts.erase", "contact_id=1")
        assert "Pessoa" not in json.dumps(dict(entry.detail))

    asyncio.run(story())


def test_the_export_of_a_person_is_in_the_audit(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        answer = await client.get(f"{CONTACTS}/1/export")
        assert set(answer.json) >= {"contact", "messages", "replies", "suppressions", "meetings", "same_person"}
        [entry] = await client.house.audited()
        assert entry.action == "contacts.export"

    asyncio.run(story())


def test_the_kept_answer_of_a_person_goes_with_them(client: Client) -> None:
    async def story() -> None:
        key = {"Idempotency-Key": "k1"}
        made = await client.post(CONTACTS, ANA, headers=key)
        replayed = await client.post(CONTACTS, ANA, headers=key)
        assert replayed.headers["idempotency-replay"] == "true"
        await client.ask("DELETE", f"{CONTACTS}/{made.json['id']}")
        again = await client.post(CONTACTS, ANA, headers=key)
        assert "idempotency-replay" not in again.headers

    asyncio.run(story())
