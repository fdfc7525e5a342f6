"""Personal data out of lines that are kept for other purposes: logs."""

from __future__ import annotations

import re

_PERSONAL = re.compile(
    r"""
    (?P<instant> (?<![0-9]) [0-9]{4}-[0-9]{2}-[0-9]{2} (?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)? )
  | (?P<mail> [^\s<>()\[\]"',;:=/@]{1,64} @ [^\s<>()\[\]"',;:=/@]{1,253} )
  | (?P<digits> (?<![\w.+-]) \+? \(? [0-9] (?: [ ().\-/]{0,2} [0-9] ){9,18} (?![\w]) )
    """,
    re.VERBOSE,
)
_LONGEST = 20_000


def masked(text: str) -> str:
    """A line without e-mail addresses and without numbers of ten to nineteen digits: phones, CPF, CNPJ, cards.

    Of an address its first letter is left (`j***@***`), of a number its last two digits (`***88`): enough to compare
    with what one looks for. Instants, ids with dots (`3.1.57`) and anything inside a word stay. What is longer than
    20,000 characters is cut there first.
    """
    return _PERSONAL.sub(_mask, text[:_LONGEST])


def _mask(found: re.Match[str]) -> str:
    text = found[0]
    if found["instant"]:
        return text
    return f"{text[0]}***@***" if found["mail"] else f"***{text[-2:]}"
