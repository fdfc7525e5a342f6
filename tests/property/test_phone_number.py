from __future__ import annotations

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st

from disparo.domain import phone_number
from disparo.domain.area_codes import AREA_CODES
from disparo.domain.phone_number import PhoneError, PhoneKind, parse_phone

PREFIXES = st.sampled_from(["", "+55", "55", "0", "+55 ", "+55 (", "(", "(0", "00", "0055", "+", "015", "90"])
MARKS = st.sampled_from(["", "", "", " ", "-", ".", ") ", "\u00a0"])
DIGITS = st.text("0123456789", min_size=6, max_size=11)


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    area = draw(st.one_of(st.sampled_from(sorted(AREA_CODES)), st.text("0123456789", min_size=2, max_size=2)))
    digits = draw(st.one_of(DIGITS, DIGITS.map(lambda d: "9" + d[:8].ljust(8, "7"))))
    cut = draw(st.integers(0, len(digits)))
    tail = draw(st.sampled_from(["", "", "", ".0", " "]))
    return f"{draw(PREFIXES)}{area}{draw(MARKS)}{digits[:cut]}{draw(MARKS)}{digits[cut:]}{tail}"


def library(text: str) -> tuple[str, bool, int]:
    try:
        parsed = phonenumbers.parse(text, "BR")
    except phonenumbers.NumberParseException:
        return "", False, -1
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return e164, phonenumbers.is_valid_number(parsed), phonenumbers.number_type(parsed)


def with_ninth_digit(e164: str) -> str:
    """Our own rule, said once more: 8 digits that begin with 6 to 9 get a 9 in front."""
    return f"{e164[:5]}9{e164[5:]}" if len(e164) == 13 and e164[5] in "6789" else e164


@given(written_numbers())
def test_the_short_way_agrees_with_the_library(text: str) -> None:
    found = phone_number._parse_ordinary(text)
    if found is None:
        return
    e164, _, _ = library(text)
    assert found.e164 == with_ninth_digit(e164)
    normalised, valid, kind = library(found.e164)
    assert (normalised, valid) == (found.e164, True)
    expected = {0: PhoneKind.FIXED_LINE, 1: PhoneKind.MOBILE}[kind]
    assert found.kind is expected


@given(written_numbers())
def test_the_short_way_takes_no_number_that_the_long_way_reads_otherwise(text: str) -> None:
    short = phone_number._parse_ordinary(text)
    try:
        long = phone_number._parse_fully(text, "BR")
    except PhoneError:
        long = None
    assert short is None or short == long


@given(written_numbers())
def test_whatever_the_library_holds_valid_is_read(text: str) -> None:
    e164, valid, _ = library(text)
    if valid and e164.startswith("+55") and "00" not in text[:2] and ".0" not in text:
        assert parse_phone(text).e164 == with_ninth_digit(e164)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_has_a_reason(text: str) -> None:
    try:
        number = parse_phone(text)
    except PhoneError as error:
        assert error.reason.startswith("phone_")
    else:
        assert parse_phone(number.e164) == number


@given(
    st.sampled_from(sorted(AREA_CODES)),
    st.text("0123456789", min_size=7, max_size=7),
    st.sampled_from("6789"),
)
def test_a_mobile_is_one_person_with_and_without_its_ninth_digit(area: str, rest: str, first: str) -> None:
    assert parse_phone(f"+55{area}{first}{rest}") == parse_phone(f"+55{area}9{first}{rest}")
