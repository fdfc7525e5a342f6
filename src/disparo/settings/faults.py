"""What is wrong with values, said in lines that name the source, the key, the value and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from disparo.domain.errors import InputError
from disparo.settings.model import CROSS_CHECK, Settings
from disparo.settings.sources import Source

_ADVICE: Mapping[str, str] = {
    "enum": "is not known; use {expected}",
    "literal_error": "is not known; use {expected}",
    "bool_parsing": "needs true or false",
    "bool_type": "needs true or false",
    "float_parsing": "needs a number such as 0.5, with a dot",
    "float_type": "needs a number such as 0.5",
    "finite_number": "needs a finite number",
    "greater_than_equal": "is too small; use at least {ge:.12g}",
    "greater_than": "is too small; use more than {gt:.12g}",
    "less_than_equal": "is too large; use at most {le:.12g}",
    "string_type": "needs text in quotes",
    "string_too_short": "is empty; give it at least {min_length} character",
    "string_too_long": "is too long; use at most {max_length} characters",
    "dict_type": "needs an object of hours, in place or as the path of a JSON file",
    "tuple_type": 'needs a list such as ["us-west-2"]',
    "path_type": "needs the path of a directory",
}
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
        if detail["type"] == "value_error":
            text = str(context["error"])
        else:
            text = _ADVICE[detail["type"]].format_map(context) if detail["type"] in _ADVICE else detail["msg"]
        yield _line(name, detail["input"], text, sources)


def _line(name: str, value: object, text: str, sources: Mapping[str, Source]) -> str:
    shown = repr(value)
    if len(shown) > _LONGEST:
        shown = f"{shown[:_LONGEST]}…"
    place = f"{sources[name]}: " if name in sources else ""
    return f"{place}{name} = {shown} {text}"
