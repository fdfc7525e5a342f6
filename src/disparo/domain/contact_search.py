"""What somebody who looks for a contact means by what they typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from disparo.domain.email_address import EmailError, parse_email
from disparo.domain.folding import name_key
from disparo.domain.phone_number import PhoneError, parse_phone

FEWEST_OF_PREFIX = 8
"""Characters of a key from which on it is looked for by its beginning: +55, area code and three digits."""

_DIGITS = re.compile(r"[\s().\-/]*(?:(\+|00)[\s().\-/]*)?([0-9][0-9\s().\-/]*)")
_ABROAD = re.compile(r"[\s(]*(?:\+|00)").match
_HOME = "+55"
_MOBILE = re.compile("([1-9][0-9])([6-8][0-9]*)")
"""An area code and the beginning of a mobile's number without its ninth digit, which such numbers were given."""


@dataclass(frozen=True, slots=True)
class ContactSearch:
    """What to look for, in this order until something is found: an address, beginnings of numbers, that of a name."""

    key: str | None = None
    """The key of a whole number or e-mail."""
    beginnings: tuple[str, ...] = ()
    """What the keys of numbers may begin with."""
    name: str = ""
    """What keys of names begin with; "" for a text that names nobody."""


def read_search(text: str) -> ContactSearch:
    """A number in part or whole, a whole e-mail, or else the beginning of a name."""
    beginnings = _beginnings(text)
    try:
        # What is whole with its country's code is that number alone, though in some countries another begins with it.
        return ContactSearch(parse_phone(text).key, () if _ABROAD(text) else beginnings)
    except PhoneError:
        pass
    try:
        return ContactSearch(parse_email(text).key)
    except EmailError:
        return ContactSearch(None, beginnings, name_key(text))


def _beginnings(text: str) -> tuple[str, ...]:
    if (found := _DIGITS.fullmatch(text)) is None:
        return ()
    abroad, digits = found[1], re.sub("[^0-9]", "", found[2])
    if abroad:
        return _long_enough(f"+{digits}")
    national = digits.lstrip("0")
    mobile = _MOBILE.fullmatch(national)
    return _long_enough(
        _HOME + national,
        *([f"{_HOME}{mobile[1]}9{mobile[2]}"] if mobile else []),
        *([f"+{national}"] if national.startswith(_HOME[1:]) else []),
    )


def _long_enough(*keys: str) -> tuple[str, ...]:
    return tuple(key for key in keys if len(key) >= FEWEST_OF_PREFIX)
