"""What only WhatsApp carries, in a step of a campaign's document (see `step_document`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from disparo.domain.document_table import DocumentTable
from disparo.domain.whatsapp_content import (
    BUTTON_ID_LIMIT,
    INTERACTIVE_TEXT_LIMIT,
    MOST_APPROVED_BUTTONS,
    MOST_BUTTONS,
    MOST_ROWS,
    ROW_ID_LIMIT,
    Approved,
    ApprovedButton,
    ButtonKind,
    Choice,
    Choices,
    HeaderMedia,
    MediaKind,
    Rewrite,
    Rule,
    is_fixed,
)

WHATSAPP_KEYS = ("approved", "choices", "choices_label")

_APPROVED_KEYS = ("name", "language", "header", "body", "header_media", "buttons")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_PARAMETER_NAME = re.compile(r"[a-z0-9_]{1,100}")
_PARAMETERS = 'escreva os textos entre colchetes, como ["{{ nome }}"], ou por nome: { nome = "{{ nome }}" }'


def read_approved(step: DocumentTable, place: str) -> Approved | None:
    """The approved template of a step; None, with its faults noted, when there is none or it is wrong."""
    values = step.raw("approved")
    if not isinstance(values, Mapping):
        if "approved" in step:
            step.refuse("approved", f"escreva uma tabela, sob [{step.heading('approved')}]")
        return None
    known = len(step.faults)
    table = DocumentTable(values, _APPROVED_KEYS, step.faults, f"{place}approved.")
    header, header_names = _parameters(table, "header")
    body, body_names = _parameters(table, "body")
    approved = Approved(
        name=_matching(table, "name", _NAME, "escreva o nome que o modelo tem na Meta: letras minúsculas, números e _"),
        language=_matching(table, "language", _LANGUAGE, 'escreva o idioma do modelo, como "pt_BR"'),
        header=header,
        body=body,
        header_media=_header_media(table, f"{place}approved."),
        buttons=_buttons(table, f"{place}approved."),
        header_names=header_names,
        body_names=body_names,
    )
    if len(header) > 1:
        table.refuse("header", "o cabeçalho de um modelo tem um texto só")
    if header and approved.header_media is not None:
        table.refuse("header_media", "o cabeçalho é texto ou arquivo; retire um deles")
    approved.rewritten(_note_flaws(step))
    return approved if len(step.faults) == known else None


def read_choices(step: DocumentTable, place: str) -> Choices | None:
    """The answers to choose of a step; None, with its faults noted, when there are none or they are wrong."""
    known = len(step.faults)
    label, tables = step.text("choices_label"), _tables(step, "choices", "cada uma")
    if label is not None and "choices" not in step:
        step.refuse("choices_label", f"é o botão que abre as opções; escreva-as sob [[{step.heading('choices')}]]")
    options = [_option(step, values, number, label, place) for number, values in enumerate(tables, start=1)]
    most = MOST_BUTTONS if label is None else MOST_ROWS
    if len(tables) > most:
        advice = "; escreva choices_label, e vira uma lista de até 10" if label is None else ""
        step.note("choices", f"são {len(tables)}; cabem {most}{advice}")
    if len(step.faults) != known or not options:
        return None
    choices = Choices(tuple(options), label)
    if flaw := choices.flaw():
        step.note("choices", flaw.problem)
    choices.rewritten(_note_flaws(step))
    text = step.raw("text")
    if isinstance(text, str) and is_fixed(text) and len(text) > INTERACTIVE_TEXT_LIMIT:
        step.note("text", f"tem {len(text)} letras; acima de opções cabem {INTERACTIVE_TEXT_LIMIT}")
    return choices if len(step.faults) == known else None


def approved_document(approved: Approved) -> dict[str, Any]:
    """An approved template as JSON values; what it has not is left out."""
    media = approved.header_media
    parts: dict[str, Any] = {
        "header": _parameters_document(approved.header, approved.header_names),
        "body": _parameters_document(approved.body, approved.body_names),
        "header_media": None if media is None else {"kind": media.kind.value, "link": media.link},
        "buttons": [{"kind": one.kind.value, "value": one.value, "index": one.index} for one in approved.buttons],
    }
    return {"name": approved.name, "language": approved.language, **{key: part for key, part in parts.items() if part}}


def choices_document(choices: Choices) -> dict[str, Any]:
    """The keys of a step that tell its choices, as JSON values."""
    rows = []
    for option in choices.options:
        description = {} if option.description is None else {"description": option.description}
        rows.append({"id": option.id, "title": option.title, **description})
    return {"choices": rows} if choices.label is None else {"choices": rows, "choices_label": choices.label}


def _option(step: DocumentTable, values: Mapping[str, object], number: int, label: str | None, place: str) -> Choice:
    table = DocumentTable(values, ("id", "title", "description"), step.faults, f"{place}choices[{number}].")
    option_id, title, description = (table.text(key) for key in ("id", "title", "description"))
    for key in ("id", "title"):
        if key not in table:
            table.refuse(key, f"escreva cada uma sob [[{step.heading('choices')}]]")
    limit = BUTTON_ID_LIMIT if label is None else ROW_ID_LIMIT
    if option_id is not None and not _is_id(option_id, limit):
        table.refuse("id", f"escreva até {limit} letras numa linha, sem espaços nas pontas e sem Liquid")
    if description is not None and label is None:
        table.refuse("description", "botões não levam description; escreva choices_label, e vira uma lista")
    return Choice(option_id or "", title or "", description)


def _is_id(text: str, limit: int) -> bool:
    return len(text) <= limit and text.isprintable() and text == text.strip() and is_fixed(text)


def _header_media(approved: DocumentTable, place: str) -> HeaderMedia | None:
    if "header_media" not in approved:
        return None
    values = approved.raw("header_media")
    if not isinstance(values, Mapping):
        approved.refuse("header_media", 'escreva { kind = "image", link = "https://..." }')
        return None
    table = DocumentTable(values, ("kind", "link"), approved.faults, f"{place}header_media.")
    kind, link = table.choice("kind", MediaKind), table.text("link")
    for key in ("kind", "link"):
        if key not in table:
            table.refuse(key, 'escreva { kind = "image", link = "https://..." }')
    return None if kind is None or link is None else HeaderMedia(kind, link)


def _buttons(approved: DocumentTable, place: str) -> tuple[ApprovedButton, ...]:
    buttons = []
    tables = _tables(approved, "buttons", "cada um")
    for number, values in enumerate(tables, start=1):
        place_of_one = f"{place}buttons[{number}]."
        table = DocumentTable(values, ("kind", "value", "index"), approved.faults, place_of_one)
        kind, value = table.choice("kind", ButtonKind), table.text("value")
        index = table.whole("index", 0, MOST_APPROVED_BUTTONS - 1)
        for key in ("kind", "value"):
            if key not in table:
                table.refuse(key, f"escreva cada um sob [[{approved.heading('buttons')}]]")
        if kind is not None and value is not None:
            buttons.append(ApprovedButton(kind, value, number - 1 if index is None else index))
    if len({one.index for one in buttons}) < len(buttons):
        approved.note("buttons", "dois são do mesmo botão; escreva index, contado de 0")
    if len(tables) > MOST_APPROVED_BUTTONS:
        approved.note("buttons", f"são {len(tables)}; cabem {MOST_APPROVED_BUTTONS}")
    return tuple(buttons)


def _parameters(table: DocumentTable, key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts for a part's blanks and, when they are named, their names, which are sorted."""
    values = table.raw(key)
    names: tuple[str, ...] = ()
    if isinstance(values, Mapping):
        names = tuple(sorted(values))
        values = [values[name] for name in names]
    right = isinstance(values, list | tuple) and all(isinstance(one, str) and one.strip() for one in values)
    if key in table and not (right and all(_PARAMETER_NAME.fullmatch(name) for name in names)):
        table.refuse(key, _PARAMETERS)
        return (), ()
    return tuple(values) if isinstance(values, list | tuple) else (), names


def _parameters_document(texts: Sequence[str], names: Sequence[str]) -> list[str] | dict[str, str]:
    return dict(zip(names, texts, strict=True)) if names else list(texts)


def _matching(table: DocumentTable, key: str, pattern: re.Pattern[str], advice: str) -> str:
    text = table.text(key)
    if (text is None and key not in table) or (text is not None and not pattern.fullmatch(text)):
        table.refuse(key, advice)
    return text or ""


def _tables(table: DocumentTable, key: str, each: str) -> list[Mapping[str, object]]:
    values = table.raw(key)
    if isinstance(values, list | tuple) and values and all(isinstance(one, Mapping) for one in values):
        return list(values)
    if key in table:
        table.refuse(key, f"escreva {each} sob [[{table.heading(key)}]]")
    return []


def _note_flaws(table: DocumentTable) -> Rewrite:
    """What WhatsApp would refuse of texts that are the same for everybody; of others the renderer says it."""

    def note(part: str, rule: Rule, source: str) -> str:
        if source and is_fixed(source) and (flaw := rule(source.strip())):
            table.note(part, flaw.problem)
        return source

    return note
