"""Settings, senders and the audit through the API."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from disparo.domain.audit import AuditEntry
from disparo.settings import load_settings
from disparo.settings.configuration import Configuration
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.conftest import MONDAY, Client, House

SETTINGS, AUDIT = "/api/v1/settings", "/api/v1/audit"


@pytest.fixture
def editable(house: House, tmp_path: Path) -> Client:
    """An installation whose settings were read from files, one of which sets something."""
    (tmp_path / "disparo.toml").write_text("rate_limit_sms_hourly = 7\n")
    loaded = load_settings(environ={"DISPARO_DATA": str(tmp_path / "data")}, cwd=tmp_path)
    house.settings = loaded.settings
    house.configuration = Configuration(loaded, lambda: house.settings, lambda found: setattr(house, "settings", found))
    return Client(standing_app(house), house)


def _patch(client: Client, changes: dict[str, Any], **headers: str) -> Any:
    return asyncio.run(client.ask("PATCH", SETTINGS, {"changes": changes}, headers))


def _get(client: Client, path: str) -> Any:
    return asyncio.run(client.get(path)).json


def _setting(client: Client, name: str) -> Any:
    return next(one for one in _get(client, SETTINGS)["items"] if one["name"] == name)


def test_every_setting_is_told_with_its_source_and_secrets_are_hidden(editable: Client) -> None:
    editable.house.settings = editable.house.settings.model_copy(update={"sandbox_webhook_secret": "s" * 20})
    items = {one["name"]: one for one in _get(editable, SETTINGS)["items"]}
    assert len(items) == len(type(editable.house.settings).model_fields)
    assert items["rate_limit_sms_hourly"]["source"] == "disparo.toml:1"
    assert items["sandbox_webhook_secret"]["value"] == "***"
    assert "ssss" not in json.dumps(items)
    assert not items["public_url"]["editable"]


def test_a_change_is_written_told_and_audited_with_old_and_new(editable: Client) -> None:
    answer = _patch(editable, {"rate_limit_sms_hourly": 9, "rate_limit_sms_daily": "none", "company_name": "Ótica"})
    assert answer.status == 200
    assert {one["name"]: (one["old"], one["new"]) for one in answer.json["changes"]} == {
        "rate_limit_sms_hourly": (7, 9),
        "rate_limit_sms_daily": (None, None),
        "company_name": ("", "Ótica"),
    }
    assert editable.house.settings.rate_limit_sms_hourly == 9
    entry = asyncio.run(editable.house.audited())[0]
    assert (entry.action, entry.detail["rate_limit_sms_hourly"]) == ("settings.change", "7 → 9")
    assert _setting(editable, "rate_limit_sms_hourly")["beneath"] == 7
    _patch(editable, {"rate_limit_sms_hourly": None})
    assert editable.house.settings.rate_limit_sms_hourly == 7


def test_of_hours_the_audit_tells_only_what_is_different(editable: Client) -> None:
    document = {**_get(editable, f"{SETTINGS}/hours")["document"], "startTime": "09:30"}
    assert _patch(editable, {"business_hours": document}).status == 200
    document["endTime"] = "17:30"
    assert _patch(editable, {"business_hours": document}).status == 200
    entry = asyncio.run(editable.house.audited())[0]
    assert entry.detail == {"business_hours.endTime": "18:00 → 17:30"}
    assert _get(editable, f"{SETTINGS}/hours")["document"]["startTime"] == "09:30"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"max_retries": -1}, 422),
        ({"max_retries": [1]}, 422),
        ({"public_url": "https://evil.example"}, 422),
        ({"nothing_like_it": 1}, 422),
        ({"business_hours": "/etc/passwd"}, 422),
        ({"business_hours": {"startTime": {"a": 1}}}, 422),
        ({"rate_limit_sms_hourly": 10**30}, 422),
        ({}, 422),
        ({"company_name": "x" * 500}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(editable: Client, changes: dict[str, Any], status: int) -> None:
    before = editable.house.settings
    assert _patch(editable, changes).status == status
    assert editable.house.settings == before
    assert asyncio.run(editable.house.audited()) == []


def test_a_change_for_an_older_revision_is_412(editable: Client) -> None:
    revision = _get(editable, SETTINGS)["revision"]
    assert _patch(editable, {"max_retries": 5}, **{"if-match": f'"{revision}"'}).status == 200
    assert _patch(editable, {"max_retries": 6}, **{"if-match": f'"{revision}"'}).status == 412
    now = _get(editable, SETTINGS)["revision"]
    assert _patch(editable, {"max_retries": 6}, **{"if-match": f'"{now}"'}).status == 200


def test_where_terraform_decides_a_change_is_409(client: Client) -> None:
    assert not _get(client, SETTINGS)["editable"]
    assert _patch(client, {"max_retries": 5}).status == 409


def test_hours_say_when_they_open_next(client: Client) -> None:
    client.house.clock.at = MONDAY.replace(hour=9)  # six in the morning
    hours = _get(client, f"{SETTINGS}/hours")
    assert (hours["open"], hours["reason"], hours["next_open_at"]) == (False, "before_hours", "2026-11-23T11:00:00Z")


def test_a_year_has_the_holidays_of_the_place(client: Client) -> None:
    year = _get(client, f"{SETTINGS}/year?year=2026&place=BR-SP")
    days = {one["day"]: one for one in year["days"]}
    assert days["2026-07-09"] == {
        "day": "2026-07-09",
        "open": False,
        "reason": "holiday",
        "holiday": "Revolução Constitucionalista",
    }
    assert _get(client, f"{SETTINGS}/year")["year"] == MONDAY.year
    assert "BR-SP" in _get(client, f"{SETTINGS}/hours/places")
    for query in ("place=XX-YY", "year=1", "campaign=none", "year=9999"):
        assert asyncio.run(client.get(f"{SETTINGS}/year?{query}")).status in (404, 422), query


def test_senders_are_told_with_their_limits_and_breakers(client: Client) -> None:
    senders = {one["name"]: one for one in _get(client, "/api/v1/senders")}
    assert senders["sms"]["windows"] == [
        {"window": "burst", "seconds": 60, "used": 0, "limit": 5},
        {"window": "hourly", "seconds": 3600, "used": 0, "limit": 50},
    ]
    assert (senders["sms"]["provider"], senders["sms"]["breaker"]) == ("sandbox", "closed")


def _fill(house: House, count: int = 5) -> None:
    for number in range(count):
        entry = AuditEntry(
            MONDAY + timedelta(minutes=number),
            f"user:{number % 2}",
            "=cmd()",
            "campaigns.start" if number % 2 else "contacts.erase",
            f"name=c{number}",
            detail={"count": str(number)},
        )
        asyncio.run(house.store.audit.append(entry))


def test_the_audit_comes_in_pages_the_latest_first(client: Client) -> None:
    _fill(client.house)
    first = _get(client, f"{AUDIT}?limit=3")
    rest = _get(client, f"{AUDIT}?limit=3&after={first['next']}")
    assert [one["object"] for one in (*first["items"], *rest["items"])] == [f"name=c{n}" for n in (4, 3, 2, 1, 0)]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("actor=user:1", 2),
        ("action=campaigns.start", 2),
        ("action=contacts.", 3),
        ("object=name%3Dc2", 1),
        ("since=2026-11-23T13:03:00Z", 2),
        ("until=2026-11-23T13:03:00Z", 3),
        ("actor=user:1&action=contacts.", 0),
    ],
)
def test_the_audit_is_filtered(client: Client, query: str, count: int) -> None:
    _fill(client.house)
    assert len(_get(client, f"{AUDIT}?{query}")["items"]) == count


def test_an_export_holds_all_and_runs_no_formula_and_is_itself_audited(client: Client) -> None:
    _fill(client.house, 12)
    client.house.clock.at = MONDAY + timedelta(hours=1)
    answer = asyncio.run(client.get(f"{AUDIT}/export.csv?action=campaigns.start"))
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 7
    assert {row[3] for row in rows[1:]} == {"'=cmd()"}
    lines = asyncio.run(client.get(f"{AUDIT}/export.jsonl")).body.decode().splitlines()
    assert {json.loads(line)["action"] for line in lines[:2]} == {"audit.export_csv", "audit.export_jsonl"}
    assert len(lines) == 14
    taken = {one.action: one.detail for one in asyncio.run(client.house.audited())}
    assert taken["audit.export_csv"] == {"kind": "csv", "action": "campaigns.start"}
