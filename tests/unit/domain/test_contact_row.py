from __future__ import annotations

import pytest

from disparo.domain.contact import ContactDraft
from disparo.domain.contact_columns import recognise_columns
from disparo.domain.contact_row import LONGEST_CELL, RowReading, read_row, split_cell

USUAL = ("Nome", "Contato", "CNPJ/CPF", "Email", "Telefone")


def reading(*cells: str, header: tuple[str, ...] = USUAL) -> RowReading:
    return read_row(cells, recognise_columns(header), file="lista.csv", line=7)


def draft(*cells: str, header: tuple[str, ...] = USUAL) -> ContactDraft:
    found = reading(*cells, header=header).draft
    assert found is not None
    return found


def reasons(found: RowReading) -> list[tuple[str, str, bool]]:
    return [(p.column, p.reason, p.rejects) for p in found.problems]


def test_a_full_row_becomes_a_draft() -> None:
    found = draft("ACME Ltda", "Ana", "11.222.333/0001-81", "Ana@ACME.com", "(81) 8888-7777")
    assert (found.source, found.name, found.document) == ("lista.csv:7", "ACME Ltda", "11222333000181")
    assert (found.phone, found.phone_key) == ("+5581988887777", "+5581988887777")
    assert (found.email, found.email_key) == ("Ana@acme.com", "ana@acme.com")
    assert str(found.place) == "America/Recife BR-PE"
    assert found.variables == {
        "nome": "ACME Ltda",
        "contato": "Ana",
        "cnpj_cpf": "11.222.333/0001-81",
        "email": "Ana@ACME.com",
        "telefone": "(81) 8888-7777",
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a@x.com", ["a@x.com"]),
        ("a@x.com;b@x.com", ["a@x.com", "b@x.com"]),
        ("a@x.com | b@x.com, c@x.com", ["a@x.com", "b@x.com", "c@x.com"]),
        ("41 3322-1100 / 41 98888-7777", ["41 3322-1100", "41 98888-7777"]),
        ("a@x.com\nb@x.com", ["a@x.com", "b@x.com"]),
        (";;", []),
        ("", []),
        ("5,541988887777E+12", ["5,541988887777E+12"]),
    ],
)
def test_a_cell_is_split_at_its_separators(text: str, parts: list[str]) -> None:
    assert split_cell(text) == parts


def test_the_first_usable_number_of_a_cell_is_primary_and_none_comes_twice() -> None:
    found = reading("Ana", "", "", "", "123 | 41 8888-7777; +55 41 98888-7777, 41 3322-1100")
    assert found.draft is not None
    assert (found.draft.phone, found.draft.other_phones) == ("+5541988887777", ("+554133221100",))
    assert reasons(found) == [("Telefone", "phone_too_short", False)]


def test_numbers_of_further_columns_are_other_phones() -> None:
    found = draft("41 3322-1100", "41 98888-7777", header=("Telefone", "WhatsApp"))
    assert (found.phone, found.other_phones) == ("+5541988887777", ("+554133221100",))


@pytest.mark.parametrize(
    ("contact", "name", "phone", "email"),
    [
        ("Ana Souza", "Ana Souza", None, "x@y.com"),
        ("41 98888-7777", "", "+5541988887777", "x@y.com"),
        ("(41) 98888-7777 ", "", "+5541988887777", "x@y.com"),
    ],
)
def test_contato_is_what_its_cell_says(contact: str, name: str, phone: str | None, email: str) -> None:
    found = draft(contact, "x@y.com", header=("Contato", "Email"))
    assert (found.name, found.phone, found.email) == (name, phone, email)
    assert found.variables["contato"] == contact.strip()


def test_a_contato_that_is_an_email_fills_an_empty_email_cell() -> None:
    found = draft("ACME", "ana@acme.com", "", "", "")
    assert (found.name, found.email) == ("ACME", "ana@acme.com")


def test_the_email_column_is_primary_before_contato() -> None:
    found = draft("ACME", "ana@acme.com", "", "acme@acme.com", "")
    assert (found.email, found.other_emails) == ("acme@acme.com", ("ana@acme.com",))


def test_a_wrong_phone_beside_a_good_email_is_a_warning() -> None:
    found = reading("Ana", "", "", "ana@x.com", "999")
    assert found.draft is not None
    assert (found.draft.phone, found.draft.place) == (None, None)
    assert reasons(found) == [("Telefone", "phone_too_short", False)]


def test_a_row_whose_addresses_are_all_wrong_is_rejected_with_each_reason() -> None:
    found = reading("Ana", "", "", "ana@", "98888-7777")
    assert found.draft is None
    assert reasons(found) == [
        ("Telefone", "phone_missing_area_code", True),
        ("Email", "email_invalid_domain", True),
    ]
    assert (found.problems[0].line, found.problems[0].value) == (7, "98888-7777")


def test_a_row_without_an_address_is_rejected() -> None:
    assert reasons(reading("Ana", "", "", "", "")) == [("", "no_address", True)]
    assert reasons(reading("Ana")) == [("", "no_address", True)]


def test_a_wrong_document_is_a_warning_and_stays_a_variable() -> None:
    found = reading("Ana", "", "123", "ana@x.com", "")
    assert found.draft is not None
    assert (found.draft.document, found.draft.variables["cnpj_cpf"]) == (None, "123")
    assert reasons(found) == [("CNPJ/CPF", "document_wrong_length", False)]


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x.com")', "=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0"])
def test_a_formula_is_no_address(formula: str) -> None:
    assert reasons(reading("Ana", "", "", "", formula)) == [("Telefone", "formula", True)]
    assert reasons(reading("Ana", "", "", "ana@x.com", formula)) == [("Telefone", "formula", False)]


def test_a_formula_in_another_column_rejects_the_row() -> None:
    found = reading("=1+1", "", "", "ana@x.com", "")
    assert found.draft is None
    assert reasons(found) == [("Nome", "formula", True)]


def test_text_that_only_looks_like_a_formula_is_kept() -> None:
    found = draft(
        "Ana",
        "@ana",
        '="00123"',
        "ana@x.com",
        "+5541988887777",
        header=("Nome", "Rede", "Código", "Email", "Fone"),
    )
    assert (found.variables["rede"], found.variables["codigo"], found.phone) == (
        "@ana",
        "00123",
        "+5541988887777",
    )


def test_a_nul_byte_rejects_the_row() -> None:
    found = reading("An\0a", "", "", "ana@x.com", "")
    assert found.draft is None
    assert reasons(found) == [("Nome", "nul_byte", True)]
    assert "\0" not in found.problems[0].value


def test_a_cell_longer_than_excels_limit_rejects_the_row() -> None:
    assert draft("x" * LONGEST_CELL, "", "", "ana@x.com", "").name
    found = reading("x" * (LONGEST_CELL + 1), "", "", "ana@x.com", "")
    assert found.draft is None
    assert reasons(found) == [("Nome", "cell_too_long", True)]
    assert len(found.problems[0].value) <= 80


def test_more_cells_than_columns_reject_the_row_unless_blank() -> None:
    assert reasons(reading("Ana", "", "", "ana@x.com", "", "", "x")) == [("", "too_many_cells", True)]
    assert draft("Ana", "", "", "ana@x.com", "", "", "  ").name == "Ana"


PLACED = ("Nome", "Telefone", "Email", "Fuso", "UF", "Cidade")


@pytest.mark.parametrize(
    ("phone", "zone", "state", "city", "place"),
    [
        ("81 98888-7777", "", "", "", "America/Recife BR-PE"),
        ("81 98888-7777", "Manaus", "", "", "America/Manaus BR-PE"),
        ("81 98888-7777", "america/cuiaba", "MT", "", "America/Cuiaba BR-MT"),
        ("81 98888-7777", "", "São Paulo", "", "America/Recife BR-SP"),
        ("", "", "am", "", "America/Manaus BR-AM"),
        ("", "", "AM", "Tabatinga", "America/Eirunepe BR-AM"),
        ("97 98888-7777", "", "", "São Paulo de Olivença", "America/Eirunepe BR-AM"),
        ("11 98888-7777", "", "AM", "Tabatinga", "America/Sao_Paulo BR-AM"),
        ("", "GMT-3", "", "", "Etc/GMT+3"),
        ("", "Brasília", "", "", "America/Sao_Paulo"),
        ("", "", "XX", "", None),
    ],
)
def test_the_place_is_told_by_zone_column_then_number_then_state(
    phone: str, zone: str, state: str, city: str, place: str | None
) -> None:
    found = draft("Ana", phone, "ana@x.com", zone, state, city, header=PLACED)
    assert (str(found.place) if found.place else None) == place


def test_an_unknown_zone_is_a_warning_and_the_number_tells_it() -> None:
    found = reading("Ana", "81 98888-7777", "", "Marte", "", "", header=PLACED)
    assert found.draft is not None
    assert str(found.draft.place) == "America/Recife BR-PE"
    assert reasons(found) == [("Fuso", "zone_unknown", False)]


@pytest.mark.parametrize(("text", "priority"), [("1", 1), ("Alta", 1), ("média", 5), ("baixa", 9), ("", 5)])
def test_a_priority_is_a_number_or_a_word(text: str, priority: int) -> None:
    assert draft("ana@x.com", text, header=("Email", "Prioridade")).priority == priority


def test_a_wrong_priority_is_a_warning() -> None:
    found = reading("ana@x.com", "urgentíssimo", header=("Email", "Prioridade"))
    assert found.draft is not None
    assert found.draft.priority == 5
    assert reasons(found) == [("Prioridade", "priority_invalid", False)]


def test_a_blank_cell_is_no_variable() -> None:
    assert draft("Ana", " \u00a0", "", "ana@x.com", "").variables == {"nome": "Ana", "email": "ana@x.com"}


def test_a_number_without_its_country_is_of_the_region_asked_for() -> None:
    found = read_row(("Rui", "912 345 678"), recognise_columns(("Nome", "Telefone")), file="l.csv", line=2, region="PT")
    assert found.draft is not None
    assert found.draft.phone == "+351912345678"
