"""Errors as they are read on a page: without commands of the terminal, names of files' keys, and their marks.

An error of ours is worded for whoever meets it first, often at a terminal or over a file. On a page the same words must
not lead there.
"""

from __future__ import annotations

import re

_ROLES = {"viewer": "Leitura", "operator": "Operação", "admin": "Administração"}
_CUTS = (
    re.compile(r" \(veja: disparo [^)]*\)"),
    re.compile(r"[;:.,] ?(?:para [^;:]+|veja|o que falhou [^;:]+): disparo .*$"),
    re.compile(r"; (?:veja as que há em /api/v1/\S+|complete-o com «disparo [^»]*»)$"),
    re.compile(r": disparo [a-z].*$"),
    re.compile(r", sob \[\[\w+\]\]| no arquivo$"),
)
_PUT = (
    (re.compile(r'^espera "[^"]*": '), ""),
    (re.compile(r"\bescreva um texto entre aspas, que não seja vazio"), "escreva aqui; não pode ficar vazio"),
    (re.compile(r"\bao menos um passo\b"), "ao menos uma mensagem"),
    (re.compile(r'(como|ou) \w+ = ("[^"]*")'), r"\1 \2"),
    (re.compile(r"\bescreva os ids dos anfitriões, como hosts = \[.*?\]"), "escolha ao menos um anfitrião"),
    (
        re.compile(r"\bescreva ao menos um dia, de 1 \(segunda\) a 7 \(domingo\), como \[.*?\]"),
        "escolha ao menos um dia",
    ),
    (re.compile(r", com o nome da base IANA|um nome da base IANA, "), ""),
    (re.compile(r" bytes\b"), " letras"),
)
_ROLE = re.compile(r"\b(papel|o seu é) (viewer|operator|admin)\b")
_PLACE = re.compile(
    r"^(?!(?:nome|papel|senha|recursos|validade|linha)\b|[^:]*\.(?:csv|txt|xlsx?|xlsb|ods|pdf|png|jpe?g)\b)"
    r'[a-z_]+(?:[.\[][\w.\[\]]*)?(?: = (?:"[^"]*"|\[[^\]]*\]|\{[^}]*\}|[\w.-]+))?: (?=\S+ \S+ \S)'
)
"""The place of an error that no field of the page has, `hours.startTime = "25:00": …`; a file's name is none."""


def plain(text: str, *, placed: bool = False) -> str:
    """The words of an error for a page, line by line; with `placed` also without the place that begins a line."""
    return "\n".join(_line(one, placed=placed) for one in text.splitlines())


def _line(text: str, *, placed: bool) -> str:
    for cut in _CUTS:
        text = cut.sub("", text)
    for found, put in _PUT:
        text = found.sub(put, text)
    text = _ROLE.sub(lambda match: f"{match[1]} {_ROLES[match[2]]}", text)
    return _PLACE.sub("", text) if placed else text
