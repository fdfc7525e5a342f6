"""Numbers and money: read as Brazilian files and spreadsheets write them, shown in pt-BR."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final

from babel.numbers import format_currency, format_decimal

LOCALE: Final = "pt_BR"
_LONGEST: Final = 32
_LARGEST: Final = Decimal(10) ** 15
_FINEST: Final = Decimal("0.000001")
_CENT: Final = Decimal("0.01")

_PLAIN: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_BRAZILIAN: Final = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?", re.ASCII)
_EITHER: Final = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)

Number = int | Decimal


def read_number(value: object) -> Decimal:
    """A number from text such as `1234.5`, `1.234,50` or `1234,5`, or from a number.

    Raises `ValueError` when it is none, is 10^15 or more, or can be read in two ways: `1.234` may be a
    thousand or little more than one, and a wrong number is worse than a message that waits.
    """
    return _read(value, dot_groups=False)


def read_money(value: object) -> Decimal:
    """An amount: as `read_number`, but `R$` may stand before it and `1.234` is 1234 (money has no mills)."""
    return _read(value, dot_groups=True)


def tidy_number(number: Decimal) -> Number:
    """The number with six decimals at most, as an int when it has none."""
    if abs(number) >= _LARGEST:
        raise ValueError("o resultado é grande demais")
    rounded = number.quantize(_FINEST, ROUND_HALF_UP)
    return int(rounded) if rounded == rounded.to_integral_value() else rounded.normalize()


def round_number(number: Decimal, digits: int) -> Number:
    """Halves go away from zero, as people round; `digits` is between 0 and 6."""
    if not 0 <= digits <= 6:
        raise ValueError("as casas decimais vão de 0 a 6")
    return tidy_number(number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def in_digits(count: int) -> str:
    """A count as people in Brazil write it: `65.536`."""
    return _number_text(Decimal(count), None)


def money(value: object) -> str:
    """`1234.5` as `R$ 1.234,50`."""
    return _money_text(read_money(value).quantize(_CENT, ROUND_HALF_UP))


def number(value: object, digits: int | None = None) -> str:
    """`1234.5` as `1.234,5`; with `digits`, exactly that many decimals."""
    read = read_number(value)
    shown = tidy_number(read) if digits is None else round_number(read, digits)
    return _number_text(Decimal(shown), digits)


def _read(value: object, *, dot_groups: bool) -> Decimal:
    if isinstance(value, bool):
        raise ValueError("true e false não são números")
    if isinstance(value, int | float | Decimal):
        result = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    else:
        result = _parse(str(value).replace("\xa0", " ").strip(), dot_groups=dot_groups)
    if not result.is_finite() or abs(result) >= _LARGEST:
        raise ValueError("o número é grande demais")
    return result


def _parse(text: str, *, dot_groups: bool) -> Decimal:
    if len(text) > _LONGEST:
        raise ValueError("o texto é comprido demais para um número")
    bare = text.removeprefix("R$").strip()
    if bare != text and not dot_groups:
        raise ValueError(f"{text!r} é dinheiro; use o filtro dinheiro, ou uma coluna só de números")
    if _EITHER.fullmatch(bare) and not dot_groups:
        thousand, fraction = bare.replace(".", ""), bare.replace(".", ",")
        raise ValueError(f"{text!r} pode ser lido de dois modos; escreva {thousand} ou {fraction}")
    if _PLAIN.fullmatch(bare) and not (dot_groups and _EITHER.fullmatch(bare)):
        return Decimal(bare)
    if not _BRAZILIAN.fullmatch(bare):
        raise ValueError(f"{text!r} não é um número")
    return Decimal(bare.replace(".", "").replace(",", "."))


@lru_cache(maxsize=1024)
def _money_text(amount: Decimal) -> str:
    # Babel puts a no-break space after R$, which would turn a whole SMS from GSM-7 to UCS-2.
    return format_currency(amount, "BRL", locale=LOCALE).replace("\xa0", " ")


@lru_cache(maxsize=1024)
def _number_text(amount: Decimal, digits: int | None) -> str:
    pattern = "#,##0.######" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(amount, format=pattern, locale=LOCALE)
