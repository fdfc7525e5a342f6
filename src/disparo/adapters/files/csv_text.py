"""The text of a CSV file: its encoding, and its lines with a bound on their length."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from disparo.domain.errors import InputError

LONGEST_LINE = 16 * 1024 * 1024
"""Characters of a line; what is beyond is cut off (the row is refused anyway) so that memory stays bounded.
"""

_BLOCK = 1 << 20
_HEAD = 64 * 1024
_CONTROL = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a"))
_MOST_CONTROL = 0.01


def detect_encoding(path: Path) -> str:
    """`utf-16` or `utf-8-sig` by their marks, else `utf-8-sig` if all of the file is UTF-8, else `cp1252`.

    Reads the file once in blocks. A UTF-8 file that was cut inside its last letter is still UTF-8. Raises
    InputError for what is no text, and for UTF-8 with damage in it: read as Windows-1252 every accent would be wrong.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        _refuse_binary(path, head)
        decoder = codecs.getincrementaldecoder("utf-8")()
        ascii_only = True
        try:
            block = head
            while block:
                ascii_only = decoder.decode(block).isascii() and ascii_only
                block = file.read(_BLOCK)
        except UnicodeDecodeError:
            _refuse_damaged(path)
            return "cp1252"
        cut_off = bool(decoder.getstate()[0])
    return "cp1252" if cut_off and ascii_only else "utf-8-sig"


def _refuse_binary(path: Path, head: bytes) -> None:
    control = len(head) - len(head.translate(None, delete=_CONTROL))
    if control > len(head) * _MOST_CONTROL and control > 4:
        raise InputError(f"{path.name}: não é uma tabela, é um arquivo binário; escolha um arquivo CSV ou XLSX")


def _refuse_damaged(path: Path) -> None:
    """Refuse what is mostly UTF-8: letters of two or more bytes that are whole are rare in any other encoding."""
    whole = broken = line = 0
    first_broken = 0
    with path.open("rb") as file:
        while block := file.readline(LONGEST_LINE):
            line += 1
            if block.isascii():
                continue
            text = block.decode("utf-8", "replace")
            faults = text.count("\ufffd")
            broken += faults
            whole += sum(1 for letter in text if letter > "\x7f") - faults
            first_broken = first_broken or (line if faults else 0)
    if whole > 2 * broken:
        raise InputError(
            f"{path.name}: a codificação está danificada (linha {first_broken}): parte é UTF-8 e parte não; "
            "abra o original e salve de novo como CSV UTF-8"
        )


def bounded_lines(file: TextIO) -> Iterator[str]:
    """The lines of a file with their ends, each cut to `LONGEST_LINE` characters."""
    while line := file.readline(LONGEST_LINE):
        yield line
        while len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            line = file.readline(LONGEST_LINE)
