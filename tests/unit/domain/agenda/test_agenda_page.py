"""docs/agenda.md tells every key of the file, every notice and every rate."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from disparo.domain.agenda.agenda_document import parse_agenda
from disparo.domain.agenda.host_document import HOST_KEYS
from disparo.domain.agenda.notice import NoticeKind
from disparo.domain.agenda.notice_document import MESSAGE_KEYS
from disparo.domain.agenda.rates import Grouping, Rates
from disparo.domain.agenda.type_document import TYPE_KEYS

PAGE = (Path(__file__).parents[4] / "docs" / "agenda.md").read_text(encoding="utf-8")
SECTIONS = {found[0]: found[1] for found in re.findall(r"^##+ (.+?)\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S)}


def rows(section: str) -> set[str]:
    """The names in the first column of a section's table."""
    cells = re.findall(r"^\| (`[^|]+) \|", SECTIONS[section], re.M)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_key_of_a_host_and_of_a_type_is_told() -> None:
    assert rows("A host: `[[hosts]]`") == {*HOST_KEYS}
    assert rows("A type: `[[types]]`") == {*TYPE_KEYS}


def test_every_notice_and_every_part_of_a_text_is_told() -> None:
    own_texts = "Own texts: `[types.messages.NOTICE]`"
    assert rows(own_texts) == {*NoticeKind}
    assert all(f"`{key}`" in SECTIONS[own_texts] for key in MESSAGE_KEYS if key != "name")


def test_every_rate_and_grouping_is_told() -> None:
    told = {field.name for field in fields(Rates)} | {"confirmation_rate", "no_show_rate", "reschedule_rate"}
    renamed = {"median_to_confirm": "median_to_confirm_s", "mean_to_confirm": "mean_to_confirm_s"}
    assert {renamed.get(name, name) for name in told} - {"open"} <= rows("Rates")
    assert all(f"`{grouping}`" in SECTIONS["Rates"] for grouping in (*Grouping, "open"))


def test_the_shortest_file_is_enough() -> None:
    [example] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    assert [one.hosts for one in parse_agenda(tomllib.loads(example)).types] == [("ana",)]
