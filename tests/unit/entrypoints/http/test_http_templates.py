"""The library of templates over HTTP, and texts that were written to do harm."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from disparo.domain.template import SOURCE_LIMIT_BYTES
from tests.unit.entrypoints.http.conftest import Answer, Client
from tests.unit.entrypoints.http.test_application import problem

HELLO: dict[str, Any] = {"name": "ola", "channel": "sms", "text": "Oi, {{ nome }}: {{ valor | default: '10' }}"}
MAIL = {"name": "carta", "channel": "email", "subject": "Oi, {{ nome }}", "text": "Oi", "html": "<p>{{ nome }}</p>"}


def bombs() -> dict[str, str]:
    """Texts that would take a naive engine seconds, gigabytes or its stack."""
    loop = "{% assign l = 'a,b,c,d,e,f,g,h,i,j' | split: ',' %}"
    deep = "".join("{% for a in l %}" for _ in range(9)) + "x" + "{% endfor %}" * 9
    doubling = "{% assign s = 'xxxxxxxxxxxxxxxx' %}" + "{% assign s = s | append: s %}" * 40 + "{{ s }}"
    return {
        "nested loops": loop + deep,
        "doubling": doubling,
        "deep nesting": "{% if a %}" * 3_000 + "x" + "{% endif %}" * 3_000,
        "a long condition": "{% if a" + " or a" * 240 + " %}x{% endif %}",
        "openings without an end": "{{" * 20_000,
        "much white space": "{{" + " " * 60_000 + "}}",
        "as long as may be": "{{ nome }}" * (SOURCE_LIMIT_BYTES // 10),
        "raw without an end": "{% raw %}" * 7_000,
    }


async def watched(client: Client, path: str, body: object) -> tuple[Answer, float, float]:
    """The answer, how long it took, and the longest that something else had to wait for its turn meanwhile."""
    worst, over = 0.0, False

    async def others() -> None:
        nonlocal worst
        while not over:
            began = time.monotonic()
            await asyncio.sleep(0)
            assert (await client.get("/health")).status == 200
            worst = max(worst, time.monotonic() - began)

    beside = asyncio.create_task(others())
    await asyncio.sleep(0)
    began = time.monotonic()
    answer = await client.post(path, body)
    took = time.monotonic() - began
    over = True
    await beside
    return answer, took, worst


def test_a_template_from_its_first_text_to_its_end(client: Client) -> None:
    async def story() -> None:
        made = await client.post("/api/v1/templates", HELLO)
        assert (made.status, made.headers["location"], made.headers["etag"]) == (201, "/api/v1/templates/ola", '"1"')
        assert made.json["variables"] == ["nome", "valor"]
        changed = {**HELLO, "text": "Olá, {{ nome }}"}
        del changed["name"]
        put = await client.put("/api/v1/templates/ola", changed, headers={"If-Match": '"1"'})
        assert (put.status, put.json["revision"], put.json["variables"]) == (200, 2, ["nome"])
        problem(await client.put("/api/v1/templates/ola", changed, headers={"If-Match": '"1"'}), 412, "changed")
        assert (await client.get("/api/v1/templates/ola")).json["text"] == "Olá, {{ nome }}"
        assert (await client.ask("DELETE", "/api/v1/templates/ola")).status == 204
        problem(await client.get("/api/v1/templates/ola"), 404, "not-found")

    asyncio.run(story())


def test_the_library_comes_page_by_page(client: Client) -> None:
    async def story() -> None:
        for name in ("c", "a", "b"):
            assert (await client.post("/api/v1/templates", {**HELLO, "name": name})).status == 201
        first = (await client.get("/api/v1/templates?limit=2")).json
        assert ([one["name"] for one in first["items"]], first["next"]) == (["a", "b"], "b")
        assert [one["name"] for one in (await client.get("/api/v1/templates?after=b")).json["items"]] == ["c"]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "Oi {{ nome"}, "}}"),
        ({"text": "{% include 'x' %}"}, "include"),
        ({"subject": "assunto"}, "subject"),
        ({"name": "Com Espaço"}, "name"),
        ({"language": "português"}, "language"),
        ({"channel": "whatsapp", "choices": [{"id": "a", "title": "x" * 21}]}, "choices"),
    ],
)
def test_a_wrong_template_is_refused_with_what_is_wrong(client: Client, change: dict[str, Any], said: str) -> None:
    answer = asyncio.run(client.post("/api/v1/templates", {**HELLO, **change}))
    assert said in str(problem(answer, 422, "input"))


def test_a_name_is_taken_once(client: Client) -> None:
    async def story() -> None:
        assert (await client.post("/api/v1/templates", HELLO)).status == 201
        problem(await client.post("/api/v1/templates", HELLO), 422, "input")

    asyncio.run(story())


def test_a_preview_tells_what_is_missing_and_what_it_costs(client: Client) -> None:
    async def story() -> None:
        await client.post("/api/v1/templates", HELLO)
        missing = (await client.post("/api/v1/templates/ola/preview", {})).json
        assert (missing["ok"], missing["fault"], missing["variable"]) == (False, "missing_variable", "nome")
        good = (await client.post("/api/v1/templates/ola/preview", {"values": {"nome": "Zoë"}})).json
        assert (good["text"], good["sms"]["segments"], good["sms"]["encoding"]) == ("Oi, Zoë: 10", 1, "ucs2")
        [contact] = await client.house.people(1)
        draft = {key: value for key, value in MAIL.items() if key != "name"}
        shown = (
            await client.post("/api/v1/templates/preview", {**draft, "contact": contact, "values": {"nome": "<b>"}})
        ).json
        assert (shown["contact_id"], shown["html"]) == (contact, "<p>&lt;b&gt;</p>")

    asyncio.run(story())


@pytest.mark.parametrize("bomb", bombs().items(), ids=lambda bomb: bomb[0])
def test_a_text_that_was_written_to_do_harm_is_over_soon_and_others_are_answered(
    client: Client, bomb: tuple[str, str]
) -> None:
    body = {"channel": "sms", "text": bomb[1], "values": {"nome": "x" * 5_000, "a": ""}}
    answer, took, worst = asyncio.run(watched(client, "/api/v1/templates/preview", body))
    assert answer.status in (200, 422)
    assert len(answer.body) < 600_000
    assert took < 3.0
    assert worst < 1.0


def test_a_text_above_the_limit_is_refused_before_it_is_read(client: Client) -> None:
    body = {"channel": "sms", "text": "x" * (SOURCE_LIMIT_BYTES + 1)}
    problem(asyncio.run(client.post("/api/v1/templates/preview", body)), 422, "input")
    problem(
        asyncio.run(client.post("/api/v1/templates/preview", {"channel": "sms", "text": "é" * 40_000})), 422, "input"
    )
