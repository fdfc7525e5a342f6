"""Which column of a contact file means what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache

from disparo.domain.errors import InputError


class Field(StrEnum):
    """What a column can mean to us; `CONTACT` is `Contato`, whose cells decide (see `read_row`)."""

    NAME = "name"
    CONTACT = "contact"
    PHONE = "phone"
    EMAIL = "email"
    DOCUMENT = "document"
    ZONE = "zone"
    CITY = "city"
    STATE = "state"
    PRIORITY = "priority"


ADDRESS_FIELDS = frozenset({Field.PHONE, Field.EMAIL, Field.CONTACT})

# In each field the likelier headers first: a person's WhatsApp before a switchboard, a name before a company.
_HEADERS: dict[Field, tuple[str, ...]] = {
    Field.PHONE: (
        "whatsapp", "whats app", "whats", "zap", "wpp", "numero whatsapp", "numero do whatsapp",
        "telefone whatsapp", "celular whatsapp", "celular", "celulares", "cel", "numero do celular",
        "telefone celular", "celular com ddd", "mobile", "mobile phone", "mobile number", "cell",
        "cell phone",
        "movel", "telefone movel", "telefone", "telefones", "fone", "fones", "tel", "phone", "phones",
        "phone number", "telephone", "numero de telefone", "numero do telefone", "telefone com ddd",
        "telefone principal", "telefone de contato", "telefone contato", "telefone para contato",
        "telefone comercial", "telefone fixo", "telefone residencial", "work phone", "home phone",
    ),
    Field.EMAIL: (
        "email", "e mail", "emails", "e mails", "mail", "email address", "e mail address",
        "endereco de email",
        "endereco de e mail", "correio eletronico", "email principal", "e mail principal", "email de contato",
        "e mail de contato", "email comercial", "e mail comercial",
    ),
    Field.NAME: (
        "nome", "name", "nome completo", "full name", "cliente", "nome do cliente", "customer",
        "customer name",
        "lead", "display name", "primeiro nome", "first name", "razao social", "empresa", "nome da empresa",
        "nome fantasia", "fantasia", "company", "company name", "organizacao", "organization", "organisation",
    ),
    Field.CONTACT: (
        "contato", "contatos", "contact", "nome do contato", "contact name", "pessoa de contato",
        "contact person", "responsavel",
    ),
    Field.DOCUMENT: (
        "cnpj cpf", "cpf cnpj", "cpf ou cnpj", "cnpj ou cpf", "cpf", "cnpj", "documento", "document",
        "tax id",
    ),
    Field.ZONE: ("fuso", "fuso horario", "timezone", "time zone", "tz", "zona horaria"),
    Field.CITY: ("cidade", "municipio", "city", "localidade"),
    Field.STATE: ("uf", "estado", "state", "estado uf", "uf estado", "unidade federativa"),
    Field.PRIORITY: ("prioridade", "priority"),
}  # fmt: skip
_MEANING = {header: (meaning, rank) for meaning, headers in _HEADERS.items() for rank, header in enumerate(headers)}
_NUMBERED = re.compile(r"(?: \d+)? (?:value|valor)$| \d+$|(?<=[a-z])\d+$")


def normalised(text: str) -> str:
    """Lower case words without accents or punctuation, one space between: `CNPJ/CPF` is `cnpj cpf`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))


@lru_cache(maxsize=4096)
def recognise_header(header: str) -> tuple[Field, int] | None:
    """What a header means and how likely among those of its meaning (0 first), or None; `Telefone 2` is
    `Telefone`.
    """
    words = normalised(header)
    return _MEANING.get(words) or _MEANING.get(_NUMBERED.sub("", words))


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What each column of a header is, and the template variable that it fills.

    `variables` has one name per column of `header`, all different; every column is a variable, the recognised
    ones too, but for those that are `ignored`, of which nothing is kept. The others list the variables of each field,
    the most trusted first, empty when there is none.
    """

    header: tuple[str, ...]
    variables: tuple[str, ...]
    headers_by_variable: Mapping[str, str] = field(repr=False)
    name: tuple[str, ...] = ()
    contact: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    zone: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    priority: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()

    @property
    def fields(self) -> dict[Field, tuple[str, ...]]:
        """The fields that have a column, each with the variables of its columns."""
        found: dict[Field, tuple[str, ...]] = {meaning: getattr(self, meaning) for meaning in Field}
        return {meaning: variables for meaning, variables in found.items() if variables}

    @property
    def addresses(self) -> tuple[str, ...]:
        """The variables of all columns that may hold an address."""
        return (*self.phone, *self.email, *self.contact)


def recognise_columns(header: Sequence[str], overrides: Mapping[str, str] | None = None) -> ColumnMapping:
    """Say what the columns are, in Portuguese or English, whatever case, accents and punctuation.

    `overrides` maps a field's name to a column (`{"phone": "Telefone"}`) and replaces what would be
    recognised for it. Raises InputError for an unknown field or column, and when neither a phone nor an
    e-mail column is left.
    """
    variables = variable_names(header)
    chosen = _resolve(overrides or {}, header, variables)
    taken = set(chosen.values())
    ranked: dict[Field, list[tuple[int, str]]] = {}
    for title, variable in zip(header, variables, strict=True):
        found = recognise_header(title)
        if found and found[0] not in chosen and variable not in taken:
            ranked.setdefault(found[0], []).append((found[1], variable))
    fields = {str(f): tuple(v for _, v in sorted(found, key=lambda x: x[0])) for f, found in ranked.items()}
    fields |= {str(f): (variable,) for f, variable in chosen.items()}
    if not ADDRESS_FIELDS & fields.keys():
        shown = ", ".join(title.strip() or "(sem título)" for title in header[:12])[:200]
        raise InputError(f"não há coluna de telefone nem de e-mail entre: {shown}; aponte uma, como phone=COLUNA")
    headers = dict(zip(variables, header, strict=True))
    return ColumnMapping(tuple(header), variables, headers, ignored=frozenset(), **fields)


def _resolve(overrides: Mapping[str, str], header: Sequence[str], variables: Sequence[str]) -> dict[Field, str]:
    """Each overridden field with the variable of its column."""
    titled = list(zip(header, variables, strict=True))[::-1]  # of columns with one title the first counts
    by_title = {normalised(title): variable for title, variable in titled} | dict(titled)
    chosen: dict[Field, str] = {}
    for name, column in overrides.items():
        if name not in set(Field):
            hint = _suggestion(name, [str(known) for known in Field])
            raise InputError(f"{name!r} não é um campo{hint}; os campos são: {', '.join(Field)}")
        variable = by_title.get(column) or by_title.get(normalised(column))
        if variable is None:
            hint = _suggestion(column, list(header))
            raise InputError(f"{name}: não há coluna {column!r}{hint}; as colunas são: {', '.join(header)[:200]}")
        chosen[Field(name)] = variable
    return chosen


def _suggestion(wrong: str, right: Sequence[str]) -> str:
    by_words = {normalised(text): text for text in right}
    close = get_close_matches(normalised(wrong), by_words, n=1)
    return f" (seria {by_words[close[0]]!r}?)" if close else ""


def variable_names(header: Sequence[str]) -> tuple[str, ...]:
    """Names for templates: `Data de Nascimento` is `data_de_nascimento`, a repeated one gets `_2`."""
    names: list[str] = []
    for position, title in enumerate(header, start=1):
        name = normalised(title).replace(" ", "_")
        if not name or name[0].isdigit():
            name = f"coluna_{name or position}"
        unique, count = name, 1
        while unique in names:
            count += 1
            unique = f"{name}_{count}"
        names.append(unique)
    return tuple(names)
