"""A message template as a document: in a campaign's steps, in the library, with a message that was written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from disparo.domain.contact import Channel
from disparo.domain.document_table import DocumentTable, read_label
from disparo.domain.errors import InputError
from disparo.domain.template import Template, TemplateError, check_shape
from disparo.domain.whatsapp_document import (
    WHATSAPP_KEYS,
    approved_document,
    choices_document,
    read_approved,
    read_choices,
)

TEMPLATE_KEYS = ("name", "subject", "text", "html", *WHATSAPP_KEYS)


def template_document(template: Template) -> dict[str, Any]:
    """A template as JSON values; parts that it has not are left out."""
    parts = {"subject": template.subject, "text": template.text, "html": template.html}
    return {
        "name": template.name,
        **{part: source for part, source in parts.items() if source is not None},
        **({} if template.choices is None else choices_document(template.choices)),
        **({} if template.approved is None else {"approved": approved_document(template.approved)}),
    }


def parse_template(document: Mapping[str, object], channel: Channel, *, name: str = "modelo") -> Template:
    """The template of a document, called `name` when it has no name; InputError with a line for each fault."""
    faults: list[str] = []
    template = read_template(DocumentTable(document, TEMPLATE_KEYS, faults), name, channel, "")
    if template is None or faults:
        raise InputError("\n".join(faults))
    return template


def read_template(table: DocumentTable, name: str, channel: Channel | None, place: str) -> Template | None:
    """The template in a table that may hold more than it; None, with what is wrong among the table's faults."""
    name = read_label(table, "name") or name
    subject, text, html = (table.text(part) for part in ("subject", "text", "html"))
    if "text" not in table:
        table.refuse("text", "escreva a mensagem do passo (num arquivo TOML, ou onde está: template_file)")
    approved = choices = None
    if channel is Channel.WHATSAPP:
        approved, choices = read_approved(table, place), read_choices(table, place)
    elif channel is not None:
        for part in [part for part in WHATSAPP_KEYS if part in table]:
            table.note(part, f"{channel} não leva {part}; retire a chave")
    if channel is None or text is None:
        return None
    template = Template(name, text, subject, html, approved, choices)
    try:
        check_shape(template, channel)
    except TemplateError as error:
        part = error.part or "text"
        if channel is not Channel.EMAIL:
            table.note(part, f"{channel} não leva {part}; retire a chave")
        elif part not in table:  # a wrong one has been told already
            table.refuse(part, f"e-mail precisa de {part}")
        return None
    return template
