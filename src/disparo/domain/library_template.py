"""A message that is kept to be used again: the library of templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from disparo.domain.contact import Channel
from disparo.domain.document_table import DocumentTable
from disparo.domain.errors import DisparoError, InputError, RevisionError
from disparo.domain.instants import from_ms, to_ms
from disparo.domain.template import Template
from disparo.domain.template_document import TEMPLATE_KEYS, read_template, template_document

LIBRARY_KEYS: Final = ("channel", "language", *TEMPLATE_KEYS)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
DEFAULT_LANGUAGE: Final = "pt-BR"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LibraryTemplate:
    """A template of the library, under its template's name. `revision` rises with each change; 0 was never kept.

    `language` is the one that it is written in (BCP 47), for people who look for it.
    """

    channel: Channel
    template: Template
    language: str = DEFAULT_LANGUAGE
    updated_at: datetime = _NEVER
    revision: int = 0

    @property
    def name(self) -> str:
        """What it is found by."""
        return self.template.name


def parse_library_template(document: Mapping[str, object], *, updated_at: datetime) -> LibraryTemplate:
    """Read a template that somebody wrote; InputError with a line for each fault.

    Whether its Liquid is right is the renderer's to say.
    """
    faults: list[str] = []
    table = DocumentTable(document, LIBRARY_KEYS, faults)
    channel, language = table.choice("channel", Channel), table.text("language") or DEFAULT_LANGUAGE
    if "channel" not in table:
        table.refuse("channel", 'escreva "whatsapp", "email" ou "sms"')
    if not _LANGUAGE.fullmatch(language):
        table.refuse("language", 'escreva um idioma, como "pt-BR" ou "en"')
    name = table.text("name") or ""
    if not _NAME.fullmatch(name):
        table.refuse("name", "use até 64 letras minúsculas sem acento e algarismos; depois do primeiro, também . _ -")
    template = read_template(table, "modelo", channel, "")
    if channel is None or template is None or faults:
        raise InputError("\n".join(faults))
    return LibraryTemplate(channel, template, language, updated_at)


def library_document(kept: LibraryTemplate) -> dict[str, Any]:
    """A template as JSON values; `parse_library_template` reads the same one back, but for instant and revision."""
    return {"channel": kept.channel.value, "language": kept.language, **template_document(kept.template)}


def kept_template(document: Mapping[str, object], updated_ms: int, revision: int) -> LibraryTemplate:
    """What a store kept: the document, when it was changed last, in milliseconds, and its revision."""
    found = parse_library_template(document, updated_at=from_ms(updated_ms))
    return LibraryTemplate(found.channel, found.template, found.language, found.updated_at, revision)


def updated_ms(kept: LibraryTemplate) -> int:
    """When it was changed last, as stores keep it."""
    return to_ms(kept.updated_at)


def put_refusal(wanted: LibraryTemplate) -> DisparoError:
    """Why a store does not keep a template: a new one's name is taken, or another one was kept since it was read."""
    if not wanted.revision:
        return InputError(f'name: já há um modelo "{wanted.name}" na biblioteca; escolha outro nome')
    return RevisionError(f"o modelo {wanted.name} mudou ou foi retirado enquanto isso; abra-o de novo")
