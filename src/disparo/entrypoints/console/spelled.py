"""Numbers and places as people write them, of what the program keeps in one exact form."""

from __future__ import annotations

import re

from disparo.domain.area_codes import STATE_NAMES

_BRAZILIAN = re.compile(r"\+55([1-9]{2})(9?[0-9]{4})([0-9]{4})")


def phone(number: str | None) -> str:
    """`+5541988887777` as `+55 41 98888-7777`; any other text as it is, "" for None."""
    if number is None:
        return ""
    found = _BRAZILIAN.fullmatch(number)
    return f"+55 {found[1]} {found[2]}-{found[3]}" if found else number


def region(code: str | None) -> str:
    """`BR-PE` as `Pernambuco`; any other text as it is, "" for None."""
    return STATE_NAMES.get((code or "").removeprefix("BR-"), code or "")
