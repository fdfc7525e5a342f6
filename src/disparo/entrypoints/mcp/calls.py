"""The way that every call of a tool takes: may they, is it whole, was it confirmed, do it, write it down."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from pydantic import BaseModel, ValidationError

from disparo.domain.audit import AuditEntry, clipped
from disparo.domain.errors import DisparoError, InputError, NotFoundError
from disparo.domain.masking import masked
from disparo.domain.principal import Principal
from disparo.entrypoints.foreseeing import Foreseeing
from disparo.entrypoints.http.installation import ForbiddenError, Installation
from disparo.entrypoints.mcp.asking import Confirmations, Request
from disparo.entrypoints.mcp.changing_agenda import AGENDA_CHANGES
from disparo.entrypoints.mcp.changing_campaigns import CAMPAIGN_CHANGES
from disparo.entrypoints.mcp.changing_people import PEOPLE_CHANGES
from disparo.entrypoints.mcp.looking_agenda import AGENDA_LOOKS
from disparo.entrypoints.mcp.looking_campaigns import CAMPAIGN_LOOKS
from disparo.entrypoints.mcp.looking_people import PEOPLE_LOOKS
from disparo.entrypoints.mcp.quotes import clip
from disparo.entrypoints.mcp.tool import Asked, Confirmable, Confirmed, Tool

TOOLS: Sequence[Tool] = (
    *(*CAMPAIGN_LOOKS, *PEOPLE_LOOKS, *AGENDA_LOOKS),
    *(*CAMPAIGN_CHANGES, *PEOPLE_CHANGES, *AGENDA_CHANGES),
)
"""Every tool. None erases people, or touches accounts, keys or settings: those are for people."""

LARGEST = 150_000
"""Characters of an answer: what an assistant can still read."""
MOST_FAULTS = 10

_NAMED = {
    "campaign": "name",
    "contact_id": "contact_id",
    "meeting_id": "meeting_id",
    "owner": "owner",
    "list_name": "list",
}
"""Arguments that say what something is done to, as the audit names them."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, from where, and whether this door lets anything be changed."""

    principal: Principal
    writes: bool
    address: str = ""


@dataclass(slots=True)
class Calls:
    """Calls of tools on one installation, whose forecasts `foreseeing` plays; of one event loop."""

    house: Installation
    foreseeing: Foreseeing

    def open_to(self, caller: Caller) -> Sequence[Tool]:
        """The tools that somebody may call."""
        return [one for one in TOOLS if _refusal(one, caller) is None]

    async def call(self, caller: Caller, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a tool: its answer as JSON values. DisparoError, in words for whoever called."""
        tool = _named(name)
        if (refusal := _refusal(tool, caller)) is not None:
            raise refusal
        wanted = _read(tool, arguments)
        asked = Asked(self.house, caller.principal, self.foreseeing, token_hex(8), caller.address)
        answer = (await self._answer(tool, asked, wanted)).model_dump(mode="json")
        if len(json.dumps(answer, ensure_ascii=False)) > LARGEST:
            raise InputError("a resposta é grande demais; peça menos de cada vez (limit)")
        return answer

    def asked(self, caller: Caller) -> Asked:
        """Somebody who only looks."""
        return Asked(self.house, caller.principal, self.foreseeing)

    async def _answer(self, tool: Tool, asked: Asked, wanted: BaseModel) -> BaseModel:
        if tool.foresee is None or not isinstance(wanted, Confirmable):
            return await self._done(tool, asked, wanted)
        would = await tool.foresee(asked, wanted)
        confirmations = Confirmations(self.house.locks.sealer, self.house.idempotency)
        request = Request(asked.principal, tool.name, wanted, would)
        if wanted.confirmation is None:
            token, expires_at = confirmations.give(request, asked.now)
            return Confirmed(done=False, would=would, confirmation=token, expires_at=expires_at)
        asked.key = await confirmations.take(wanted.confirmation, request, asked.now)
        result = await self._done(tool, asked, wanted)
        return Confirmed[tool.gives](done=True, result=result)  # type: ignore[name-defined]

    async def _done(self, tool: Tool, asked: Asked, wanted: BaseModel) -> BaseModel:
        """Do it, and write down who did it before they are told."""
        answer = await tool.run(asked, wanted)
        if tool.action is not None:
            await self.house.store.audit.append(_entry(tool.action, asked, wanted))
        return answer


def _named(name: str) -> Tool:
    found = next((one for one in TOOLS if one.name == name), None)
    if found is None:
        raise NotFoundError(f"não há ferramenta com o nome {clip(name, 60)!r}")
    return found


def _refusal(tool: Tool, caller: Caller) -> ForbiddenError | None:
    """Why somebody may not call a tool; None when they may."""
    if tool.action is not None and not caller.writes:
        return ForbiddenError(
            f"{tool.name} muda dados, e este servidor só olha: quem administra o permite com «disparo mcp --writes», "
            "ou por HTTP com mcp_writes"
        )
    if not caller.principal.role.covers(tool.role):
        return ForbiddenError(f"{tool.name} precisa do papel {tool.role}; o seu é {caller.principal.role}")
    if not caller.principal.may_use(tool.resource):
        return ForbiddenError(f"esta chave não alcança {tool.resource}, de que {tool.name} precisa")
    return None


def _read(tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return tool.takes.model_validate(arguments)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}".lstrip(": ") for one in error.errors()]
        raise InputError("\n".join([f"os argumentos de {tool.name} não servem:", *faults[:MOST_FAULTS]])) from None


def _entry(action: str, asked: Asked, wanted: BaseModel) -> AuditEntry:
    values = {name: getattr(wanted, field, None) for field, name in _NAMED.items()}
    named = " ".join(f"{name}={value}" for name, value in values.items() if value)
    principal = asked.principal
    return AuditEntry(
        asked.now,
        principal.actor,
        principal.name,
        action,
        masked(named),
        detail=clipped({"via": "mcp", **asked.told}),
        address=asked.address,
    )


def words_of(error: Exception) -> str:
    """What a caller is told of an error; nothing of one that nobody foresaw but that it is in our log."""
    if isinstance(error, DisparoError):
        return clip(str(error))
    logging.getLogger(__name__).error("mcp_call_failed", exc_info=error)
    return "algo deu errado do nosso lado; está no registro (log) de quem opera"
