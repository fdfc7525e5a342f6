"""Reading a document that a person wrote, table by table, so that all its faults are told at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from disparo.domain.errors import InputError

_LONGEST = 60
_LABEL_LENGTH = 100
_NUMBER = re.compile(r"\[\d+\]")
_Value = TypeVar("_Value")
_Choice = TypeVar("_Choice", bound=StrEnum)


class DocumentTable:
    """One table while it is read: what is wrong becomes a line that names place, value and what to write.

    Every reading gives a value of its type, or None, also after a fault, so that reading goes on; `faults` is
    shared by all tables of a document, and whoever reads it refuses it when there are any. Keys outside of
    `known` are faults from the start. `place` is what stands before a key (`steps[2].`).
    """

    __slots__ = ("_place", "_values", "faults")

    def __init__(
        self, values: Mapping[str, object], known: Collection[str], faults: list[str], place: str = ""
    ) -> None:
        self._values, self._place, self.faults = values, place, faults
        for key in values:
            if key not in known:
                self.note(key, f"chave desconhecida; {_suggestion(key, known)}")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def refuse(self, key: str, advice: str) -> None:
        """Note that this key is missing, or that its value is wrong."""
        if key not in self._values:
            self.note(key, f"falta; {advice}")
            return
        value = json.dumps(self._values[key], ensure_ascii=False, default=str)
        self.note(f"{key} = {value if len(value) <= _LONGEST else value[:_LONGEST] + '…'}", advice)

    def note(self, what: str, advice: str) -> None:
        """Note a fault of something in this table."""
        self.faults.append(f"{self._place}{what}: {advice}")

    def heading(self, key: str) -> str:
        """How TOML's heading names a table below this one: its place, without the numbers."""
        return _NUMBER.sub("", self._place + key)

    def raw(self, key: str) -> object:
        """The value as it stands, None when there is none."""
        return self._values.get(key)

    def text(self, key: str) -> str | None:
        """Text that is not blank; None when the key is not there."""
        value = self._values.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if key in self._values:
            self.refuse(key, "escreva um texto entre aspas, que não seja vazio")
        return None

    def read(self, key: str, parse: Callable[[str], _Value]) -> _Value | None:
        """What `parse` makes of a text; an InputError of its is the fault."""
        text = self.text(key)
        try:
            return None if text is None else parse(text)
        except InputError as error:
            self.note(key, str(error))
            return None

    def choice(self, key: str, among: type[_Choice]) -> _Choice | None:
        """One of the values of an enumeration; None when the key is not there."""
        value = self._values.get(key)
        if isinstance(value, str) and value in set(among):
            return among(value)
        if key in self._values:
            self.refuse(key, choices(among))
        return None

    def flag(self, key: str, default: bool) -> bool:
        """A truth value."""
        value = self._values.get(key, default)
        if isinstance(value, bool):
            return value
        self.refuse(key, "escreva true ou false, sem aspas")
        return default

    def whole(self, key: str, least: int, most: int) -> int | None:
        """A whole number in this range; None when the key is not there."""
        value = self._values.get(key)
        if type(value) is int and least <= value <= most:
            return value
        if key in self._values:
            self.refuse(key, f"escreva um número inteiro de {least} a {most}, sem aspas, ou retire a chave")
        return None

    def table(self, key: str) -> Mapping[str, object]:
        """A table as it stands; empty when there is none."""
        value = self._values.get(key, {})
        if isinstance(value, Mapping):
            return value
        self.refuse(key, f"escreva uma tabela, sob [{self.heading(key)}]")
        return {}

    def tables(self, key: str) -> Iterator[tuple[int, Mapping[str, object]]]:
        """The tables of a list, numbered from 1."""
        value = self._values.get(key, [])
        if isinstance(value, list | tuple) and all(isinstance(each, Mapping) for each in value):
            yield from enumerate(value, start=1)
        else:
            self.refuse(key, f"escreva cada um sob [[{self.heading(key)}]]")


def choices(among: type[StrEnum]) -> str:
    """What to write where only the values of an enumeration are right."""
    return "escreva " + " ou ".join(f'"{each}"' for each in among)


def _suggestion(wrong: str, known: Collection[str]) -> str:
    close = get_close_matches(wrong.lower(), known, n=1)
    return f'você quis dizer "{close[0]}"?' if close else f"as chaves são: {', '.join(known)}"


def read_label(table: DocumentTable, key: str) -> str | None:
    """A name that is shown in one line; None when the key is not there."""
    text = table.text(key)
    if text is None or (len(text) <= _LABEL_LENGTH and text.isprintable() and text == text.strip()):
        return text
    table.refuse(key, f"escreva uma só linha de até {_LABEL_LENGTH} letras, sem espaços nas pontas")
    return None
