from __future__ import annotations

import pytest

from disparo.domain.contact_mapping import checked_mapping, guess_columns, mapped_columns
from disparo.domain.contact_row import read_row
from disparo.domain.errors import InputError

HEADER = ("Quem", "Recado", "Obs.", "Recado")


def test_columns_are_what_a_person_told_and_nothing_is_guessed() -> None:
    mapping = mapped_columns(("Nome", "Celular", "E-mail"), {"Celular": "phone"})
    assert (mapping.phone, mapping.email, mapping.name) == (("celular",), (), ())
    reading = read_row(["Ana", "41 98888-7777", "ana@x.com"], mapping, file="a.csv", line=2)
    assert reading.draft is not None
    assert (reading.draft.name, reading.draft.email) == ("", None)
    assert reading.draft.variables == {"nome": "Ana", "celular": "41 98888-7777", "e_mail": "ana@x.com"}


def test_of_what_is_ignored_nothing_is_kept() -> None:
    mapping = mapped_columns(("Nome", "Celular", "Salário"), {"Celular": "phone", "Salário": "ignore"})
    reading = read_row(["Ana", "41 98888-7777", "9999"], mapping, file="a.csv", line=2)
    assert reading.draft is not None
    assert reading.draft.variables == {"nome": "Ana", "celular": "41 98888-7777"}


def test_columns_with_one_title_are_told_apart_by_their_variables() -> None:
    mapping = mapped_columns(HEADER, {"recado": "phone", "recado_2": "email", "Quem": "name"})
    assert (mapping.phone, mapping.email, mapping.name) == (("recado",), ("recado_2",), ("quem",))


def test_two_columns_of_a_field_are_tried_in_the_order_of_the_file() -> None:
    mapping = mapped_columns(("Fixo", "Celular"), {"Celular": "phone", "Fixo": "phone"})
    reading = read_row(["41 3333-4444", "41 98888-7777"], mapping, file="a.csv", line=2)
    assert reading.draft is not None
    assert (reading.draft.phone, reading.draft.other_phones) == ("+554133334444", ("+5541988887777",))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"Quem": "telefone"}, "não é um campo"),
        ({"Outra": "phone"}, "não há coluna 'Outra'"),
        ({"Quem": "name"}, "nenhuma coluna foi apontada"),
        ({"Recado": "ignore"}, "nenhuma coluna foi apontada"),
    ],
)
def test_a_mapping_that_is_of_no_use_is_refused_with_the_reason(told: dict[str, str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        mapped_columns(HEADER, told)


def test_a_mapping_is_checked_before_its_file_is_known() -> None:
    assert checked_mapping({"A": "phone", "B": "ignore"}) == {"A": "phone", "B": "ignore"}
    with pytest.raises(InputError, match="aponte ao menos uma"):
        checked_mapping({"A": "name"})
    with pytest.raises(InputError, match="são mais de"):
        checked_mapping({str(n): "phone" for n in range(501)})


def test_columns_are_guessed_by_their_titles_and_surer_when_the_cells_agree() -> None:
    rows = [["Ana", "41 98888-7777", "x"], ["Bia", "41 98888-6666", "y"]]
    name, phone, email = guess_columns(("Nome", "Celular", "E-mail"), rows)
    assert (name.choice, phone.choice, email.choice) == ("name", "phone", "email")
    assert (phone.confidence, email.confidence) == (1.0, 0.3), "no cell of the last one is an e-mail"
    assert phone.samples == ("41 98888-7777", "41 98888-6666")


def test_a_title_that_says_nothing_is_guessed_by_what_is_below_it() -> None:
    rows = [["Ana", "41 98888-7777", "ana@x.com", "529.982.247-25"]]
    guesses = guess_columns(("Quem", "Recado", "Coluna", "Outra"), rows)
    assert [one.choice for one in guesses] == ["variable", "phone", "email", "document"]
    assert [one.by for one in guesses] == ["none", "content", "content", "content"]


def test_an_address_that_has_its_column_is_not_guessed_in_another() -> None:
    rows = [["41 98888-7777", "41 97777-6666"]]
    assert [one.choice for one in guess_columns(("Celular", "Recado"), rows)] == ["phone", "variable"]


def test_a_title_that_begins_with_name_is_a_name_when_there_is_no_other() -> None:
    assert [one.choice for one in guess_columns(("Nome do aluno",), [["Ana"]])] == ["name"]
    assert [one.choice for one in guess_columns(("Nome do aluno", "Nome"), [["Ana", "B"]])] == ["variable", "name"]
