from __future__ import annotations

import pytest

from disparo.domain.phone_number import PhoneError, PhoneKind, is_spreadsheet_number, parse_phone


@pytest.mark.parametrize(
    "text",
    [
        "+55 41 9 8888-7777",
        "+55 41 8888-7777",
        "(41) 98888-7777",
        "41 8888.7777",
        "0 41 98888-7777",
        "041 98888-7777",
        "0xx41 98888-7777",
        "(0xx41) 98888-7777",
        "015 41 98888-7777",
        "0 15 41 8888-7777",
        "90 41 98888-7777",
        "+55 041 98888-7777",
        "0055 41 98888-7777",
        "0041 98888-7777",
        "5541988887777",
        "554188887777",
        "5541988887777.0",
        "5541988887777,0",
        "5.541988887777E12",
        "5,541988887777e+12",
        "41\u00a098888\u00a07777",
        "\u202a+55 41 98888\u20117777\u202c",
        "whatsapp:+5541988887777",
        "tel:+55-41-98888-7777",
        "'+5541988887777",
        "41 98888-7777 ramal 12",
        "41 98888-7777 (Maria)",
        "Maria 41 98888-7777",
    ],
)
def test_all_ways_to_write_a_mobile_are_one_person(text: str) -> None:
    number = parse_phone(text)
    assert (number.e164, number.key, number.kind) == ("+5541988887777", "+5541988887777", PhoneKind.MOBILE)
    assert str(number.place) == "America/Sao_Paulo BR-PR"


@pytest.mark.parametrize(
    "text", ["4191234567.0", "4191234567.00", "4191234567,0", "+554191234567.0", "41 91234567.0 ", "(41)91234567.0"]
)
def test_a_floats_tail_is_never_a_digit(text: str) -> None:
    assert parse_phone(text).e164 == "+5541991234567"


@pytest.mark.parametrize("first", "6789")
def test_an_eight_digit_mobile_gets_the_ninth_digit(first: str) -> None:
    assert parse_phone(f"+55 11 {first}765-4321").e164 == f"+55119{first}7654321"


@pytest.mark.parametrize("first", "2345")
def test_a_landline_never_gets_a_ninth_digit(first: str) -> None:
    number = parse_phone(f"11 {first}765-4321")
    assert (number.e164, number.kind) == (f"+5511{first}7654321", PhoneKind.FIXED_LINE)


@pytest.mark.parametrize("text", ["55 99123-4567", "(55) 9123-4567", "55 55 99123 4567", "+55 55 9123-4567"])
def test_the_area_code_55_is_no_country_code(text: str) -> None:
    number = parse_phone(text)
    assert number.e164 == "+5555991234567"
    assert number.place is not None
    assert number.place.region == "BR-RS"


def test_recife_is_not_on_noronha_time() -> None:
    place = parse_phone("81 99999-1234").place
    assert place is not None
    assert place.zone == "America/Recife"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "phone_not_a_number"),
        ("maria", "phone_not_a_number"),
        ("+cmd|' /C calc'!A0", "phone_not_a_number"),
        ("123", "phone_too_short"),
        ("98888-7777", "phone_missing_area_code"),
        ("3322-1100", "phone_missing_area_code"),
        ("+55 20 98888-7777", "phone_invalid_area_code"),
        ("(23) 3322-1100", "phone_invalid_area_code"),
        ("41 99888-77771", "phone_too_long"),
        ("41 1234-5678", "phone_invalid"),
        ("41 58888-7777", "phone_invalid"),
        ("+999 123456789", "phone_invalid_country_code"),
        ("5.51199E+12", "phone_digits_lost"),
        ("5,51199E+12", "phone_digits_lost"),
        ("11.222.333/0001-81", "phone_too_long"),
    ],
)
def test_a_wrong_number_has_a_reason(text: str, reason: str) -> None:
    with pytest.raises(PhoneError) as refused:
        parse_phone(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("text", "e164", "zone"),
    [
        ("+44 20 7946 0958", "+442079460958", "Europe/London"),
        ("+1 202 555 0143", "+12025550143", None),
        ("00351 912 345 678", "+351912345678", None),
        ("+56 2 2123 4567", "+56221234567", None),
        ("+598 94 231 234", "+59894231234", "America/Montevideo"),
    ],
)
def test_a_foreign_number_has_a_zone_only_where_its_country_has_one(text: str, e164: str, zone: str | None) -> None:
    number = parse_phone(text)
    assert number.e164 == e164
    assert (number.place.zone if number.place else None) == zone


def test_mexicos_former_one_and_argentinas_nine_do_not_make_two_persons() -> None:
    assert parse_phone("+52 1 55 1234 5678").key == parse_phone("+52 55 1234 5678").key
    assert parse_phone("+54 9 11 2345 6789").key == parse_phone("+54 11 2345 6789").key


def test_another_region_reads_its_own_national_numbers() -> None:
    assert parse_phone("020 7946 0958", "GB").e164 == "+442079460958"
    assert parse_phone("+55 41 8888-7777", "GB").e164 == "+5541988887777"


def test_service_numbers_have_no_place_and_are_no_mobile() -> None:
    number = parse_phone("0800 123 4567")
    assert (number.kind, number.place) == (PhoneKind.OTHER, None)


def test_a_number_that_a_spreadsheet_wrote_is_one_number() -> None:
    assert is_spreadsheet_number("5,511987654321E+12")
    assert is_spreadsheet_number("5511987654321,0")
    assert not is_spreadsheet_number("41 98888-7777, 41 97777-6666")
