"""`/metrics`, `/api/v1/numbers` and `/api/v1/alarms`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit
from disparo.domain.campaign import CampaignEvent
from disparo.domain.figure import Counted, Series
from disparo.domain.principal import Role
from disparo.entrypoints.http.access import needed
from disparo.usecases import campaigns
from tests.unit.entrypoints.http.conftest import Client, House, campaign


async def start(house: House, people: int = 3) -> str:
    await house.people(people)
    made = await campaigns.create(house.store, campaign(), LiquidRenderer(), house.clock.now())
    await house.store.campaigns.apply(made.id, CampaignEvent.START, house.clock.now())
    await house.launch()
    return made.name


def ringing(house: House) -> AlarmStanding:
    now = house.clock.now()
    return AlarmStanding(AlarmName.DLQ_MESSAGES, AlarmState.ALARM, now, now, 3.0, 0.0, Unit.COUNT)


def test_metrics_are_what_prometheus_reads(client: Client, house: House) -> None:
    async def story() -> None:
        name = await start(house)
        answer = await client.get("/metrics")
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        samples = [one for family in text_string_to_metric_families(answer.body.decode()) for one in family.samples]
        depth = [one for one in samples if one.name == "disparo_queue_depth"]
        assert [(one.labels, one.value) for one in depth] == [({"campaign": name, "channel": "whatsapp"}, 3)]

    asyncio.run(story())


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/numbers", "/api/v1/alarms", "/api/v1/alarms/changes"])
def test_a_viewer_may_look(path) -> None:
    assert needed("GET", path) is Role.VIEWER


def test_numbers_are_those_of_the_window(client: Client, house: House) -> None:
    async def story() -> None:
        name = await start(house)
        series = Series("whatsapp", "1", Counted.SENT)
        await house.store.numbers.add({series: 9, series._replace(name=Counted.FAILED): 1}, house.clock.now())
        found = (await client.get("/api/v1/numbers?window=5m")).json
        assert (found["window"], found["source"]) == ("5m", "minutes")
        assert (found["all"]["messages_sent"], found["all"]["messages_failed_rate"]) == (9, 10.0)
        assert found["all"]["average_dispatch_time_ms"] is None
        assert set(found["by_channel"]) == {"whatsapp", "email", "sms"}
        [one] = found["by_campaign"]
        assert (one["campaign"], one["state"], one["queue_depth"]) == (name, "running", 3)
        by_name = (await client.get(f"/api/v1/numbers?campaign={name}&channel=sms")).json
        assert (by_name["window"], by_name["all"]["messages_sent"]) == ("1h", 0)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("query", "status"),
    [("window=7d", 422), ("channel=fax", 422), ("campaign=nenhuma", 404), (f"campaign={'x' * 101}", 422)],
)
def test_what_there_is_not_is_a_problem(client: Client, query, status) -> None:
    answer = asyncio.run(client.get(f"/api/v1/numbers?{query}"))
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")


def test_before_anybody_looked_there_are_no_alarms(client: Client) -> None:
    found = asyncio.run(client.get("/api/v1/alarms")).json
    assert found == {"stale": True, "checked_at": None, "ringing": 0, "alarms": []}


def test_alarms_tell_where_they_stand_in_both_languages(client: Client, house: House) -> None:
    async def story() -> None:
        await house.store.alarms.keep(ringing(house), None, None)
        found = (await client.get("/api/v1/alarms")).json
        assert (found["stale"], found["ringing"]) == (False, 1)
        [one] = found["alarms"]
        assert (one["alarm"], one["state"], one["value"], one["unit"]) == ("dlq_messages", "alarm", 3.0, "count")
        assert one["words"]["pt"]["title"] == "Cartas mortas"
        assert one["words"]["en"]["title"] == "Dead letters"
        house.clock.at += timedelta(minutes=4)
        assert (await client.get("/api/v1/alarms")).json["stale"]

    asyncio.run(story())


def test_changes_come_in_pages(client: Client, house: House) -> None:
    async def story() -> None:
        before = None
        for minute in range(3):
            at = house.clock.now() + timedelta(minutes=minute)
            standing = replace(ringing(house), since=at, checked_at=at)
            change = AlarmChange(AlarmState.OK, standing, frozenset({"email"}))
            assert await house.store.alarms.keep(standing, before, change)
            before = standing
        await house.store.alarms.told(change.id, "webhook", house.clock.now())
        first = (await client.get("/api/v1/alarms/changes?limit=2")).json
        assert [one["was"] for one in first["items"]] == ["ok", "ok"]
        assert first["items"][0]["waiting"] == ["email"]
        rest = (await client.get(f"/api/v1/alarms/changes?limit=2&after={first['next']}")).json
        assert (len(rest["items"]), rest["next"]) == (1, None)
        assert len((await client.get("/api/v1/alarms/changes?after=")).json["items"]) == 3

    asyncio.run(story())
