from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from disparo.domain.webhook import EventType
from disparo.domain.webhook_examples import EXAMPLES
from disparo.ports.webhooks import Posted
from tests.listening_house import verified
from tests.unit.entrypoints.http.conftest import Client
from tests.unit.entrypoints.http.test_application import problem

WEBHOOKS = "/api/v1/webhooks"
URL = "https://crm.exemplo.com.br/ganchos"


async def added(client: Client, **more: object) -> dict[str, object]:
    answer = await client.post(WEBHOOKS, {"url": URL, **more})
    assert answer.status == 201
    told: dict[str, object] = answer.json
    return told


def test_an_endpoint_is_made_shown_and_changed_and_its_secret_is_told_once(client: Client) -> None:
    async def story() -> None:
        made = (await client.post(WEBHOOKS, {"url": URL, "types": ["meeting.*", "reply.received"]})).json
        endpoint, secret = made["endpoint"], made["secret"]
        assert secret.startswith("whsec_")
        assert "meeting.no_show" in endpoint["types"]
        shown = await client.get(f"{WEBHOOKS}/{endpoint['id']}")
        assert shown.json == endpoint
        assert shown.headers["etag"] == '"1"'
        changed = await client.ask(
            "PATCH", f"{WEBHOOKS}/{endpoint['id']}", {"types": [], "description": "CRM", "enabled": False}
        )
        assert (changed.json["types"], changed.json["state"], changed.json["disabled_reason"]) == (
            [],
            "disabled",
            "by_hand",
        )
        enabled = await client.ask("PATCH", f"{WEBHOOKS}/{endpoint['id']}", {"enabled": True})
        assert (enabled.json["state"], enabled.json["disabled_reason"]) == ("enabled", "")
        for answer in (shown, changed, enabled, await client.get(WEBHOOKS)):
            assert "whsec_" not in answer.body.decode()
        assert (await client.ask("DELETE", f"{WEBHOOKS}/{endpoint['id']}")).status == 204
        problem(await client.get(f"{WEBHOOKS}/{endpoint['id']}"), 404, "not-found")

    asyncio.run(story())


def test_neither_store_nor_audit_has_a_secret_that_can_be_read(client: Client) -> None:
    async def story() -> None:
        made = (await client.post(WEBHOOKS, {"url": URL}, headers={"Idempotency-Key": "k1"})).json
        raw = made["secret"].removeprefix("whsec_")
        [kept] = await client.house.store.webhooks.endpoints()
        assert raw not in kept.secret
        assert raw not in str(await client.house.audited())
        replayed = await client.post(WEBHOOKS, {"url": URL}, headers={"Idempotency-Key": "k1"})
        assert replayed.json == made

    asyncio.run(story())


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.exemplo.com.br/",
        "https://127.0.0.1/",
        "https://localhost:8443/",
        "https://10.0.0.8/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://user:pass@exemplo.com.br/",
        "https://exemplo.com.br:22/",
        "ftp://exemplo.com.br/",
        "https:///x",
        "javascript:alert(1)",
        "https://exemplo.com.br/\nx",
    ],
)
def test_an_address_to_which_nothing_is_ever_sent_is_refused_at_once(client: Client, url: str) -> None:
    async def story() -> None:
        problem(await client.post(WEBHOOKS, {"url": url}), 422, "input")
        made = await added(client)
        name = made["endpoint"]["id"]  # type: ignore[index]
        problem(await client.ask("PATCH", f"{WEBHOOKS}/{name}", {"url": url}), 422, "input")
        assert client.house.post.sent == []

    asyncio.run(story())


def test_unknown_types_are_refused_with_those_that_there_are(client: Client) -> None:
    async def story() -> None:
        answer = await client.post(WEBHOOKS, {"url": URL, "types": ["meeting.exploded"]})
        problem(answer, 422, "input")
        assert "meeting.moved" in answer.json["detail"]

    asyncio.run(story())


def test_every_type_is_listed_with_its_example(client: Client) -> None:
    async def story() -> None:
        listed = (await client.get(f"{WEBHOOKS}/event-types")).json
        assert {one["type"]: one["example"] for one in listed} == {str(kind): EXAMPLES[kind] for kind in EventType}

    asyncio.run(story())


def test_a_test_goes_at_once_signed_and_is_in_the_log(client: Client) -> None:
    async def story() -> None:
        made = await added(client)
        name, secret = made["endpoint"]["id"], made["secret"]  # type: ignore[index]
        client.house.post.answers = [
            Posted(500, timedelta(milliseconds=31), answer=b"ai"),
            Posted(None, timedelta(0), "timed_out"),
        ]
        first = await client.post(f"{WEBHOOKS}/{name}/test", {})
        assert first.status == 200
        assert first.json["attempts"][0] | {"at": ""} == {
            "at": "",
            "took_ms": 31,
            "status": 500,
            "fault": "",
            "excerpt": "ai",
        }
        _, headers, body = client.house.post.sent[0]
        verified(headers, body, client.house.clock.now(), str(secret))
        await client.post(f"{WEBHOOKS}/{name}/test", {})
        page = (await client.get(f"{WEBHOOKS}/{name}/deliveries?limit=1")).json
        assert len(page["items"]) == 1
        rest = (await client.get(f"{WEBHOOKS}/{name}/deliveries?limit=5&after={page['next']}")).json
        assert len(rest["items"]) == 1
        again = await client.post(f"{WEBHOOKS}/{name}/deliveries/{first.json['event_id']}/resend", {})
        assert (again.json["state"], len(again.json["attempts"])) == ("delivered", 2)
        assert (await client.get(f"{WEBHOOKS}/{name}/deliveries/{first.json['event_id']}")).json == again.json
        assert (await client.post(f"{WEBHOOKS}/{name}/resend-failed", {})).json == {"deliveries": 0}

    asyncio.run(story())


def test_a_change_of_what_was_changed_meanwhile_is_refused(client: Client) -> None:
    async def story() -> None:
        made = await added(client)
        name = made["endpoint"]["id"]  # type: ignore[index]
        first = await client.ask("PATCH", f"{WEBHOOKS}/{name}", {"description": "a"}, headers={"If-Match": '"1"'})
        assert first.json["revision"] == 2
        late = await client.ask("PATCH", f"{WEBHOOKS}/{name}", {"description": "b"}, headers={"If-Match": '"1"'})
        problem(late, 412, "changed")

    asyncio.run(story())


def test_what_is_not_there_is_not_found(client: Client) -> None:
    async def story() -> None:
        made = await added(client)
        name = made["endpoint"]["id"]  # type: ignore[index]
        for path in ("/wh_nada", "/wh_nada/deliveries", f"/{name}/deliveries/evt_nada"):
            problem(await client.get(WEBHOOKS + path), 404, "not-found")
        for path in (
            "/wh_nada/test",
            "/wh_nada/rotate",
            "/wh_nada/resend-failed",
            f"/{name}/deliveries/evt_nada/resend",
        ):
            problem(await client.post(WEBHOOKS + path, {}), 404, "not-found")

    asyncio.run(story())
