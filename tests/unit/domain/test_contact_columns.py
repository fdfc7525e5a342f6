from __future__ import annotations

import pytest

from disparo.domain.contact_columns import Field, recognise_columns
from disparo.domain.errors import InputError


def test_the_usual_header_is_accepted_as_it_is() -> None:
    mapping = recognise_columns(["Nome", "Contato", "CNPJ/CPF", "Email", "Telefone"])
    assert mapping.fields == {
        Field.NAME: ("nome",),
        Field.CONTACT: ("contato",),
        Field.DOCUMENT: ("cnpj_cpf",),
        Field.EMAIL: ("email",),
        Field.PHONE: ("telefone",),
    }


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("E-MAIL:", Field.EMAIL),
        ("  e-mail ", Field.EMAIL),
        ("RAZÃO SOCIAL", Field.NAME),
        ("razao_social", Field.NAME),
        ("Full Name", Field.NAME),
        ("Mobile", Field.PHONE),
        ("WhatsApp", Field.PHONE),
        ("Telefone 2", Field.PHONE),
        ("telefone2", Field.PHONE),
        ("Phone 1 - Value", Field.PHONE),
        ("E-mail 1 - Value", Field.EMAIL),
        ("Fuso horário", Field.ZONE),
        ("UF", Field.STATE),
        ("Município", Field.CITY),
        ("Prioridade", Field.PRIORITY),
        ("CPF/CNPJ", Field.DOCUMENT),
    ],
)
def test_a_title_is_recognised_whatever_case_accents_and_punctuation(title: str, field: Field) -> None:
    assert field in recognise_columns([title, "Celular", "Email"]).fields


def test_a_whatsapp_column_is_trusted_before_a_telephone() -> None:
    mapping = recognise_columns(["Telefone", "Celular", "WhatsApp"])
    assert mapping.phone == ("whatsapp", "celular", "telefone")


def test_every_column_is_a_variable_with_a_name_of_its_own() -> None:
    mapping = recognise_columns(["Nome", "Data de Nascimento", "", "nome", "2024", "Email"])
    assert mapping.variables == ("nome", "data_de_nascimento", "coluna_3", "nome_2", "coluna_2024", "email")


def test_an_override_replaces_what_would_be_recognised() -> None:
    mapping = recognise_columns(["Telefone", "Recado", "Email"], {"phone": "recado"})
    assert mapping.phone == ("recado",)
    mapping = recognise_columns(["Telefone", "Email"], {"email": "Telefone"})
    assert mapping.fields == {Field.EMAIL: ("telefone",)}


def test_an_unknown_override_column_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"'Telefnoe'.*seria 'Telefone'"):
        recognise_columns(["Nome", "Telefone"], {"phone": "Telefnoe"})


def test_an_unknown_override_field_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"'phnoe'.*seria 'phone'"):
        recognise_columns(["Nome", "Telefone"], {"phnoe": "Telefone"})


def test_a_header_without_an_address_column_is_refused() -> None:
    with pytest.raises(InputError, match=r"não há coluna de telefone.*Nome, Idade"):
        recognise_columns(["Nome", "Idade"])
