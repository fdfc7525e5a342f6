"""A type's own texts: the `[types.messages.<notice>]` tables of its document.

A notice goes by whatever channel its meeting has, so that one template has the parts of all of them: `subject` and
`html` for e-mail, `approved` and `choices` for WhatsApp.
"""

from __future__ import annotations

from typing import Any

from disparo.domain.agenda.notice import TO_HOST, NoticeKind
from disparo.domain.document_table import DocumentTable, read_label
from disparo.domain.template import Template
from disparo.domain.whatsapp_document import (
    WHATSAPP_KEYS,
    approved_document,
    choices_document,
    read_approved,
    read_choices,
)

MESSAGE_KEYS = ("name", "subject", "text", "html", *WHATSAPP_KEYS)


def read_messages(meeting_type: DocumentTable, type_id: str, place: str) -> dict[NoticeKind, Template]:
    """The templates that are right; one without a name is called `<type>-<notice>`."""
    values = meeting_type.table("messages")
    table = DocumentTable(values, list(NoticeKind), meeting_type.faults, f"{place}messages.")
    messages = {}
    for kind in NoticeKind:
        if kind in table and (template := _template(table, kind, type_id, f"{place}messages.{kind}.")):
            messages[kind] = template
    return messages


def template_document(template: Template) -> dict[str, Any]:
    """A template as JSON values; what it has not is left out."""
    parts = {"subject": template.subject, "text": template.text, "html": template.html}
    return {
        "name": template.name,
        **{part: source for part, source in parts.items() if source is not None},
        **({} if template.choices is None else choices_document(template.choices)),
        **({} if template.approved is None else {"approved": approved_document(template.approved)}),
    }


def _template(messages: DocumentTable, kind: NoticeKind, type_id: str, place: str) -> Template | None:
    table = DocumentTable(messages.table(kind), MESSAGE_KEYS, messages.faults, place)
    name = read_label(table, "name") or f"{type_id}-{kind}"
    subject, text, html = (table.text(part) for part in ("subject", "text", "html"))
    if "text" not in table:
        table.refuse("text", "escreva a mensagem (num arquivo TOML, ou onde está: template_file)")
    approved = choices = None
    if kind in TO_HOST:
        for part in [part for part in WHATSAPP_KEYS if part in table]:
            table.note(part, f"{kind} vai por e-mail ao anfitrião e não leva {part}; retire a chave")
    else:
        approved, choices = read_approved(table, place), read_choices(table, place)
    return None if text is None else Template(name, text, subject, html, approved, choices)
