"""What a person added to a mail that they answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_ATTRIBUTION: Final = re.compile(
    r"^\W{0,3}(?:em|no dia|on|el|le|am)\b.{5,300}\b(?:escreveu|wrote|escribi[oó]|a écrit|schrieb)"
    r"(?:\s*<[^<>]*>)?\s*:?\W{0,3}$"
    r"|^.{0,200}<[^<>\s]+@[^<>\s]+>\s*(?:escreveu|wrote|escribi[oó])\s*:?$",
    re.I,
)
"""The line above a quotation: "Em seg., 23 de nov. de 2026 às 10:00, Ana <ana@…> escreveu:"."""
_ATTRIBUTION_BEGINS: Final = re.compile(r"^\W{0,3}(?:em|no dia|on|el|le|am)\b", re.I)
_MOST_ATTRIBUTION_LINES = 4

_CUT: Final = re.compile(
    r"^\s*(?:-- ?|_{10,}|-{2,}\s*(?:mensagem original|mensagem encaminhada|original message|forwarded message"
    r"|mensaje original|mensaje reenviado)\s*-{0,}.*|(?:begin|início da) forwarded message:?)\s*$",
    re.I,
)
"""Where a signature or another mail begins: nothing below is of this answer."""
_HEADER: Final = re.compile(r"^\W{0,2}(?:de|from|von)\W{0,2}\s*:", re.I)
_NEXT_HEADER: Final = re.compile(
    r"^\W{0,2}(?:enviad[ao](?: e[ml])?|sent|data|date|fecha|para|to|cc|assunto|subject|asunto|reply-to)\W{0,2}\s*:",
    re.I,
)
_APP: Final = re.compile(
    r"^\s*(?:enviad[oa] (?:do|pelo|a partir do|de|desde)|sent (?:from|with)|get outlook|obter o outlook|obtener outlook"
    r"|baixe o outlook|yahoo mail:)\b.{0,80}$",
    re.I,
)
"""What a telephone puts below: "Enviado do meu iPhone"."""
_LONGEST_MARK = 1_000
"""Characters of a line in which a mark is looked for."""
_MOST_LINES = 5_000


def new_part(text: str) -> str:
    """The words of the answer itself: without quotations, signature and the copy of what is answered.

    An answer between the quoted lines is kept. Empty when there is nothing new.
    """
    whole = text.split("\n", _MOST_LINES)[:_MOST_LINES]
    lines = [line[:_LONGEST_MARK] for line in whole]
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if _CUT.match(line) or _is_copied_header(lines, number):
            break
        if length := _attribution(lines, number):
            number += length
            if not _is_quoted_next(lines, number):
                break
            continue
        if not line.lstrip().startswith(">") and not _APP.match(line):
            kept.append(whole[number].strip())
        number += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _attribution(lines: Sequence[str], number: int) -> int:
    """How many lines an attribution takes that begins here; 0 when none does. Mail programs break it."""
    if _ATTRIBUTION.match(lines[number].strip()):
        return 1
    if not _ATTRIBUTION_BEGINS.match(lines[number].strip()):
        return 0
    joined = lines[number].strip()
    for length in range(2, _MOST_ATTRIBUTION_LINES + 1):
        following = lines[number + length - 1 : number + length]
        if not following or not following[0].strip():
            return 0
        joined += " " + following[0].strip()
        if _ATTRIBUTION.match(joined[:600]):
            return length
    return 0


def _is_copied_header(lines: Sequence[str], number: int) -> bool:
    """ "De: … / Enviada em: …", as Outlook puts above what is answered."""
    following = lines[number + 1 : number + 4]
    return bool(_HEADER.match(lines[number])) and any(_NEXT_HEADER.match(line) for line in following)


def _is_quoted_next(lines: Sequence[str], number: int) -> bool:
    return next((line for line in lines[number:] if line.strip()), "").lstrip().startswith(">")
