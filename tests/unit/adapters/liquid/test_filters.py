from __future__ import annotations

import pytest

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.template import RenderError, Template


def apply(filters: str, value: str) -> str:
    return LiquidRenderer().compile(Template("t", f"{{{{ v | {filters} }}}}")).render({"v": value}).text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("MARIA DA SILVA", "Maria"),
        ("joão", "João"),
        ("Dr. Carlos", "Carlos"),
        ("Sra. DRA. ANA LIMA", "Ana"),
        ("D. Maria", "Maria"),
        ("McGregor Souza", "McGregor"),
        ("D'ÁVILA", "D'Ávila"),
        ("  ana   lima ", "Ana"),
        ("Silva, João", "Silva"),
    ],
)
def test_primeiro_nome_is_the_name_to_greet_with(value: str, expected: str) -> None:
    assert apply("primeiro_nome", value) == apply("first_name", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("JOÃO PAULO DOS SANTOS II", "João Paulo dos Santos II"),
        ("de souza", "De Souza"),
        ("ANA-PAULA D'ÁVILA", "Ana-Paula D'Ávila"),
        ("Maria da Silva", "Maria da Silva"),
    ],
)
def test_nome_proprio_puts_capitals_right(value: str, expected: str) -> None:
    assert apply("nome_proprio", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1234.5", "R$ 1.234,50"),
        ("1.234,50", "R$ 1.234,50"),
        ("1234,5", "R$ 1.234,50"),
        ("R$ 1.234.567,89", "R$ 1.234.567,89"),
        ("R$\xa010", "R$ 10,00"),
        ("1.234", "R$ 1.234,00"),
        ("0.125", "R$ 0,13"),
        ("2.675", "R$ 2.675,00"),
        ("-5", "-R$ 5,00"),
        ("0", "R$ 0,00"),
    ],
)
def test_dinheiro_reads_both_ways_of_writing(value: str, expected: str) -> None:
    assert apply("dinheiro", value) == apply("money", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1234567.25", "1.234.567,25"),
        ("1.234.567", "1.234.567"),
        ("0,5", "0,5"),
        ("10.0", "10"),
        ("0.125", "0,125"),
    ],
)
def test_numero_groups_thousands(value: str, expected: str) -> None:
    assert apply("numero", value) == expected


@pytest.mark.parametrize(
    ("filters", "value", "expected"),
    [
        ("plus: 0.1", "0.2", "0.3"),
        ("times: '1,5'", "3", "4.5"),
        ("divided_by: 3", "1", "0.333333"),
        ("round", "2.5", "3"),
        ("round", "-2.5", "-3"),
        ("round: 2", "1.005", "error"),
        ("round: 2", "1,005", "1.01"),
        ("minus: 1", "1000000000000", "999999999999"),
        ("divided_by: 1000000", "1", "0.000001"),
    ],
)
def test_arithmetic_is_decimal(filters: str, value: str, expected: str) -> None:
    if expected == "error":
        with pytest.raises(RenderError, match="dois modos"):
            apply(filters, value)
    else:
        assert apply(filters, value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("14:30", "14:30"),
        ("9h05", "09:05"),
        ("9h", "09:00"),
        ("14:30:59", "14:30"),
        ("22/11/2026 8:15", "08:15"),
    ],
)
def test_hora_is_the_time_of_day(value: str, expected: str) -> None:
    assert apply("hora", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-01", "1 de março de 2026"),
        ("1/3/2026", "1 de março de 2026"),
        ("2026-11-22T23:30:00-03:00", "22 de novembro de 2026"),
    ],
)
def test_data_is_the_day_that_is_written(value: str, expected: str) -> None:
    assert apply("data: 'longa'", value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+5541988887777", "(41) 98888-7777"),
        ("41 98888-7777", "(41) 98888-7777"),
        ("+554133334444", "(41) 3333-4444"),
        ("+351912345678", "+351 912 345 678"),
    ],
)
def test_telefone_is_written_as_people_do(value: str, expected: str) -> None:
    assert apply("telefone", value) == expected


@pytest.mark.parametrize(
    ("filters", "value"),
    [
        ("data", "amanhã"),
        ("data", "31/02/2026"),
        ("data", "2026-11"),
        ("data: 'bonita'", "2026-11-22"),
        ("hora", "2026-11-22"),
        ("hora", "25:00"),
        ("hora", "9hx"),
        ("dinheiro", "dez"),
        ("dinheiro", "1,234.50"),
        ("dinheiro", "9" * 16),
        ("dinheiro", "9" * 5000),
        ("numero", "1.234"),
        ("numero", "R$ 3"),
        ("numero", "nan"),
        ("numero", "1e5"),
        ("numero: 99", "1"),
        ("telefone", "ramal 12"),
        ("telefone", "123"),
        ("primeiro_nome", "Dr."),
        ("primeiro_nome", "123"),
        ("plus: 'x'", "1"),
        ("divided_by: 0", "1"),
        ("times: 999999999999999", "999999999999999"),
        ("round: 1.5", "1"),
        ("round: 7", "1"),
        ("truncate: 'x'", "abc"),
        ("join: ','", "abc"),
        ("first", "abc"),
        ("split: ',' | upcase", "a,b"),
        ("plus: true", "1"),
    ],
)
def test_a_value_that_cannot_be_read_is_named(filters: str, value: str) -> None:
    with pytest.raises(RenderError) as caught:
        apply(filters, value)
    assert (caught.value.reason, caught.value.variable, caught.value.line) == ("bad_value", "v", 1)


def test_money_stays_in_the_cheap_sms_alphabet() -> None:
    assert apply("dinheiro", "10").isascii()


def test_truncate_leaves_a_text_that_fits() -> None:
    assert apply("truncate: 3", "abc") == "abc"
    assert apply("truncatewords: 2", "a b") == "a b"
