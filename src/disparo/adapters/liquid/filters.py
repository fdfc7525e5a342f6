"""The filters that a template may use, and no others.

Each runs behind one guard: a missing variable stops the render, values and results are of bounded length, the
text handled is counted as work, and whatever a filter cannot read is a named refusal.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from liquid import Markup, Undefined
from liquid.builtin.filters import string as text_filters

from disparo.adapters.liquid.amounts import (
    Number,
    in_digits,
    money,
    number,
    read_number,
    round_number,
    tidy_number,
)
from disparo.adapters.liquid.moments import date_text, time_text
from disparo.adapters.liquid.names import first_name, phone_text, proper_name
from disparo.adapters.liquid.refusal import RefusalError
from disparo.adapters.liquid.workload import VALUE_LIMIT, BoundedContext

Filter = Callable[..., Any]


def _replace(value: str, old: object, new: object = "") -> str:
    new_text = Markup.escape(new) if isinstance(value, Markup) else str(new)
    old_text = str(old)
    _fits(len(value) + str.count(value, old_text) * (len(new_text) - len(old_text)))
    return value.replace(old_text, new_text)


def _truncate(value: str, length: object = 50, end: object = "...") -> str:
    most = _whole(length)
    return text_filters.truncate(value, most, end) if len(value) > most else value


def _truncate_words(value: str, count: object = 15, end: object = "...") -> str:
    most = _whole(count)
    return text_filters.truncatewords(value, most, end) if len(value.split()) > most else value


def _split(value: str, separator: object) -> list[str]:
    parts = value.split(None if separator in ("", " ") else str(separator))
    return [part.strip() for part in parts if part.strip()]


def _join(value: object, separator: object = " ") -> str:
    items = _items(value)
    glue = separator if isinstance(separator, str) else str(separator)
    _fits(sum(map(len, items)) + len(glue) * len(items))
    return glue.join(items)


def _first(value: object) -> object:
    return next(iter(_items(value)), None)


def _last(value: object) -> object:
    return next(reversed(_items(value)), None)


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | list) else len(str(value))


def _default(value: object, otherwise: object = "") -> object:
    blank = isinstance(value, str) and (not value or value.isspace())
    return otherwise if value is None or value is False or value == [] or blank else value


def _plus(value: object, other: object) -> Number:
    return tidy_number(read_number(value) + read_number(other))


def _minus(value: object, other: object) -> Number:
    return tidy_number(read_number(value) - read_number(other))


def _times(value: object, other: object) -> Number:
    return tidy_number(read_number(value) * read_number(other))


def _divided_by(value: object, other: object) -> Number:
    divisor = read_number(other)
    if not divisor:
        raise ValueError("não se divide por 0")
    return tidy_number(read_number(value) / divisor)


def _round(value: object, digits: object = 0) -> Number:
    return round_number(read_number(value), _whole(digits))


def _number(value: object, digits: object = None) -> str:
    return number(value, None if digits is None else _whole(digits))


def _items(value: object) -> list[str]:
    if not isinstance(value, list):
        raise ValueError('precisa de uma lista, como a que dá {{ itens | split: "," }}')
    return value


def _whole(value: object) -> int:
    exact = read_number(value)
    if exact != int(exact):
        raise ValueError(f"{value} não é um número inteiro")
    return int(exact)


def _fits(length: int) -> None:
    if length > VALUE_LIMIT:
        raise RefusalError("value_too_long", f"um texto dentro do modelo passa de {in_digits(VALUE_LIMIT)} letras")


def _as_text(filter_: Filter) -> Filter:
    """Give the filter its value as text; a list is none."""

    @wraps(filter_)
    def on_text(value: object, *args: object, **options: object) -> object:
        if isinstance(value, list):
            raise ValueError("precisa de um texto, não de uma lista; junte a lista antes, com join")
        return filter_(value if isinstance(value, str) else str(value), *args, **options)

    return on_text


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value)
    return len(value) + sum(map(_length, value)) if isinstance(value, list) else 0


def _guarded(name: str, filter_: Filter, *, takes_missing: bool = False) -> Filter:
    @wraps(filter_)
    def guarded(value: object, *args: object, context: BoundedContext, **options: object) -> object:
        for given in (value, *args) if args else (value,):
            if isinstance(given, Undefined):
                if not takes_missing:
                    given.poke()
                value = None if given is value else value
            else:
                context.work(_length(given))
        try:
            result = filter_(value, *args, **options)
        except (ValueError, ArithmeticError, TypeError) as err:
            # Ours are plain ValueErrors, in Portuguese; what else comes is the library's, or Python's.
            why = str(err) if type(err) is ValueError else "não sabe ler este valor"
            raise RefusalError("bad_value", f"filtro {name}: {why}") from err
        size = _length(result)
        _fits(size)
        context.work(size)
        return result

    guarded.with_context = True  # type: ignore[attr-defined]  # how python-liquid marks such filters
    return guarded


_ON_TEXT: Final[dict[str, Filter]] = {
    "append": text_filters.append,
    "capitalize": text_filters.capitalize,
    "downcase": text_filters.downcase,
    "escape": text_filters.escape,
    "lstrip": text_filters.lstrip,
    "newline_to_br": text_filters.newline_to_br,
    "prepend": text_filters.prepend,
    "remove": lambda value, text: _replace(value, text),
    "replace": _replace,
    "rstrip": text_filters.rstrip,
    "split": _split,
    "squish": text_filters.squish,
    "strip": text_filters.strip,
    "strip_newlines": text_filters.strip_newlines,
    "truncate": _truncate,
    "truncatewords": _truncate_words,
    "upcase": text_filters.upcase,
    "url_encode": text_filters.url_encode,
    "primeiro_nome": first_name,
    "first_name": first_name,
    "nome_proprio": proper_name,
    "data": date_text,
    "hora": time_text,
    "telefone": phone_text,
}
_ON_ANYTHING: Final[dict[str, Filter]] = {
    "join": _join,
    "first": _first,
    "last": _last,
    "size": _size,
    "plus": _plus,
    "minus": _minus,
    "times": _times,
    "divided_by": _divided_by,
    "round": _round,
    "dinheiro": money,
    "money": money,
    "numero": _number,
}

FILTERS: Final[dict[str, Filter]] = {
    **{name: _guarded(name, _as_text(filter_)) for name, filter_ in _ON_TEXT.items()},
    **{name: _guarded(name, filter_) for name, filter_ in _ON_ANYTHING.items()},
    "default": _guarded("default", _default, takes_missing=True),
}
"""Every filter by its name."""

ON_ONE_TEXT: Final[dict[str, Callable[[str], object]]] = {
    "primeiro_nome": first_name,
    "first_name": first_name,
    "nome_proprio": proper_name,
    "telefone": phone_text,
    "data": date_text,
    "hora": time_text,
    "dinheiro": money,
    "money": money,
}
"""Filters that make one text of one, without arguments: what they do, without the counting."""


def check_arguments(name: str, positional: int, keywords: list[str]) -> None:
    """Raise `ValueError` when the filter does not take so many arguments, or none of these names."""
    raw = {**_ON_TEXT, **_ON_ANYTHING, "default": _default}[name]
    parameters = inspect.signature(raw).parameters
    names = [parameter for parameter in parameters if parameter != "environment"][1:]
    needed = sum(parameters[parameter].default is inspect.Parameter.empty for parameter in names)
    if keywords or not needed <= positional <= len(names):
        wanted = str(needed) if needed == len(names) else f"de {needed} a {len(names)}"
        found = positional + len(keywords)
        raise ValueError(f"o filtro {name} leva {wanted} argumento(s) depois dos dois pontos, e aqui há {found}")
