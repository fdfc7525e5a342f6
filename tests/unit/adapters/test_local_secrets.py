"""Secrets come from a variable or a file that only its owner can read, and no value is ever told."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from disparo.adapters.local_secrets import LocalSecrets
from disparo.domain.errors import InputError

VALUE = "sk-muito-secreto"


def secrets(folder: Path, **environ: str) -> LocalSecrets:
    return LocalSecrets(environ, "DISPARO_SECRET_", folder)


def get(kept: LocalSecrets, name: str = "mcp-email") -> Mapping[str, str]:
    return asyncio.run(kept.get(name))


def put(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "mcp-email.json"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    kept = secrets(tmp_path)
    put(tmp_path, json.dumps({"api_key": VALUE}))
    assert get(kept) == {"api_key": VALUE}
    put(tmp_path, json.dumps({"api_key": "outra"}))
    assert get(kept) == {"api_key": "outra"}
    assert kept.has("mcp-email")
    assert not kept.has("mcp-sms")


def test_a_variable_wins_over_a_file(tmp_path: Path) -> None:
    put(tmp_path, json.dumps({"api_key": "do arquivo"}))
    assert get(secrets(tmp_path, DISPARO_SECRET_MCP_EMAIL='{"api_key": "daqui"}')) == {"api_key": "daqui"}


def test_nested_values_come_as_their_json(tmp_path: Path) -> None:
    put(tmp_path, '{"port": 587, "tls": true, "server": {"command": "x"}}')
    assert get(secrets(tmp_path)) == {"port": "587", "tls": "true", "server": '{"command": "x"}'}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o620])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    put(tmp_path, json.dumps({"api_key": VALUE}), mode)
    with pytest.raises(InputError, match="chmod 600") as caught:
        get(secrets(tmp_path))
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", f'{{"api_key": "{VALUE}"', f'"{VALUE}"', '{"api_key": ""}', "[" * 5000]
)
def test_what_is_no_secret_is_refused_without_a_word_of_it(tmp_path: Path, text: str) -> None:
    put(tmp_path, text)
    with pytest.raises(InputError, match="mcp-email") as caught:
        get(secrets(tmp_path))
    assert VALUE not in str(caught.value)


def test_a_missing_one_says_where_it_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mcp-email\.json.*DISPARO_SECRET_MCP_EMAIL"):
        get(secrets(tmp_path))


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a.b"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="use letras"):
        get(secrets(tmp_path), name)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mcp-email.json", 0o600)
    with pytest.raises(InputError, match="arquivo comum"):
        get(secrets(tmp_path))


def test_half_a_character_is_refused_with_its_field(tmp_path: Path) -> None:
    put(tmp_path, '{"api_key": "' + VALUE + '\\ud800"}')
    with pytest.raises(InputError, match="api_key") as caught:
        get(secrets(tmp_path))
    assert VALUE not in str(caught.value)


def test_a_mark_in_front_of_a_variable_is_passed_over(tmp_path: Path) -> None:
    assert get(secrets(tmp_path, DISPARO_SECRET_MCP_EMAIL='\ufeff{"api_key": "x"}')) == {"api_key": "x"}
