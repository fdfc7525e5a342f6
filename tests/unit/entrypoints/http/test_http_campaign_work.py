"""Copies, changes, trials, progress and exports of campaigns over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.message import MessageEvent
from disparo.domain.place import Place
from disparo.domain.settlement import Settlement
from disparo.usecases.trials import LIST
from tests.unit.entrypoints.http.conftest import Client, campaign
from tests.unit.entrypoints.http.test_application import problem
from tests.unit.entrypoints.http.test_http_campaigns import begun

SMS = [{"channel": "sms", "text": "Oi {{ nome | default: 'você' }}"}]


async def accept(client: Client, count: int) -> None:
    """Let the provider take so many WhatsApp messages."""
    house = client.house
    claimed = (await house.engine.dispatch.claim("whatsapp", count, house.clock.now())).messages
    taken = [Settlement(one.id, MessageEvent.ACCEPT, one.fence, "", provider_id=f"p{one.id}") for one in claimed]
    assert all(await house.store.ledger.settle(taken, house.clock.now()))


def test_a_copy_is_a_draft_under_its_own_name(client: Client) -> None:
    async def story() -> None:
        await begun(client, limits={"whatsapp": {"hourly": 7}})
        made = await client.post("/api/v1/campaigns/camp/duplicate", {"name": "outra"})
        assert (made.status, made.json["state"], made.headers["location"]) == (201, "draft", "/api/v1/campaigns/2")
        document = (await client.get("/api/v1/campaigns/outra")).json["document"]
        assert (document["limits"]["whatsapp"]["hourly"], document["steps"][0]["name"]) == (7, "outra-1")
        problem(await client.post("/api/v1/campaigns/camp/duplicate", {"name": "outra"}), 422, "input")

    asyncio.run(story())


def test_limits_and_hours_of_a_running_campaign_change_and_nothing_else(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        before = (await client.get("/api/v1/campaigns/camp")).json["document"]
        hours = {**before["hours"], "startTime": "10:00"}
        changed = await client.ask(
            "PATCH", "/api/v1/campaigns/camp", {"limits": {"whatsapp": {"burst": 3}}, "hours": hours}
        )
        assert (changed.status, changed.json["state"]) == (200, "running")
        after = (await client.get("/api/v1/campaigns/camp")).json["document"]
        assert after == {**before, "limits": {"whatsapp": {"burst": 3}}, "hours": hours}
        problem(await client.ask("PATCH", "/api/v1/campaigns/camp", {"list": "outra"}), 422, "input")
        problem(await client.ask("PATCH", "/api/v1/campaigns/camp", {"nada": 1}), 422, "input")

    asyncio.run(story())


def test_previews_of_a_kept_campaign_and_of_a_document(client: Client) -> None:
    async def story() -> None:
        first, *_ = await client.house.people(3)
        await client.post("/api/v1/campaigns", campaign())
        kept = (await client.post("/api/v1/campaigns/camp/preview", {"limit": 2})).json
        assert [one["text"] for one in kept["items"]] == ["Oi você", "Oi você"]
        assert kept["variables"] == {"1": ["nome"]}
        draft = (
            await client.post("/api/v1/campaigns/preview", {"document": campaign(steps=SMS), "contacts": [first]})
        ).json
        assert (draft["items"][0]["contact_id"], draft["items"][0]["sms"]["segments"]) == (first, 1)

    asyncio.run(story())


def test_a_trial_goes_to_the_address_of_who_tries_it(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign(steps=SMS))
        sent = await client.post(
            "/api/v1/campaigns/camp/test", {"address": "41 99999-8888", "variables": {"nome": "Zé"}}
        )
        assert sent.status == 202
        row = (await client.get(f"/api/v1/messages/{sent.json['message_id']}")).json
        assert (row["address"], row["channel"], row["state"]) == ("+5541999998888", "sms", "due")
        assert (await client.house.store.contacts.get(sent.json["contact_id"])).list_name == LIST
        problem(await client.post("/api/v1/campaigns/camp/test", {"address": "ninguém"}), 422, "input")
        problem(await client.post("/api/v1/campaigns/camp/test", {"address": "41999998888", "step": 2}), 422, "input")

    asyncio.run(story())


def test_hours_and_funnel_tell_what_was_sent(client: Client) -> None:
    async def story() -> None:
        await begun(client)
        await accept(client, 2)
        client.house.clock.at += timedelta(hours=2, minutes=30)
        told = (await client.get("/api/v1/campaigns/camp/hours")).json
        assert [(one["total"], one["open"]) for one in told["items"]] == [(2, 1.0), (0, 1.0), (0, 0.0)]
        assert told["timezone"] == "America/Sao_Paulo"
        [step] = (await client.get("/api/v1/campaigns/camp/funnel")).json["steps"]
        assert (step["due"], step["sent"], step["delivered"], step["booked"]) == (3, 2, 0, 0)
        assert (await client.get("/api/v1/campaigns/camp/hours?from_at=2027-01-01T00:00:00Z")).json["items"] == []

    asyncio.run(story())


def test_progress_comes_as_events_until_the_campaign_has_ended(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        await client.post("/api/v1/campaigns/camp/cancel")
        answer = await client.get("/api/v1/campaigns/camp/events")
        assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
        assert answer.body.count(b"event: progress") == 1
        assert b'"state":"cancelled"' in answer.body
        problem(await client.get("/api/v1/campaigns/nenhuma/events"), 404, "not-found")

    asyncio.run(story())


async def with_a_formula(client: Client) -> None:
    """A running campaign of three, one of whom is called like a formula."""
    evil = ContactDraft("=cmd.csv:9", Place("America/Sao_Paulo"), name='=HYPERLINK("http://x")', phone="+5541977776666")
    await client.house.store.contacts.fold("lista", [replace(evil, phone_key="+5541977776666")])
    await begun(client, people=2)


def test_a_csv_has_a_row_for_each_message_and_no_formula(client: Client) -> None:
    async def story() -> list[list[str]]:
        await with_a_formula(client)
        answer = await client.get("/api/v1/campaigns/camp/export.csv")
        assert (answer.status, answer.headers["content-disposition"]) == (200, 'attachment; filename="camp.csv"')
        return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""), delimiter=";"))

    header, *rows = asyncio.run(story())
    assert (header[:3], len(rows)) == (["mensagem", "passo", "canal"], 3)
    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert named[0]["nome"] == '\'=HYPERLINK("http://x")'
    assert named[0]["endereço"] == "'+5541977776666"
    assert (named[1]["estado"], named[1]["prevista para"]) == ("na fila", "2026-11-23 10:00:00-03:00")
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_workbook_has_the_same_rows_as_texts(client: Client) -> None:
    async def story() -> bytes:
        await with_a_formula(client)
        answer = await client.get("/api/v1/campaigns/camp/export.xlsx?state=due")
        assert answer.status == 200
        return answer.body

    with ZipFile(io.BytesIO(asyncio.run(story()))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 4
    assert "<f>" not in sheet
    assert "HYPERLINK" in sheet


@pytest.mark.parametrize("query", ["state=bogus", "step=0", "reason=" + "x" * 300])
def test_an_export_of_what_cannot_be_is_refused(client: Client, query: str) -> None:
    async def story() -> Any:
        await begun(client)
        return await client.get(f"/api/v1/campaigns/camp/export.csv?{query}")

    problem(asyncio.run(story()), 422, "input")
