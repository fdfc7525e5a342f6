from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from disparo.adapters.calendars.mcp.credentials import parse
from disparo.adapters.calendars.mcp.intervals import Intervals, ShapeError
from disparo.adapters.mcp.connection import ToolAnswer
from disparo.domain.errors import InputError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.intervals import Interval

ROOT = Path(__file__).parents[5]
WINDOW = Interval(to_ms(datetime(2026, 11, 1, tzinfo=UTC)), to_ms(datetime(2026, 12, 31, tzinfo=UTC)))
DOCS = json.loads(re.findall(r"```json\n(.*?)```", (ROOT / "docs/calendars/mcp.md").read_text("utf-8"), re.S)[0])


def secret(**changed: Any) -> dict[str, str]:
    return {name: json.dumps(value) for name, value in {**DOCS, **changed}.items() if value is not None}


def read(entry: object) -> list[str]:
    answer = ToolAnswer("", [entry])
    found = Intervals().read(answer, "America/Sao_Paulo", WINDOW, "primary", ())
    return [f"{from_ms(start):%d %H:%M}-{from_ms(end):%d %H:%M}" for start, end in found]


def test_the_secret_of_the_docs_is_one() -> None:
    known = parse("mcp-agenda", secret())
    assert (known.busy.name, known.update is not None, known.at_once) == ("get-freebusy", True, 4)


@pytest.mark.parametrize("name", ["put", "update", "remove"])
def test_a_tool_that_writes_must_be_told_the_key(name: str) -> None:
    with pytest.raises(InputError, match=rf"campo {name}\.arguments: não leva {{key}}"):
        parse("mcp-agenda", secret(**{name: {**DOCS[name], "arguments": {"title": "{title}"}}}))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"busy": None}, "busy"),
        ({"busy": {**DOCS["busy"], "list": "calendars"}}, "busy.list"),
        ({"busy": {**DOCS["busy"], "arguments": {"a": "{key}"}}}, "busy.arguments"),
        ({"busy": {**DOCS["busy"], "free": {"equals": 1}}}, "busy.free"),
        ({"busy": {**DOCS["busy"], "page": 1}}, "busy"),
        ({"put": {**DOCS["put"], "exists": "("}}, "put.exists"),
        ({"put": {**DOCS["put"], "tool": ""}}, "put.tool"),
        ({"update": None}, "put.exists"),
        ({"server": {"url": "x"}}, "server.url"),
    ],
)
def test_a_wrong_field_is_named(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=f"segredo mcp-agenda, campo {re.escape(field)}: "):
        parse("mcp-agenda", secret(**changed))


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2026-11-23T12:00:00Z", "2026-11-23T10:00:00-03:00", "23 12:00-23 13:00"),
        ("2026-11-23T09:00:00", "2026-11-23T10:00:00", "23 12:00-23 13:00"),
        ("2026-11-23", "2026-11-24", "23 03:00-24 03:00"),
        ("2026-11-23", "2026-11-23", "23 03:00-24 03:00"),
        (1795435200, 1795438800, "23 12:00-23 13:00"),
        ({"dateTime": "2026-11-23T12:00:00", "timeZone": "Europe/Lisbon"}, {"date": "2026-11-24"}, "23 12:00-24 03:00"),
    ],
)
def test_times_are_read_in_the_ways_that_tools_write_them(start: object, end: object, found: str) -> None:
    assert read({"start": start, "end": end}) == [found]


@pytest.mark.parametrize(
    "entry",
    [
        {},
        "2026-11-23",
        {"start": "2026-11-23T12:00:00Z"},
        {"start": True, "end": 5},
        {"start": -1, "end": 5},
        {"start": 1, "end": 10**20},
        {"start": "2026-13-23", "end": "2026-13-24"},
        {"start": {"dateTime": "2026-11-23T12:00:00", "timeZone": "Nowhere"}, "end": "2026-11-24"},
        {"start": {"date": {"date": "2026-11-23"}}, "end": "2026-11-24"},
    ],
)
def test_a_time_that_is_none_is_no_free_time(entry: object) -> None:
    with pytest.raises(ShapeError):
        read(entry)
