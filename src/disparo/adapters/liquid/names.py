"""How people are called and rung up in Brazil."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_TITLES: Final = frozenset(
    {"d", "dr", "dra", "sr", "sra", "srta", "prof", "profa", "profª", "eng", "enga", "engª"}
    | {"exmo", "exma", "ilmo", "ilma", "doutor", "doutora", "senhor", "senhora"}
)
_PARTICLES: Final = frozenset({"da", "de", "do", "das", "dos", "du", "di", "del", "della", "e", "von", "van"})
_ROMAN: Final = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii", "xiii"})
_PIECES: Final = re.compile(r"([-'’])")
_LONGEST_PHONE: Final = 40


def first_name(value: object) -> str:
    """The name by which one greets: `DR. CARLOS ALBERTO DA SILVA` gives `Carlos`.

    Titles before it are left out; capitals are put right only where all letters are large or all small, so
    `McGregor` stays. Raises `ValueError` when nothing but titles is there.
    """
    for word in str(value).split():
        if word.strip(".,").casefold() not in _TITLES and any(map(str.isalpha, word)):
            return _cased(word.rstrip(","))
    raise ValueError(f"{str(value)[:40]!r} não tem um primeiro nome")


def proper_name(value: object) -> str:
    """The whole name with capitals, spaces made single: `JOÃO DA SILVA` gives `João da Silva`."""
    words = str(value).split()
    return " ".join(_cased(word) if i == 0 else _inner(word) for i, word in enumerate(words))


def phone_text(value: object) -> str:
    """A number as people write it: `+5541988887777` gives `(41) 98888-7777`; abroad, the international form.

    A number without a country is taken as Brazilian. Raises `ValueError` when it is none.
    """
    return _phone_text(str(value)[: _LONGEST_PHONE + 1])


def _inner(word: str) -> str:
    folded = word.casefold()
    if folded in _PARTICLES:
        return folded
    return word.upper() if folded in _ROMAN else _cased(word)


def _cased(word: str) -> str:
    if not (word.isupper() or word.islower()):
        return word
    return "".join(piece.capitalize() for piece in _PIECES.split(word))


@lru_cache(maxsize=1024)
def _phone_text(text: str) -> str:
    import phonenumbers  # late: few templates write numbers
    from phonenumbers import NumberParseException, PhoneNumberFormat

    problem = f"{text!r} não é um telefone; escreva como +5541988887777"
    if len(text) > _LONGEST_PHONE:
        raise ValueError(problem)
    try:
        number = phonenumbers.parse(text, "BR")
    except NumberParseException:
        raise ValueError(problem) from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError(problem)
    style = PhoneNumberFormat.NATIONAL if number.country_code == 55 else PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, style))
