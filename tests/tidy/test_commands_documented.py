"""docs/commands.md tells every command with every option, and none that is not there."""

from __future__ import annotations

import re

import pytest
from cyclopts import App

from disparo.entrypoints.cli.app import COMMANDS, build
from tests.tidy.source_tree import ROOT

PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `disparo ([a-z0-9 -]+)`\n(.*?)(?=^##|\Z)", PAGE, re.M | re.S))
GENERAL = re.search(r"^## What all commands share\n(.*?)(?=^## )", PAGE, re.M | re.S)
OPTION = re.compile(r"^\| (`--[^|]+)\|", re.M)


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert sorted(SECTIONS) == sorted(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_is_in_the_table_of_its_command(path) -> None:
    assert _documented(SECTIONS[path]) == _options(_command(path))


def test_general_options_are_told_once() -> None:
    assert GENERAL is not None
    assert _documented(GENERAL[1]) == {
        *("--data", "--config", "--tfvars", "--json", "--plain", "--debug", "--version", "--help")
    }


def test_every_command_says_in_one_line_what_it_does() -> None:
    for path, (_, text) in COMMANDS.items():
        assert re.fullmatch(r"[A-ZÁÉÍÓÚ].{10,90}\.", text), path


def _documented(section: str) -> set[str]:
    return {name for cell in OPTION.findall(section) for name in re.findall(r"`(--[a-z-]+)", cell)}


def _options(command: App) -> set[str]:
    arguments = command.assemble_argument_collection()
    return {name for argument in arguments if argument.parse for name in argument.names if name.startswith("--")}


def _command(path: str) -> App:
    app = build()
    for word in path.split():
        app = app[word]
    return app
