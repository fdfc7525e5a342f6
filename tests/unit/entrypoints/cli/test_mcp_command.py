from __future__ import annotations

import sys
from typing import Any

import pytest

from disparo.domain.principal import Role
from disparo.entrypoints.cli import mcp as command


@pytest.fixture
def callers(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """For whom the protocol would have been spoken."""
    found: list[Any] = []

    async def serve(_: object, __: object, caller: Any) -> None:
        found.append(caller)

    monkeypatch.setattr(command, "_serve", serve)
    return found


def test_it_only_looks_unless_told_otherwise(drafted: Any, callers: list[Any]) -> None:
    assert [drafted("mcp", *more).code for more in ((), ("--writes",), ("--as-role", "operator"))] == [0, 0, 0]
    assert [(one.principal.role, one.writes) for one in callers] == [
        *((Role.VIEWER, False), (Role.OPERATOR, True), (Role.OPERATOR, False))
    ]
    assert {one.principal.actor for one in callers} == {"local:mcp"}


def test_who_only_looks_cannot_be_told_to_write(drafted: Any, callers: list[Any]) -> None:
    result = drafted("mcp", "--writes", "--as-role", "viewer")
    assert (result.code, callers) == (2, [])
    assert "--as-role operator" in result.err


def test_an_assistant_is_no_admin(drafted: Any, callers: list[Any]) -> None:
    assert (drafted("mcp", "--as-role", "admin").code, callers) == (2, [])


def test_where_there_are_no_data_it_does_not_make_any(cli: Any, callers: list[Any]) -> None:
    assert (cli("mcp").code, callers) == (3, [])


def test_without_the_sdk_it_says_what_to_install(drafted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "disparo.entrypoints.mcp.server", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    result = drafted("mcp")
    assert (result.code, result.out) == (2, "")
    assert "pip install 'disparo[mcp]'" in result.err
