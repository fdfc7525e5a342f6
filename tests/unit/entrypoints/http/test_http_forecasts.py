"""Forecasts over HTTP, in this process and in one of their own."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disparo.bootstrap import App, open_app, renderer
from disparo.domain.campaign import Campaign
from disparo.domain.contact import ContactDraft
from disparo.domain.place import Place
from disparo.entrypoints.foreseeing import Foreseeing, Order, TooLongError
from disparo.entrypoints.http.turnstile import TooManyError
from disparo.settings import Settings
from disparo.usecases import campaigns
from tests.unit.entrypoints.http.conftest import Client, campaign
from tests.unit.entrypoints.http.test_application import problem

MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def test_a_kept_campaign_and_a_document_are_foreseen_alike(client: Client) -> None:
    async def story() -> tuple[Any, Any]:
        await client.house.people(5)
        await client.post("/api/v1/campaigns", campaign())
        kept = await client.post("/api/v1/forecasts", {"campaign": "camp"})
        draft = await client.post("/api/v1/forecasts", {"document": campaign(name="outra")})
        assert (kept.status, draft.status) == (200, 200)
        assert (await client.get("/api/v1/campaigns/camp")).json["state"] == "draft"
        return kept.json, draft.json

    kept, draft = asyncio.run(story())
    assert (kept["messages"], kept["steps"][0]["messages"], kept["timezone"]) == (5, 5, "America/Sao_Paulo")
    assert sum(hour["total"] for hour in kept["hours"]) == 5
    assert {**draft, "campaign": "camp"} == kept


@pytest.mark.parametrize("body", [{}, {"campaign": "a", "document": {}}, {"document": {"name": "x"}}])
def test_what_is_no_campaign_is_refused(client: Client, body: dict[str, Any]) -> None:
    problem(asyncio.run(client.post("/api/v1/forecasts", body)), 422, "input")


def test_a_campaign_that_has_ended_has_nothing_to_foresee(client: Client) -> None:
    async def story() -> None:
        await client.house.people(1)
        await client.post("/api/v1/campaigns", campaign())
        await client.post("/api/v1/campaigns/camp/cancel")
        problem(await client.post("/api/v1/forecasts", {"campaign": "camp"}), 422, "input")
        problem(await client.post("/api/v1/forecasts", {"campaign": "nenhuma"}), 404, "not-found")

    asyncio.run(story())


async def made(app: App, people: int) -> Campaign:
    """A draft for so many people."""
    drafts = [
        ContactDraft(f"l:{n}", Place("America/Sao_Paulo"), email=f"p{n}@e.com", email_key=f"p{n}@e.com")
        for n in range(people)
    ]
    await app.store.contacts.fold("lista", drafts)
    steps = [{"channel": "email", "subject": "Oi", "text": "Oi"}]
    return await campaigns.create(app.store, campaign(steps=steps), renderer(), MONDAY)


def test_an_installation_on_a_file_foresees_beside_itself(tmp_path: Path) -> None:
    app = open_app(Settings(data=tmp_path))

    async def story() -> None:
        order = Order(await made(app, 20), MONDAY)
        foreseeing = Foreseeing(app)
        assert (await foreseeing.foresee(order)).messages == 20
        turns, over = 0, False

        async def others() -> None:
            nonlocal turns
            while not over:
                turns += 1
                await asyncio.to_thread(int)  # a turn of the loop, and back

        beside = asyncio.create_task(others())
        await foreseeing.foresee(order)
        over = True
        await beside
        assert turns > 50

    try:
        asyncio.run(story())
    finally:
        app.close()


def test_a_forecast_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    app = open_app(Settings(data=tmp_path))

    async def story() -> None:
        order = replace(Order(await made(app, 5), MONDAY), limit_s=0.05)
        began = time.monotonic()
        with pytest.raises(TooLongError, match="disparo forecast camp"):
            await Foreseeing(app).foresee(order)
        assert time.monotonic() - began < 5

    try:
        asyncio.run(story())
    finally:
        app.close()


def test_those_who_come_when_others_wait_already_are_sent_away(tmp_path: Path) -> None:
    app = open_app(Settings(data=tmp_path))

    async def story() -> None:
        order = replace(Order(await made(app, 1), MONDAY), limit_s=0.3)
        foreseeing = Foreseeing(app)
        found = await asyncio.gather(*(foreseeing.foresee(order) for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(one, TooManyError) for one in found) == 4

    try:
        asyncio.run(story())
    finally:
        app.close()
