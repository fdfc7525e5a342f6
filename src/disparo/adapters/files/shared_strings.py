"""The table of texts of a large workbook, in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import IO, overload
from xml.parsers import expat


class SharedStrings(Sequence[str]):
    """A workbook's shared strings as one block of UTF-8 and the ends of each: 8 bytes and the letters per
    text.

    A list of 5,000,000 Python strings would take over 350 MB.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._letters = bytearray()
        self._ends = array("Q", [0])
        self._phonetic = 0
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        self._in_text = False
        parser.ParseFile(source)

    def _start(self, name: str, _: dict[str, str]) -> None:
        tag = name.rpartition("}")[2]
        if tag == "rPh":
            self._phonetic += 1
        self._in_text = tag == "t" and not self._phonetic

    def _text(self, text: str) -> None:
        if self._in_text:
            self._letters += text.encode()

    def _end(self, name: str) -> None:
        tag = name.rpartition("}")[2]
        self._in_text = False
        if tag == "si":
            self._ends.append(len(self._letters))
        elif tag == "rPh":
            self._phonetic -= 1

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._letters[self._ends[index] : self._ends[index + 1]].decode()
