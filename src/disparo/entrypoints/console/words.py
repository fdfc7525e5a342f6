"""What the console says: Portuguese is written in the code and the templates, English in `locale/en/*.po`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

PORTUGUESE, ENGLISH = "pt-BR", "en"
LANGUAGES: Mapping[str, str] = {PORTUGUESE: "Português", ENGLISH: "English"}
"""The languages that there are (BCP 47), each in its own words; the first is the usual one."""

LOCALES: Mapping[str, str] = {PORTUGUESE: "pt_BR", ENGLISH: "en"}
"""Each language's name in the Unicode locale data."""


def mark(text: str) -> str:
    """The text itself: says to whoever gathers what needs a translation that this does."""
    return text


@dataclass(frozen=True, slots=True)
class Words:
    """The console's words in one language."""

    language: str
    single: Mapping[str, str]
    plural: Mapping[str, tuple[str, str]]

    def gettext(self, text: str, **values: object) -> str:
        """The text in this language, with `%(name)s` filled in where values are given; itself when nobody knows it."""
        found = self.single.get(text, text)
        return found % values if values else found

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The text for so many, which is `%(count)s` in it; in Portuguese and English only 1 is one."""
        pair = self.plural.get(one, (one, many))
        return pair[0 if count == 1 else 1] % {"count": count, **values}


@cache
def words_of(language: str) -> Words:
    """The words of one of LANGUAGES."""
    if language == PORTUGUESE:
        return Words(language, {}, {})
    folder = files(__package__ or "") / "locale" / language
    sources = (one.read_bytes() for one in folder.iterdir() if one.name.endswith(".po"))
    return Words(language, *_read(sources))


def _read(sources: Iterable[bytes]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    from io import BytesIO

    from babel.messages.pofile import read_po

    single: dict[str, str] = {}
    plural: dict[str, tuple[str, str]] = {}
    for source in sources:
        for message in read_po(BytesIO(source), locale="en"):
            if not message.id or not message.string or message.fuzzy:
                continue
            if isinstance(message.id, str):
                single[message.id] = str(message.string)
            else:
                plural[message.id[0]] = (message.string[0], message.string[1])
    return single, plural
