"""The library of templates: keeping them, and seeing what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from disparo.domain.contact import Contact
from disparo.domain.errors import InputError
from disparo.domain.library_template import LibraryTemplate, parse_library_template
from disparo.domain.template import Template
from disparo.ports.renderer import CompiledTemplate, Renderer
from disparo.ports.store import Store
from disparo.usecases.previews import Preview, preview_of

LARGEST_BYTES = 300_000
"""Of all texts of one template together: an item of a table holds 400 kB."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A template that can be used, made ready, and the variables that it asks for, in the order of their names."""

    kept: LibraryTemplate
    compiled: CompiledTemplate
    variables: Sequence[str]


def check(document: Mapping[str, object], renderer: Renderer, now: datetime) -> Checked:
    """Read and compile a template without keeping it; InputError with what is wrong, of its Liquid with the line.

    A text of 64 kB takes a quarter of a second: an event loop should let a thread do it.
    """
    found = parse_library_template(document, updated_at=now)
    if len(str(document).encode("utf-8", "replace")) > LARGEST_BYTES:
        raise InputError(f"o modelo inteiro passa de {LARGEST_BYTES // 1000} kB; encurte os textos")
    return made_ready(found, renderer)


def made_ready(kept: LibraryTemplate, renderer: Renderer) -> Checked:
    """A template that is kept, made ready as `check` does."""
    compiled = renderer.compile(kept.template)
    return Checked(kept, compiled, sorted(compiled.variables()))


def variables_of(template: Template, renderer: Renderer) -> Sequence[str]:
    """The variables that a template asks for; TemplateError for one that cannot be used."""
    return sorted(renderer.compile(template).variables())


async def save(store: Store, checked: Checked, revision: int = 0) -> Checked:
    """Keep a template that was read at this revision; 0 keeps a new one.

    InputError when a new one's name is taken, RevisionError when somebody changed it meanwhile; nothing is kept then.
    """
    return replace(checked, kept=await store.templates.put(replace(checked.kept, revision=revision)))


def filled(checked: Checked, contact: Contact | None, values: Mapping[str, str]) -> Preview:
    """A template as a contact would get it, or somebody with these values; values go before the contact's own."""
    whom = contact or NOBODY
    whom = replace(whom, variables={**whom.variables, **values})
    return preview_of(1, checked.kept.channel, checked.compiled, whom, whom.variables)


NOBODY = Contact(id="", list_name="", source="", place=None, phone="", email="", variables={})
"""Stands for a contact where sample values do."""
