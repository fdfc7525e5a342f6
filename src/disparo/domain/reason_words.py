"""Reasons of row problems in the words of the person who corrects the file."""

from __future__ import annotations

_WORDS = {
    "phone_not_a_number": "O telefone não é um número.",
    "phone_too_short": "O telefone tem dígitos de menos.",
    "phone_too_long": "O telefone tem dígitos demais.",
    "phone_missing_area_code": "Falta o DDD no telefone.",
    "phone_invalid_area_code": "O DDD do telefone não existe.",
    "phone_invalid_country_code": "O código do país do telefone não existe.",
    "phone_digits_lost": "A planilha arredondou o telefone e perdeu dígitos; formate a coluna como texto.",
    "phone_invalid": "O telefone não existe nesse formato.",
    "email_not_an_address": "O e-mail não tem @.",
    "email_invalid_domain": "O domínio do e-mail não é válido.",
    "email_invalid_local": "A parte do e-mail antes do @ não é válida.",
    "email_too_long": "O e-mail é comprido demais.",
    "document_not_a_document": "O CPF ou CNPJ tem caracteres que não deveria ter.",
    "document_wrong_length": "O CPF ou CNPJ tem dígitos de menos ou demais.",
    "document_wrong_digits": "Os dígitos verificadores do CPF ou CNPJ não conferem.",
    "priority_invalid": "A prioridade não é um número de 1 a 9, nem alta, média ou baixa.",
    "zone_unknown": "O fuso horário não foi reconhecido.",
    "no_address": "Não há telefone nem e-mail na linha.",
    "formula": "A célula é uma fórmula; cole o valor no lugar dela.",
    "nul_byte": "A célula contém um byte nulo; o arquivo está danificado nesse ponto.",
    "cell_too_long": "A célula tem mais de 32.767 caracteres.",
    "too_many_cells": "A linha tem mais células do que o cabeçalho; talvez falte aspas em uma delas.",
    "unclosed_quote": "Uma aspa foi aberta e não foi fechada na linha.",
    "unreadable_row": "A linha não pôde ser separada em células.",
    "duplicate": "Contato repetido: já veio de outra linha do arquivo.",
    "erased": "A pessoa foi apagada depois que o arquivo chegou.",
    "address_of_other_contact": "O endereço já é de outro contato da lista e ficou com ele.",
}


def reason_words(reason: str, rejects: bool) -> str:
    """A sentence in Portuguese; it says so when the contact was imported all the same."""
    words = _WORDS.get(reason, reason)
    return words if rejects or reason == "duplicate" else f"Aviso (contato importado): {words}"
