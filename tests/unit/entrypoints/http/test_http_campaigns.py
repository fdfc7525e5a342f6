from __future__ import annotations

import asyncio

import pytest

from disparo.domain.message import MessageEvent, MessageId
from disparo.domain.settlement import Settlement
from tests.unit.entrypoints.http.conftest import Client, House, campaign
from tests.unit.entrypoints.http.test_application import problem


async def begun(client: Client, people: int = 3, **keys: object) -> None:
    """A running campaign whose contacts are all entered."""
    await client.house.people(people)
    assert (await client.post("/api/v1/campaigns", campaign(**keys))).status == 201
    assert (await client.post("/api/v1/campaigns/camp/start")).status == 200
    await client.house.launch()


async def give_up(house: House, contact_id: str) -> None:
    """Let a contact's first message end as a dead letter, with a provider that refuses."""
    message = MessageId("1", 1, contact_id)
    claimed = (await house.engine.dispatch.claim("whatsapp", 100, house.clock.now())).messages
    fence = next(one.fence for one in claimed if one.id == message)
    others = [
        Settlement(one.id, MessageEvent.RELEASE, one.fence, "later", due_at=house.clock.now())
        for one in claimed
        if one.id != message
    ]
    given_up = Settlement(message, MessageEvent.EXHAUST, fence, "provider_failed")
    await house.store.ledger.settle([given_up, *others], house.clock.now())


def test_a_campaign_from_its_document_to_its_end(client: Client) -> None:
    async def story() -> None:
        await client.house.people(3)
        made = await client.post("/api/v1/campaigns", campaign())
        assert (made.status, made.headers["location"], made.json["state"]) == (201, "/api/v1/campaigns/1", "draft")
        for event, state in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
            answer = await client.post(f"/api/v1/campaigns/camp/{event}")
            assert (answer.status, answer.json["state"]) == (200, state)
        problem(await client.post("/api/v1/campaigns/camp/start"), 409, "transition")

    asyncio.run(story())


def test_where_a_campaign_stands(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        told = (await client.get("/api/v1/campaigns/1")).json
        assert (told["contacts"], told["done"], told["totals"]["open"]) == (3, 0.0, 3)
        assert told["steps"][0]["states"] == {"due": 3}
        assert told["lanes"] == [
            {
                "channel": "whatsapp",
                "place": "America/Sao_Paulo",
                "open": True,
                "reason": "open",
                "detail": "",
                "changes_at": "2026-11-23T15:00:00Z",
            }
        ]
        assert told["senders"][0]["breaker"] == "closed"

    asyncio.run(story())


def test_hours_that_the_document_does_not_tell_are_those_of_the_settings(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        hours = (await client.get("/api/v1/campaigns/camp")).json["document"]["hours"]
        wanted = client.house.settings.hours_document()
        assert (hours["startTime"], hours["endTime"]) == (wanted["startTime"], wanted["endTime"])

    asyncio.run(story())


def test_the_document_that_is_shown_is_one_that_is_accepted(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign(variables={"loja": "Centro"}))
        document = (await client.get("/api/v1/campaigns/camp")).json["document"]
        document["variables"] = {"loja": "Batel"}
        assert (await client.put("/api/v1/campaigns/camp", document)).status == 200
        assert (await client.get("/api/v1/campaigns/camp")).json["document"] == document
        problem(await client.put("/api/v1/campaigns/nada", document), 404, "not-found")
        problem(await client.put("/api/v1/campaigns/camp", {**document, "name": "outra"}), 422, "input")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (campaign(list="ninguem"), 404),
        (campaign(steps=[{"channel": "fax", "text": "x"}]), 422),
        (campaign(steps=[{"channel": "sms", "text": "{{ nome"}]), 422),
        (campaign(name="../x"), 422),
        ({}, 422),
    ],
)
def test_a_wrong_document_keeps_nothing(client: Client, document: dict[str, object], status: int) -> None:
    async def story() -> None:
        await client.house.people(1)
        assert (await client.post("/api/v1/campaigns", document)).status == status
        assert (await client.get("/api/v1/campaigns")).json == {"items": [], "next": None}

    asyncio.run(story())


def test_campaigns_are_listed_page_by_page_newest_first(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        for number in range(5):
            await client.post("/api/v1/campaigns", campaign(name=f"c{number}"))
        seen, after = [], ""
        while True:
            page = (await client.get(f"/api/v1/campaigns?limit=2{after}")).json
            seen += [one["name"] for one in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert seen == ["c4", "c3", "c2", "c1", "c0"]

    asyncio.run(story())


def test_messages_are_listed_by_filters_and_pages(client: Client) -> None:
    async def story() -> None:
        await begun(client, 5)
        await give_up(client.house, "3")
        page = (await client.get("/api/v1/messages?limit=2")).json
        assert [one["id"] for one in page["items"]] == ["1.1.1", "1.1.2"]
        page = (await client.get(f"/api/v1/messages?limit=200&after={page['next']}")).json
        assert ([one["id"] for one in page["items"]], page["next"]) == (["1.1.3", "1.1.4", "1.1.5"], None)
        for query, wanted in (
            ("state=dead", ["1.1.3"]),
            ("state=dead&state=due&contact=4", ["1.1.4"]),
            ("campaign=camp&step=2", []),
            ("reason=provider_failed", ["1.1.3"]),
        ):
            found = (await client.get(f"/api/v1/messages?{query}")).json["items"]
            assert [one["id"] for one in found] == wanted, query
        for query in ("campaign=nada", "contact=99", "after=x"):
            problem(await client.get(f"/api/v1/messages?{query}"), 404, "not-found")

    asyncio.run(story())


def test_one_message_with_its_history_and_why(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        await give_up(client.house, "2")
        told = (await client.get("/api/v1/messages/1.1.2")).json
        assert (told["campaign"], told["contact"], told["state"]) == ("camp", "Pessoa 1", "dead")
        assert told["journal"][-1]["event"] == "exhaust"
        why = (await client.get("/api/v1/messages/1.1.2/why")).json
        assert (why["verdict"], why["facts"][0]["detail"]) == ("dead", "provider_failed")
        assert (await client.get("/api/v1/messages/1.1.1/why")).json["verdict"] == "may_go_now"
        for wrong in ("1.1.99", "x", "1.1.1.1", "9.9.9"):
            problem(await client.get(f"/api/v1/messages/{wrong}"), 404, "not-found")
            assert (await client.get(f"/api/v1/messages/{wrong}/why")).status == 404

    asyncio.run(story())


def test_dead_letters_are_listed_counted_shown_and_sent_again(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        await give_up(client.house, "2")
        assert [one["id"] for one in (await client.get("/api/v1/dead-letters")).json["items"]] == ["1.1.2"]
        [count] = (await client.get("/api/v1/dead-letters/summary?campaign=camp")).json
        assert (count["reason"], count["count"]) == ("provider_failed", 1)
        assert (await client.get("/api/v1/dead-letters/1.1.2")).json["state"] == "dead"
        problem(await client.get("/api/v1/dead-letters/1.1.1"), 404, "not-found")
        answer = await client.post("/api/v1/dead-letters/redrive", {"ids": ["1.1.2", "1.1.1"]})
        refusals = [{"id": "1.1.1", "reason": "not_a_dead_letter"}]
        assert answer.json == {"redriven": 1, "refused": 1, "refusals": refusals, "next": None}
        assert (await client.get("/api/v1/messages/1.1.2")).json["state"] == "due"

    asyncio.run(story())


def test_dead_letters_are_sent_again_by_campaign_and_reason(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        await give_up(client.house, "2")
        wanted = {"campaign": "camp", "reason": "nada"}
        assert (await client.post("/api/v1/dead-letters/redrive", wanted)).json["redriven"] == 0
        wanted = {"campaign": "camp", "reason": "provider_failed"}
        assert (await client.post("/api/v1/dead-letters/redrive", wanted)).json["redriven"] == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    "wanted", [{}, {"ids": ["1.1.1"], "campaign": "camp"}, {"force": True}, {"ids": []}, {"id": ["1.1.1"]}]
)
def test_a_redrive_says_which_in_one_way(client: Client, wanted: dict[str, object]) -> None:
    answer = asyncio.run(client.post("/api/v1/dead-letters/redrive", wanted))
    problem(answer, 422, "input")
