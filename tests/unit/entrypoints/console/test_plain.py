"""Errors on a page: nothing of the terminal or of files in them."""

from __future__ import annotations

import pytest

from disparo.domain.errors import InputError
from disparo.entrypoints.console.forms import Form
from disparo.entrypoints.console.plain import plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a campanha 'x' não existe (veja: disparo campaign list)", "a campanha 'x' não existe"),
        ('a campanha "x" é um rascunho; para começar: disparo campaign start', 'a campanha "x" é um rascunho'),
        ("já terminou; o que falhou se reenvia com: disparo dead-letters redrive", "já terminou"),
        ("a importação 'x' não existe; veja as que há em /api/v1/imports", "a importação 'x' não existe"),
        ("list: a lista x está vazia; importe contatos: disparo import F", "a lista x está vazia; importe contatos"),
        ("steps: falta; escreva ao menos um passo, sob [[steps]]", "falta; escreva ao menos uma mensagem"),
        ("nenhum remetente leva sms; veja: disparo senders", "nenhum remetente leva sms"),
        ('falta; escreva o nome, como name = "Ana Souza"', 'falta; escreva o nome, como "Ana Souza"'),
        ('hours.startTime = "25:00": escreva um horário, como "08:00"', 'escreva um horário, como "08:00"'),
        (
            "isto precisa do papel operator; o seu é viewer: peça",
            "isto precisa do papel Operação; o seu é Leitura: peça",
        ),
        ("z.csv: há um cabeçalho, mas nenhum contato", "z.csv: há um cabeçalho, mas nenhum contato"),
        ("name: falta", "name: falta"),
        ('espera "30": escreva um número inteiro e a unidade', "escreva um número inteiro e a unidade"),
    ],
)
def test_an_error_does_not_lead_to_the_terminal(text: str, said: str) -> None:
    assert plain(text, placed=True) == said


def test_an_error_with_the_value_in_its_place_is_at_its_field() -> None:
    form = Form.of({"start": "25:00", "name": "Olá"})
    lunch = InputError('hours.lunchBreak = {"start": "09:00", "end": "10:00"}: ocupa tudo')
    assert Form.of({"lunch": ""}).failed(lunch, {"hours.lunchBreak": "lunch"}).errors == {"lunch": "ocupa tudo"}
    assert Form.of({"hosts": ""}).failed(InputError("hosts[2]: não existe")).errors == {"hosts": "não existe"}
    error = InputError('hours.startTime = "25:00": escreva um horário\nname = "Olá": use letras sem acento\nsem lugar')
    told = form.failed(error, {"hours.startTime": "start"})
    assert told.errors == {"start": "escreva um horário", "name": "use letras sem acento"}
    assert told.general == ["sem lugar"]


def test_the_same_is_not_said_twice() -> None:
    told = Form.of({"zone": "x"}).failed(InputError("zone: fuso desconhecido\nzone: fuso desconhecido"))
    assert told.errors == {"zone": "fuso desconhecido"}
