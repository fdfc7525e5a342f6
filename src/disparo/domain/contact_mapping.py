"""What each column of a contact file is, as a person told it column by column, and what it seems to be before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from disparo.domain.contact_columns import (
    ADDRESS_FIELDS,
    ColumnMapping,
    Field,
    normalised,
    recognise_header,
    variable_names,
)
from disparo.domain.contact_row import split_cell
from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.errors import InputError
from disparo.domain.phone_number import PhoneError, parse_phone
from disparo.domain.tax_document import DocumentError, parse_document
from disparo.domain.zone_name import parse_state, parse_zone

VARIABLE = "variable"
"""A column that only fills a variable of texts."""
IGNORED = "ignore"
"""A column that is not kept at all."""
CHOICES = (*map(str, Field), VARIABLE, IGNORED)
"""What a column may be told to be."""

MOST_COLUMNS = 500
_SAMPLES = 3
_LONGEST_SAMPLE = 60
_KNOWN_TITLE = 0.9
_BY_CONTENT = 0.75
_BY_WORD = 0.65
_NAME_FIRST = frozenset({"nome", "name", "aluno", "paciente", "associado", "titular"})
_ENOUGH = 0.7
"""The share of a column's cells that must be of a kind for the column to be guessed by what is in it."""


def mapped_columns(header: Sequence[str], told: Mapping[str, str]) -> ColumnMapping:
    """The columns as `told`: by title (or by variable, as titles may come twice) what it is, one of `CHOICES`.

    Nothing is guessed: what is not told is a variable only. Of several columns of one field the first of the file is
    the most trusted. InputError for a column or a choice that there is not, and when no column holds addresses.
    """
    variables = variable_names(header)
    chosen = {_column(name, header, variables): _choice(name, choice) for name, choice in told.items()}
    fields = {
        str(one): tuple(variable for variable in variables if chosen.get(variable) == one)
        for one in Field
        if one in chosen.values()
    }
    if not ADDRESS_FIELDS & fields.keys():
        raise InputError("nenhuma coluna foi apontada como telefone ou e-mail; aponte ao menos uma")
    ignored = frozenset(variable for variable, choice in chosen.items() if choice == IGNORED)
    titles = dict(zip(variables, header, strict=True))
    return ColumnMapping(tuple(header), variables, titles, ignored=ignored, **fields)


def checked_mapping(told: Mapping[str, str]) -> dict[str, str]:
    """What a person told, before the file is known; InputError for a choice that there is not, or no addresses."""
    if len(told) > MOST_COLUMNS:
        raise InputError(f"mapping: são mais de {MOST_COLUMNS} colunas")
    found = {name: _choice(name, choice) for name, choice in told.items()}
    if not ADDRESS_FIELDS & set(found.values()):
        raise InputError("nenhuma coluna foi apontada como telefone ou e-mail; aponte ao menos uma")
    return found


def _choice(name: str, choice: str) -> str:
    if choice not in CHOICES:
        raise InputError(f"mapping: {name[:60]}: {choice[:60]!r} não é um campo; os campos são: {', '.join(CHOICES)}")
    return choice


def _column(name: str, header: Sequence[str], variables: Sequence[str]) -> str:
    if name in variables:
        return name
    for title, variable in zip(header, variables, strict=True):
        if normalised(title) == normalised(name):
            return variable
    raise InputError(f"mapping: não há coluna {name[:60]!r}; as colunas são: {', '.join(header)[:200]}")


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What a column seems to be (one of `CHOICES`), how surely (0.0 to 1.0), and the first of its cells.

    `by` says what told it: its `title`, its `content`, or nothing at all (`none`).
    """

    title: str
    variable: str
    choice: str
    confidence: float
    by: str
    samples: tuple[str, ...]


def guess_columns(header: Sequence[str], rows: Sequence[Sequence[str]], region: str = "BR") -> list[ColumnGuess]:
    """What each column seems to be: what `recognise_columns` makes of its title, surer when its cells agree.

    A column whose title says nothing is guessed by its cells only for addresses and documents that no title names.
    """
    variables = variable_names(header)
    columns = [[row[n].strip() for row in rows if n < len(row) and row[n].strip()] for n in range(len(header))]
    titled = [recognise_header(title) for title in header]
    named = {found[0] for found in titled if found}
    guesses = []
    for title, variable, cells, found in zip(header, variables, columns, titled, strict=True):
        choice, sure, by = _by_title(found[0], cells, region) if found else _otherwise(title, cells, named, region)
        samples = tuple(cell[:_LONGEST_SAMPLE] for cell in cells[:_SAMPLES])
        guesses.append(ColumnGuess(title, variable, choice, round(sure, 2), by, samples))
    return guesses


def _by_title(meaning: Field, cells: Sequence[str], region: str) -> tuple[str, float, str]:
    test = _TESTS.get(meaning)
    if test is None or not cells:
        return meaning, _KNOWN_TITLE, "title"
    return meaning, 0.3 + 0.7 * _share(cells, test, region), "title"


def _otherwise(title: str, cells: Sequence[str], named: set[Field], region: str) -> tuple[str, float, str]:
    """What a column is by what is in it, else by the first word of its title (`Nome do aluno`)."""
    choice, sure, by = _by_content(cells, named, region)
    if by == "none" and Field.NAME not in named and normalised(title).split(" ")[0] in _NAME_FIRST:
        return Field.NAME, _BY_WORD, "title"
    return choice, sure, by


def _by_content(cells: Sequence[str], named: set[Field], region: str) -> tuple[str, float, str]:
    for meaning in (Field.EMAIL, Field.DOCUMENT, Field.PHONE):
        if meaning not in named and cells and (share := _share(cells, _TESTS[meaning], region)) >= _ENOUGH:
            return meaning, _BY_CONTENT * share, "content"
    return VARIABLE, 0.5, "none"


def _share(cells: Sequence[str], test: Callable[[str, str], bool], region: str) -> float:
    return sum(test(cell, region) for cell in cells) / len(cells)


def _has_phone(cell: str, region: str) -> bool:
    for part in split_cell(cell):
        try:
            parse_phone(part, region)
        except PhoneError:
            continue
        return True
    return False


def _has_email(cell: str, _: str) -> bool:
    for part in split_cell(cell):
        try:
            parse_email(part)
        except EmailError:
            continue
        return True
    return False


def _is_document(cell: str, _: str) -> bool:
    try:
        parse_document(cell)
    except DocumentError:
        return False
    return True


_TESTS: Mapping[Field, Callable[[str, str], bool]] = {
    Field.PHONE: _has_phone,
    Field.EMAIL: _has_email,
    Field.DOCUMENT: _is_document,
    Field.ZONE: lambda cell, _: parse_zone(cell) is not None,
    Field.STATE: lambda cell, _: parse_state(cell) is not None,
}
"""Fields whose cells can be tried."""
