from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta

import pytest
from starlette.types import Message, Receive

from disparo.adapters.channels.sandbox.callback import sign
from disparo.domain.message import MessageId
from disparo.domain.receipt import Notice
from disparo.entrypoints.http import webhooks
from disparo.entrypoints.http.body_limit import CALLBACK
from disparo.ports.callback import Call, CallbackRefusedError, Told
from disparo.settings import Settings
from tests.unit.entrypoints.http.conftest import MONDAY, SECRET, Client
from tests.unit.entrypoints.http.test_application import problem
from tests.unit.entrypoints.http.test_http_campaigns import begun

DOOR = "/webhooks/sandbox"
AT = MONDAY.isoformat()
READ = {"event_id": "e1", "message_id": "1.1.1", "kind": "read", "at": AT, "provider_id": "p1"}
STOP = {"event_id": "e2", "message_id": "1.1.2", "text": "SAIR", "at": AT}


def called(body: bytes, **changes: object) -> dict[str, str]:
    headers = sign(SECRET, "msg_1", body, MONDAY) | {"content-type": "application/json"}
    return headers | {name.replace("_", "-"): str(value) for name, value in changes.items()}


def told(**events: object) -> bytes:
    return json.dumps(events).encode()


async def sending(client: Client) -> None:
    """A campaign whose messages are with the provider."""
    await begun(client)
    claim = await client.house.engine.dispatch.claim("whatsapp", 10, client.house.clock.now())
    assert len(claim.messages) == 3


def test_receipts_and_replies_reach_their_messages(client: Client) -> None:
    async def story() -> None:
        await sending(client)
        body = told(receipts=[READ], replies=[STOP])
        answer = await client.post(DOOR, body, headers=called(body))
        assert (answer.status, answer.body) == (204, b"")
        assert (await client.get("/api/v1/messages/1.1.1")).json["state"] == "read"
        journal = (await client.get("/api/v1/messages/1.1.2")).json["journal"]
        assert [line["event"] for line in journal][-1] == "opted_out"
        contact = await client.house.store.contacts.get("2")
        assert await client.house.store.suppressions.matching(contact.keys)

    asyncio.run(story())


def test_the_same_call_again_changes_nothing(client: Client) -> None:
    async def story() -> None:
        await sending(client)
        body = told(receipts=[READ], replies=[STOP])
        for _ in range(3):
            assert (await client.post(DOOR, body, headers=called(body))).status == 204
        for contact in ("1", "2"):
            journal = await client.house.store.ledger.journal(MessageId("1", 1, contact))
            told_events = [line.event for line in journal if line.event in ("read", "opted_out")]
            assert len(told_events) == 1

    asyncio.run(story())


def test_the_signature_is_of_the_bytes_as_they_came(client: Client) -> None:
    async def story() -> None:
        await sending(client)
        body = b' {"receipts" : [' + json.dumps(READ).encode() + b"]\r\n}"
        assert (await client.post(DOOR, body, headers=called(body), chunk=7)).status == 204
        reformatted = json.dumps(json.loads(body)).encode()
        problem(await client.post(DOOR, reformatted, headers=called(body)), 401, "signature")

    asyncio.run(story())


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": ""},
        {"webhook_signature": "v1,AAAA"},
        {"webhook_signature": "v1,é"},
        {"webhook_id": "msg_2"},
        {"webhook_timestamp": "0"},
        {"webhook_timestamp": "x"},
    ],
)
def test_what_is_not_signed_by_the_provider_is_refused(client: Client, changes: dict[str, object]) -> None:
    async def story() -> None:
        await sending(client)
        body = told(receipts=[READ])
        problem(await client.post(DOOR, body, headers=called(body, **changes)), 401, "signature")
        assert (await client.get("/api/v1/messages/1.1.1")).json["state"] == "sending"

    asyncio.run(story())


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed(client: Client) -> None:
    body = told()
    both = "v1,AAAA " + called(body)["webhook-signature"]
    assert asyncio.run(client.post(DOOR, body, headers=called(body, webhook_signature=both))).status == 204


@pytest.mark.parametrize(("later", "status"), [(299, 204), (301, 401), (-301, 401)])
def test_an_old_call_cannot_be_played_again(client: Client, later: int, status: int) -> None:
    body = told()
    client.house.clock.at = MONDAY + timedelta(seconds=later)
    assert asyncio.run(client.post(DOOR, body, headers=called(body))).status == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        told(receipts=7),
        told(receipts=[7]),
        told(receipts=[{**READ, "kind": "lost"}]),
        told(receipts=[{**READ, "at": "ontem"}]),
        told(receipts=[{**READ, "at": "2026-11-23T10:00:00"}]),
        told(receipts=[{**READ, "event_id": 1}]),
        told(replies=[{**STOP, "text": None}]),
        b"[" * 50_000,
    ],
)
def test_a_signed_call_that_cannot_be_read_is_refused_whole(client: Client, body: bytes) -> None:
    problem(asyncio.run(client.post(DOOR, body, headers=called(body))), 400, "unreadable")


def test_what_speaks_of_no_message_of_ours_is_taken_and_left_alone(client: Client) -> None:
    body = told(receipts=[{**READ, "message_id": "de outro sistema"}], replies=[{**STOP, "message_id": "9.9.9"}])
    assert asyncio.run(client.post(DOOR, body, headers=called(body))).status == 204


def test_a_provider_that_nobody_knows_has_no_door(client: Client) -> None:
    problem(asyncio.run(client.post("/webhooks/nada", b"{}")), 404, "not-found")


def test_a_call_that_is_too_large_is_refused(client: Client) -> None:
    body = b" " * (CALLBACK + 1)
    answer = asyncio.run(client.post(DOOR, body, headers=called(body)))
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json")


class Talkative:
    """A provider's door that remembers the calls, knows one question, and says what it is told to say."""

    def __init__(self, *told: Told) -> None:
        self.calls, self.told = list[Call](), list(told)

    async def read(self, call: Call, now: datetime) -> Told:
        self.calls.append(call)
        return self.told.pop(0)

    async def greet(self, call: Call) -> str:
        self.calls.append(call)
        if "token=certo" not in call.url:
            raise CallbackRefusedError("não")
        return "1234"


def test_a_provider_that_asks_whose_door_it_is_gets_its_answer(client: Client) -> None:
    client.house.callbacks["prov"] = Talkative()
    answer = asyncio.run(client.get("/webhooks/prov?token=certo&challenge=1234"))
    assert (answer.status, answer.body) == (200, b"1234")
    problem(asyncio.run(client.get("/webhooks/prov?token=errado")), 401, "signature")
    assert asyncio.run(client.get("/webhooks/outro?token=certo")).status == 404


def test_the_address_that_is_signed_is_the_public_one_with_its_query_as_it_came(client: Client) -> None:
    client.house.callbacks["prov"] = door = Talkative(Told(), Told())
    client.house.settings = Settings(public_url="https://disparo.example/base")
    assert asyncio.run(client.post("/webhooks/prov?id=3.1.57&x=%2B%20a+b", b"")).status == 204
    assert door.calls[0].url == "https://disparo.example/base/webhooks/prov?id=3.1.57&x=%2B%20a+b"


def test_what_concerns_no_message_is_kept_once(client: Client) -> None:
    notice = Notice("prov", "n1", "account_update", MONDAY, "{}")
    client.house.callbacks["prov"] = Talkative(Told(notices=[notice]), Told(notices=[notice]))

    async def story() -> None:
        for _ in range(2):
            assert (await client.post("/webhooks/prov", b"")).status == 204
        assert [one.kind for _, one in await client.house.store.inbox.notices(None, 10)] == ["account_update"]

    asyncio.run(story())


def test_a_flood_of_calls_waits_while_few_are_worked_on(client: Client) -> None:
    at_work, most = 0, 0

    class Slow(Talkative):
        async def read(self, call: Call, now: datetime) -> Told:
            nonlocal at_work, most
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1
            raise CallbackRefusedError("não")

    client.house.callbacks["prov"] = Slow()

    async def story() -> list[int]:
        answers = await asyncio.gather(*(client.post("/webhooks/prov", b"x") for _ in range(700)))
        return sorted({answer.status for answer in answers})

    assert asyncio.run(story()) == [401, 503]
    assert most == client.house.settings.webhook_concurrency


def called_by_hand(client: Client, receive: Receive) -> list[int]:
    """The status of one call whose body comes as `receive` says."""
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "POST", "path": DOOR, "query_string": b"", "headers": []}
    asyncio.run(client.api(scope, receive, send))
    return statuses


def test_a_body_that_does_not_come_is_not_waited_for(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "READ_FOR_S", 0.01)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise NotImplementedError

    assert called_by_hand(client, never) == [408]


def test_whoever_hangs_up_in_the_midst_is_no_fault_of_ours(client: Client) -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    assert called_by_hand(client, gone) == [400]
