"""Tables, lines and documents: the same things for people and for programs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from disparo.entrypoints.cli.moments import brief, in_zone, lasting, shown, soon
from disparo.entrypoints.cli.printing import Code, Output

AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
LOCAL = in_zone(AT, "America/Sao_Paulo")
ITEMS = [
    {"id": 1, "name": "Ana\tSouza\n", "state": Code("in_doubt"), "at": LOCAL, "tags": ["a", "b"]},
    {"id": 2345, "name": "Bruno", "state": Code("due"), "at": None, "tags": []},
]  # fmt: skip
COLUMNS = {"id": "id", "name": "nome", "state": "estado", "at": "quando", "tags": "marcas"}


def _printed(width: int = 200, **kind: bool) -> str:
    out = Output(StringIO(), sys.stderr, **kind)
    if out.terminal:
        out.console.width = width
    out.listing(ITEMS, COLUMNS, next_after="2")
    return out.stdout.getvalue()


def test_a_line_in_a_pipe_has_as_many_values_as_columns_whatever_is_in_them(capsys) -> None:
    header = "id\tname\tstate\tat\ttags\n"
    assert _printed() == header + "1\tAna Souza\tin_doubt\t2026-11-23T08:00:00-03:00\ta,b\n2345\tBruno\tdue\t\t\n"
    assert capsys.readouterr().err == "há mais: continue com --after 2\n"


def test_a_document_has_every_key_and_says_how_to_go_on() -> None:
    document = json.loads(_printed(json=True))
    assert document["next"] == "2"
    assert document["items"][0] == {
        "id": 1, "name": "Ana\tSouza\n", "state": "in_doubt", "at": "2026-11-23T08:00:00.000-03:00", "tags": ["a", "b"],
    }  # fmt: skip


def test_a_table_has_words_and_numbers_of_brazil() -> None:
    table = _printed(terminal=True)
    assert "em dúvida" in table
    assert "2.345" in table
    assert "in_doubt" not in table


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_breaks_long_values_and_keeps_numbers_whole(width, monkeypatch) -> None:
    long = [{"phone": "+5541998887701", "address": "a.very.long.address.of.somebody@a-long-domain.example.com"}]
    out = Output(StringIO(), sys.stderr, terminal=True)
    out.console.width = width
    out.table(long, {"phone": "telefone", "address": "e-mail"})
    lines = out.stdout.getvalue().splitlines()
    assert "+5541998887701" in lines[1]
    assert "".join(line[16:].strip() for line in lines[1:]) == long[0]["address"]


def test_instants_are_told_as_far_as_they_need_to_be() -> None:
    local = in_zone(AT, "America/Sao_Paulo")
    assert local is not None
    assert shown(local) == "23/11/2026 08:00:00"
    assert brief(local.replace(year=2020)) == "23/11/2020 08:00:00"
    assert soon(local, AT) == "08:00"
    assert soon(local, AT - timedelta(days=2)) == "seg 08:00"
    assert soon(local, AT - timedelta(days=30)) == "seg 23/11/2026 08:00"
    assert in_zone(None, "America/Sao_Paulo") is None


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=12), "12 s"),
        (timedelta(minutes=3), "3 min"),
        (timedelta(hours=1, minutes=5), "1 h 05 min"),
        (timedelta(days=2, hours=3), "2 d 03 h"),
    ],
)
def test_spans_are_told_in_their_two_largest_units(span, said) -> None:
    assert lasting(span) == said
