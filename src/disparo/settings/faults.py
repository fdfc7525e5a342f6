"""What is wrong with values, said in lines that name the source, the key, the value and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from disparo.domain.errors import InputError
from disparo.settings.model import CROSS_CHECK, Settings
from disparo.settings.showing import HIDDEN, SECRET
from disparo.settings.sources import Source

_ADVICE: Mapping[str, str] = {
    "enum": "valor desconhecido; escreva {expected}",
    "literal_error": "valor desconhecido; escreva {expected}",
    "bool_parsing": "escreva true ou false",
    "bool_type": "escreva true ou false",
    "float_parsing": "escreva um número como 0.5, com ponto",
    "float_type": "escreva um número como 0.5",
    "finite_number": "escreva um número finito",
    "greater_than_equal": "é pequeno demais; escreva {ge:.12g} ou mais",
    "greater_than": "é pequeno demais; escreva mais que {gt:.12g}",
    "less_than_equal": "é grande demais; escreva no máximo {le:.12g}",
    "string_type": "escreva um texto entre aspas",
    "string_too_short": "está vazio; escreva ao menos {min_length} letra",
    "string_too_long": "é comprido demais; escreva no máximo {max_length} letras",
    "string_pattern_mismatch": "não tem a forma do que se pede aqui; veja docs/settings.md",
    "dict_type": "escreva um objeto com os horários, aqui mesmo ou num arquivo JSON cujo caminho esteja aqui",
    "tuple_type": 'escreva uma lista como ["us-west-2"]',
    "path_type": "escreva o caminho de uma pasta",
}
_OTHERWISE = "não serve; veja docs/settings.md"
_LONGEST = 60


def validated(values: Mapping[str, object], sources: Mapping[str, Source], faults: Sequence[str]) -> Settings:
    """The checked settings; raises InputError with the given faults and those found here, one per line."""
    lines = list(faults)
    try:
        settings = Settings.model_validate(dict(values))
    except ValidationError as error:
        lines += [line for detail in error.errors() for line in _lines(detail, sources)]
    else:
        if not lines:
            return settings
    raise InputError("\n".join(lines))


def _lines(detail: ErrorDetails, sources: Mapping[str, Source]) -> Iterator[str]:
    context = detail.get("ctx", {})
    if detail["type"] == CROSS_CHECK:
        for name, value, text in context["faults"]:
            yield _line(name, value, text, sources)
    elif detail["type"] != "default_factory_not_called":  # the setting that it follows has a line of its own
        name = str(detail["loc"][0])
        yield _line(name, detail["input"], _advice(detail, context), sources)


def _advice(detail: ErrorDetails, context: Mapping[str, Any]) -> str:
    if detail["type"] == "value_error":
        return str(context["error"])
    if "expected" in context:  # pydantic's list of choices
        context = {**context, "expected": context["expected"].replace(" or ", " ou ")}
    return _ADVICE.get(detail["type"], _OTHERWISE).format_map(context)


def _line(name: str, value: object, text: str, sources: Mapping[str, Source]) -> str:
    shown = HIDDEN if name in SECRET else repr(value)
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}…"
    place = f"{sources[name]}: " if name in sources else ""
    return f"{place}{name} = {shown}: {text}"
