"""Telephone numbers as people write them, and which of them are the same person.

`phonenumbers` is imported with the first number: most processes on AWS read none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from disparo.domain.area_codes import AREA_CODE_PLACES
from disparo.domain.errors import DisparoError
from disparo.domain.place import Place

if TYPE_CHECKING:
    import phonenumbers
    from phonenumbers import PhoneNumberDesc


class PhoneKind(StrEnum):
    """What answers at a number: SMS reaches a mobile only, WhatsApp may live on any of them.

    A number that its country does not tell apart (United States, Canada) counts as mobile.
    """

    MOBILE = "mobile"
    FIXED_LINE = "fixed_line"
    OTHER = "other"


class PhoneError(DisparoError):
    """A text that is no telephone number; `reason` is a stable code that begins with `phone_`."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"{text[:40]!r}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A valid number: `e164` is what is dialled, `key` the same for all ways to write one person's number.

    `place` is None where the number does not tell the time zone (service numbers, countries with several
    zones).
    """

    e164: str
    key: str
    place: Place | None
    kind: PhoneKind


def _pattern(desc: PhoneNumberDesc | None) -> str:
    if desc is None or desc.national_number_pattern is None:
        raise RuntimeError("phonenumbers has no pattern for Brazilian numbers")
    return desc.national_number_pattern


@cache
def _ordinary() -> re.Pattern[str]:
    from phonenumbers import PhoneMetadata

    brazil = PhoneMetadata.metadata_for_region("BR")
    if brazil is None:
        raise RuntimeError("phonenumbers has no metadata for Brazil")
    without_ninth = r"\d\d[6-9]\d{7}"
    return re.compile(
        rf"(?:\+?55|0)?({_pattern(brazil.fixed_line)}|{_pattern(brazil.mobile)}|{without_ninth})", re.ASCII
    )


_DECORATION = {ord(mark): None for mark in " ().-\u00a0\t"}
_LEGACY_MOBILE_FIRST = "6789"
_FLOAT_TAIL = re.compile(r"(?<=\d{5})[.,]0{1,2}\s*$", re.ASCII)
_WHOLE_FLOAT = re.compile(r"\+?\d{5,}[.,]0{1,2}", re.ASCII)
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})", re.ASCII)
_FEWEST_KNOWN_DIGITS = 10
_CARRIER_BLANK = re.compile(r"0?\s*[xX*]{2}\s*(?=\d)")
_RUN = re.compile(r"[+\uff0b]?\s*\(?[+\uff0b]?\d[\d\s().\-/\u200b\u2010-\u2015\u2212]*")
_MEXICO_FORMER_ONE = re.compile(r"\+\s*52\D*1(?=(?:\D*\d){10}\D*$)")
_EXTENSION = re.compile(r"\b(?:ramal|ext|extension|r)\b.*", re.IGNORECASE | re.DOTALL)


@cache
def _kinds() -> Mapping[int, PhoneKind]:
    from phonenumbers import PhoneNumberType

    return {
        PhoneNumberType.MOBILE: PhoneKind.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.MOBILE,
        PhoneNumberType.FIXED_LINE: PhoneKind.FIXED_LINE,
    }


@cache
def _reasons() -> Mapping[int, str]:
    from phonenumbers import NumberParseException

    return {
        NumberParseException.INVALID_COUNTRY_CODE: "phone_invalid_country_code",
        NumberParseException.TOO_SHORT_AFTER_IDD: "phone_too_short",
        NumberParseException.TOO_SHORT_NSN: "phone_too_short",
        NumberParseException.TOO_LONG: "phone_too_long",
    }


def parse_phone(text: str, region: str = "BR") -> PhoneNumber:
    """Read one number as written in a spreadsheet, an address book or a provider's event.

    A number without `+` or `00` belongs to `region` (ISO 3166 code). A Brazilian mobile of eight digits
    (first digit 6 to 9) gets the ninth, a 9 put in front (Anatel, Resolução 553/2010, complete in all states
    since 2016-11-06), so both ways to write it give one `e164` and one `key`; a landline (2 to 5) never does.
    Validity is `phonenumbers`'. Raises PhoneError with the reason. A number that Excel rounded
    (`5.51199E+12`) is refused, never guessed.
    """
    if region == "BR":
        number = _parse_ordinary(text)
        if number is not None:
            return number
    return _parse_fully(text, region)


def _parse_ordinary(text: str) -> PhoneNumber | None:
    """What nearly every row holds, without the library's 20 microseconds; None says only: ask the library."""
    if ".0" in text[-4:]:  # a float's tail: dropping only its point would make another person's number of it
        return None
    match = _ordinary().fullmatch(text.translate(_DECORATION))
    return _brazilian(match[1]) if match else None


def _brazilian(national: str) -> PhoneNumber | None:
    """A geographic number of 10 or 11 digits that the library allows, or would with the ninth digit."""
    area = national[:2]
    place = AREA_CODE_PLACES.get(area)
    if place is None:
        return None
    if len(national) == 11:
        e164 = "+55" + national
        return PhoneNumber(e164, e164, place, PhoneKind.MOBILE)
    if national[2] in _LEGACY_MOBILE_FIRST:
        e164 = f"+55{area}9{national[2:]}"
        return PhoneNumber(e164, e164, place, PhoneKind.MOBILE)
    e164 = "+55" + national
    return PhoneNumber(e164, e164, place, PhoneKind.FIXED_LINE)


def _parse_fully(text: str, region: str) -> PhoneNumber:
    import phonenumbers
    from phonenumbers import NumberParseException

    failure = "phone_not_a_number"
    for candidate in _candidates(text):
        try:
            parsed = phonenumbers.parse(candidate, region)
        except NumberParseException as error:
            failure = _reasons().get(error.error_type, "phone_not_a_number")
            continue
        number = _accept(parsed)
        if number is not None:
            return number
        failure = _why_invalid(parsed)
    raise PhoneError(failure, text)


def _candidates(text: str) -> list[str]:
    """The readings worth trying, in order: `00` is an international prefix first, then just zeros before a
    number.
    """
    text = _undo_spreadsheet(text)
    bare = _CARRIER_BLANK.sub("0", _EXTENSION.sub("", text))
    runs = [run.strip() for run in _RUN.findall(bare)]
    run = max(runs, key=_digit_count, default="")
    if not _digit_count(run):
        return []
    run = _MEXICO_FORMER_ONE.sub("+52", run)
    digits = "".join(filter(str.isdecimal, run))
    if not digits.startswith("00"):
        return [run]
    rest = digits.lstrip("0")
    return [f"+{rest}", rest] if rest else []


def _digit_count(text: str) -> int:
    return sum(map(str.isdecimal, text))


def _undo_spreadsheet(text: str) -> str:
    """`5511987654321.0` and `5.511987654321E12` are whole numbers that a spreadsheet wrote as floats."""
    stripped = _FLOAT_TAIL.sub("", text.strip())
    match = _SCIENTIFIC.fullmatch(stripped)
    if match is None:
        return stripped
    digits, exponent = match[1] + (match[2] or ""), int(match[3])
    if len(digits) < _FEWEST_KNOWN_DIGITS or len(digits) > exponent + 1:
        raise PhoneError("phone_digits_lost", text)
    return digits.ljust(exponent + 1, "0")


def is_spreadsheet_number(text: str) -> bool:
    """Whether a text is one number that a spreadsheet wrote, so that its comma separates no list."""
    return bool(_WHOLE_FLOAT.fullmatch(text) or _SCIENTIFIC.fullmatch(text))


def _accept(parsed: phonenumbers.PhoneNumber) -> PhoneNumber | None:
    import phonenumbers

    national = phonenumbers.national_significant_number(parsed)
    legacy = len(national) == 10 and national[2] in _LEGACY_MOBILE_FIRST
    if parsed.country_code == 55 and legacy and national[1:3] != "00":
        return _brazilian(national)
    if not phonenumbers.is_valid_number(parsed):
        return None
    kind = _kinds().get(phonenumbers.number_type(parsed), PhoneKind.OTHER)
    if parsed.country_code == 55 and kind is not PhoneKind.OTHER:
        return _brazilian(national)
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(e164, _foreign_key(e164), _foreign_place(parsed), kind)


def _foreign_key(e164: str) -> str:
    """Argentina's mobile 9 comes and goes like Brazil's ninth digit: people and providers write both."""
    return "+54" + e164[4:] if e164.startswith("+549") else e164


def _foreign_place(parsed: phonenumbers.PhoneNumber) -> Place | None:
    import phonenumbers

    country = phonenumbers.region_code_for_number(parsed)
    zone = _only_zones().get(country or "")
    return Place(zone, country) if zone else None


@lru_cache(maxsize=1)
def _only_zones() -> dict[str, str]:
    """Country -> its zone, for the countries that have exactly one in the tz database's `zone.tab`."""
    zones: dict[str, list[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return {country: found[0] for country, found in zones.items() if len(found) == 1}


def _why_invalid(parsed: phonenumbers.PhoneNumber) -> str:
    import phonenumbers

    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code == 55:
        if len(national) in (8, 9):
            return "phone_missing_area_code"
        if len(national) in (10, 11) and national[:2] not in AREA_CODE_PLACES:
            return "phone_invalid_area_code"
    return {
        phonenumbers.ValidationResult.TOO_SHORT: "phone_too_short",
        phonenumbers.ValidationResult.TOO_LONG: "phone_too_long",
    }.get(phonenumbers.is_possible_number_with_reason(parsed), "phone_invalid")
