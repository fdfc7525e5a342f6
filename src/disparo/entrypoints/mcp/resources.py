"""What assistants may read: the form of a campaign, what is promised, what sending goes by, what codes mean."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import disparo
from disparo.domain.campaign_document import campaign_document
from disparo.domain.errors import NotFoundError
from disparo.entrypoints.http.installation import ForbiddenError
from disparo.entrypoints.mcp.campaign_schema import CAMPAIGN_SCHEMA
from disparo.entrypoints.mcp.looking_campaigns import limits_out
from disparo.entrypoints.mcp.looking_people import person_out
from disparo.entrypoints.mcp.quotes import clip
from disparo.entrypoints.mcp.tool import Asked
from disparo.entrypoints.words import WORDS
from disparo.entrypoints.words.agenda_sentences import SAID, SLOTS

JSON, MARKDOWN = "application/json", "text/markdown"
_LONGEST_NAME = 300

Read = Callable[[Asked, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Document:
    """Something to read; `{...}` at the end of its address stands for which one.

    A narrowed key must reach `resource`, where one is named.
    """

    uri: str
    name: str
    about: str
    kind: str
    read: Read
    resource: str | None = None

    @property
    def templated(self) -> bool:
        """Whether its address has a blank."""
        return "{" in self.uri

    def of(self, uri: str) -> str | None:
        """What stands in the blank of an address (nothing, for one without); None for another's address."""
        if not self.templated:
            return "" if uri == self.uri else None
        found = re.fullmatch(re.escape(self.uri.partition("{")[0]) + "([^/?#]+)", uri)
        return unquote(found[1]) if found else None


async def read(asked: Asked, uri: str) -> tuple[Document, str]:
    """What is at an address; NotFoundError, ForbiddenError."""
    for document in DOCUMENTS:
        name = document.of(uri)
        if name is None:
            continue
        if document.resource is not None and not asked.principal.may_use(document.resource):
            raise ForbiddenError(f"esta chave não alcança {document.resource}")
        if len(name) > _LONGEST_NAME:
            break
        return document, await document.read(asked, name)
    raise NotFoundError(f"não há nada em {clip(uri, 100)}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str)


async def _schema(_: Asked, __: str) -> str:
    return _json(CAMPAIGN_SCHEMA)


async def _guarantees(_: Asked, __: str) -> str:
    return guarantees().read_text(encoding="utf-8")


def guarantees() -> Path:
    """Where the page of what is promised lies: in the installed package, else in the tree that this runs from."""
    package = Path(disparo.__file__).parent
    installed = package / "docs" / "guarantees.md"
    return installed if installed.exists() else package.parents[1] / "docs" / "guarantees.md"


async def _limits(asked: Asked, _: str) -> str:
    return (await limits_out(asked)).model_dump_json(indent=1)


async def _codes(_: Asked, __: str) -> str:
    slots = {str(code): text for code, text in SLOTS.items()}
    desk = {str(code): text for code, text in SAID.items()}
    return _json({"codes": dict(WORDS), "slots": slots, "meetings": desk})


async def _campaign(asked: Asked, name: str) -> str:
    return _json(campaign_document(await asked.house.store.campaigns.get(name)))


async def _contact(asked: Asked, contact_id: str) -> str:
    return (await person_out(asked, contact_id, None, 50)).model_dump_json(indent=1)


DOCUMENTS: Sequence[Document] = (
    Document("disparo://campaign-schema", "campaign-schema", "JSON Schema of a campaign's document.", JSON, _schema),
    Document("disparo://guarantees", "guarantees", "What is promised, and what is not.", MARKDOWN, _guarantees),
    Document("disparo://limits", "limits", "Limits and hours as they are now.", JSON, _limits, "settings"),
    Document("disparo://reason-codes", "reason-codes", "What reasons and states mean, in Portuguese.", JSON, _codes),
    Document("disparo://campaigns/{name}", "campaign", "A campaign's document.", JSON, _campaign, "campaigns"),
    Document("disparo://contacts/{contact_id}", "contact", "A contact and their messages.", JSON, _contact, "contacts"),
)
