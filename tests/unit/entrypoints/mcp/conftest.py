"""An assistant at a small installation in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from disparo.domain.principal import Principal, PrincipalKind, Role
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.mcp.calls import Caller, Calls
from tests.unit.entrypoints.http.conftest import House

OPERATOR = Caller(Principal(PrincipalKind.KEY, "7", "um assistente", Role.OPERATOR), writes=True, address="203.0.113.7")
OTHER = Caller(Principal(PrincipalKind.KEY, "8", "outro assistente", Role.OPERATOR), writes=True)
STEPS = [{"channel": "sms", "text": "Oi {{ nome }}"}]


@dataclass
class Assistant:
    """Calls tools, as the operator unless told otherwise."""

    house: House
    caller: Caller = OPERATOR
    calls: Calls = field(init=False)

    def __post_init__(self) -> None:
        self.calls = Calls(self.house, Foreseeing(self.house))

    async def call(self, tool: str, /, **arguments: Any) -> Any:
        return await self.calls.call(self.caller, tool, arguments)

    async def confirm(self, tool: str, /, **arguments: Any) -> Any:
        """Ask, confirm; what was done."""
        asked = await self.call(tool, **arguments)
        return (await self.call(tool, **arguments, confirmation=asked["confirmation"]))["result"]

    async def draft(self, name: str = "oi") -> list[str]:
        """Two people, and a campaign that is a draft; the people's ids."""
        ids = await self.house.people(2)
        await self.call("create_campaign", document={"name": name, "list": "lista", "steps": STEPS})
        return ids


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    """An assistant that may change things."""
    return Assistant(House(tmp_path / "files"))
