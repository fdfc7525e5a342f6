from __future__ import annotations

import asyncio

from tests.unit.entrypoints.http.conftest import Client
from tests.unit.entrypoints.http.forms import posted
from tests.unit.entrypoints.http.test_application import problem

SUPPRESSIONS = "/api/v1/suppressions"


def test_an_address_is_left_alone_however_written_until_that_is_lifted(client: Client) -> None:
    async def story() -> None:
        answer = await client.post(SUPPRESSIONS, {"address": "41 98888-7777", "channel": "sms"})
        assert (answer.status, answer.json) == (201, {"key": "+5541988887777", "cancelled": 0})
        for written in ("+5541988887777", "41 8888-7777"):
            [told] = (await client.get(f"{SUPPRESSIONS}/{written}")).json
            assert (told["key"], told["channel"], told["reason"]) == ("+5541988887777", "sms", "by_hand")
        assert (await client.ask("DELETE", f"{SUPPRESSIONS}/41 98888-7777")).status == 204
        problem(await client.get(f"{SUPPRESSIONS}/+5541988887777"), 404, "not-found")
        problem(await client.ask("DELETE", f"{SUPPRESSIONS}/+5541988887777"), 404, "not-found")
        problem(await client.get(f"{SUPPRESSIONS}/nada"), 422, "input")

    asyncio.run(story())


def test_the_audit_does_not_tell_whose_address_it_was(client: Client) -> None:
    async def story() -> None:
        await client.post(SUPPRESSIONS, {"address": "ana@x.com"})
        await client.ask("DELETE", f"{SUPPRESSIONS}/ana@x.com")
        entries = await client.house.audited()
        assert {one.action for one in entries} == {"suppressions.remove", "suppressions.add"}
        assert "ana@x.com" not in str(entries)

    asyncio.run(story())


def test_addresses_come_in_pages_and_none_is_cut_in_two(client: Client) -> None:
    async def story() -> None:
        for address in ("a@x.com", "b@x.com", "c@x.com"):
            await client.post(SUPPRESSIONS, {"address": address})
        await client.post(SUPPRESSIONS, {"address": "a@x.com", "channel": "email"})
        first = (await client.get(f"{SUPPRESSIONS}?limit=2")).json
        assert [one["key"] for one in first["items"]] == ["a@x.com", "a@x.com", "b@x.com"]
        rest = (await client.get(f"{SUPPRESSIONS}?limit=2&after={first['next']}")).json
        assert ([one["key"] for one in rest["items"]], rest["next"]) == (["c@x.com"], None)

    asyncio.run(story())


def test_a_list_of_addresses_is_brought_in(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        table = b"telefone\n41 98888-0000\n12\nana@x.com\n"
        answer = await posted(client, f"{SUPPRESSIONS}/import", table, "bloqueios.csv", channel="whatsapp")
        assert (answer.status, answer.json["addresses"], answer.json["rejected"]) == (200, 2, 1)
        [told] = (await client.get(f"{SUPPRESSIONS}/41 98888-0000")).json
        assert (told["channel"], told["reason"], told["source"]) == ("whatsapp", "do_not_call", "bloqueios.csv:2")
        wrong = await posted(client, f"{SUPPRESSIONS}/import", table, "x.csv", channel="pombo")
        problem(wrong, 422, "input")

    asyncio.run(story())


def test_a_list_may_be_kept_as_hashes(client: Client) -> None:
    async def story() -> None:
        await posted(client, f"{SUPPRESSIONS}/import", b"ana@x.com\n", "b.txt", hash="true")
        [kept] = (await client.get(SUPPRESSIONS)).json["items"]
        assert kept["key"].startswith("sha256:")
        assert (await client.get(f"{SUPPRESSIONS}/ana@x.com")).status == 200

    asyncio.run(story())
