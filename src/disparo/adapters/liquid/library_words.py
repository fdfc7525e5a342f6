"""What python-liquid finds wrong with a template, in the words of the person who writes it.

The library says it in English; its sentences are those of version 2 (`stream.py`, `lex.py`, `builtin/expressions`).
"""

from __future__ import annotations

import re
from typing import Final

_KINDS: Final = {
    "end of expression": "o fim da expressão",
    "end of file": "o fim do modelo",
    "word": "um nome",
    "an identifier": "um nome",
    "a name": "um nome",
    "a primitive expression": "um valor",
    "an infix expression": "um operador",
    "string": "um texto",
    "str": "um texto",
    "integer": "um número",
    "float": "um número",
    "an integer": "um número inteiro",
    "a comma separated list of arguments": "uma vírgula entre os argumentos",
    "pipe": "|",
}
_COMPARED: Final = "{} e {} não comparam texto com número; faça do texto um número: {{% assign n = valor | plus: 0 %}}"
_SENTENCES: Final = tuple(
    (re.compile(english), portuguese)
    for english, portuguese in (
        (r"expected tag (\w+), found .*", "falta {{% {} %}}"),
        (r"(\w+) tag was never closed", "falta {{% end{} %}}"),
        (r"unexpected tag '(\w+)'", "{{% {} %}} está fora do lugar, ou falta o seu começo"),
        (r"expected 'reversed', 'offset' or 'limit'.*", "depois da lista só cabem reversed, offset: e limit:"),
        (r"expected (.+), found (.+)", "aqui cabe {}, e não {}"),
        (r"missing expression", "falta dizer algo depois do nome da tag"),
        (r"unknown operator (.+)", "{} não é um operador"),
        (r"unexpected ([\"'].+)", "{} não cabe aqui; confira se as aspas fecham"),
        (r"disallowed parentheses .*", "uma condição não leva parênteses"),
        (r"disallowed not .*", "uma condição não leva not; escreva unless"),
        (r"disallowed ternary .*", "entre {{{{ }}}} não cabe if; escreva {{% if nome %}}"),
        (r"block nesting limit .*", "há blocos demais uns dentro dos outros"),
        (r"every line of an inline comment .*", "cada linha de um comentário começa com #"),
        (r"'(.+)' and '(.+)' are not supported between .*", _COMPARED),
    )
)


def in_portuguese(message: str) -> str:
    """One line in Portuguese; a sentence that is not known is quoted, so that nothing is hidden."""
    line = " ".join(message.split()) or "erro sem nome"
    for english, portuguese in _SENTENCES:
        if found := english.fullmatch(line):
            return portuguese.format(*(_KINDS.get(part, part) for part in found.groups()))
    return f"o Liquid não entende isto ({line})"
