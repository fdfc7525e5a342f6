"""A reply as the rules read it: only what its writer wrote, in plain words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 8_000
"""Characters of a reply that are looked at; providers' own limits are 4,096 (WhatsApp) and 1,600 (SMS)."""

LONGEST_OWN = 2_000
"""Characters of a writer's own words that the rules read."""

_REPLY_HEADERS = re.compile(
    r"^\s*(?:"
    r"(?:em|on|el|le|am)\s.{3,200}(?:escreveu|wrote|escribi[oó])\s*:?"
    r"|.{3,200}<[^<>\s]+@[^<>\s]+>\s*(?:escreveu|wrote|escribi[oó])\s*:?"
    r"|-{2,}\s*(?:mensagem original|original message|mensaje original|forwarded message|mensagem encaminhada"
    r"|mensaje reenviado)\s*-{2,}.*"
    r"|_{10,}\s*"
    r"|(?:de|from)\s*:.{0,200}@.{0,200}"
    r"|--\s*"
    r"|(?:enviado (?:do|pelo|de|desde)|sent from|get outlook|obter o outlook|obtener outlook)\b.{0,60}"
    r")$",
    re.IGNORECASE,
)
_STAND_IN = re.compile(r"\s*\[(?:imagem|vídeo|documento)\]\s+(?=\S)")
"""What stands for a picture in the text of a reply; behind it its caption, which is what was written."""
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_SENTENCE_ENDS = re.compile(r"[.!?;…。！？\n\r]+")
_CLAUSE_ENDS = re.compile(r"[.!?;…。！？\n\r,:()\u2013\u2014]+|\s-+\s")
_WORD = re.compile(r"[a-z0-9]+")
_RUN = re.compile(r"([a-z])\1+")
_ALIASES = {"n": "nao", "naum": "nao", "nn": "nao", "q": "que", "dont": "nao", "not": "nao"}
_LAUGHTER = re.compile(r"k{2,}|(?:rs)+|(?:h[aeiu]|j[aei]|hua){2,}h?|lol|lmao")
_LAUGHING = frozenset("😂🤣😅😆😹")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote, without what they quoted.

    `own` is as written. `words` are in lower case without accents, a letter that is repeated once ("saiiir"), and
    `clauses` says of each word in which clause it stands. `plain` is the words with blanks between.
    """

    own: str
    words: tuple[str, ...]
    clauses: tuple[int, ...]
    laughs: bool

    @property
    def plain(self) -> str:
        """The words in one line."""
        return " ".join(self.words)

    def before(self, start: int) -> tuple[str, ...]:
        """The words that stand before a place in `plain`, in the clause that is there."""
        index = len(self.plain[:start].split())
        clause = self.clauses[min(index, len(self.words) - 1)]
        pairs = zip(self.words[:index], self.clauses[:index], strict=True)
        return tuple(word for word, number in pairs if number == clause)

    @property
    def sentences(self) -> list[str]:
        """Each sentence in plain words."""
        return [plain for part in _SENTENCE_ENDS.split(self.own) if (plain := " ".join(_words(part)))]

    @property
    def phrases(self) -> list[str]:
        """Each clause in plain words."""
        found: dict[int, list[str]] = {}
        for word, number in zip(self.words, self.clauses, strict=True):
            found.setdefault(number, []).append(word)
        return [" ".join(words) for words in found.values()]

    @property
    def lines(self) -> list[str]:
        """Each line in plain words."""
        return [plain for part in self.own.splitlines() if (plain := " ".join(_words(part)))]


def read(text: str) -> Said:
    """The words of a reply; never raises, in a time that is bounded whatever the text."""
    own = _own_part(_caption(text[:LONGEST]))[:LONGEST_OWN]
    words: list[str] = []
    clauses: list[int] = []
    for number, clause in enumerate(_CLAUSE_ENDS.split(own)):
        found = _words(clause)
        words += found
        clauses += [number] * len(found)
    laughs = not _LAUGHING.isdisjoint(own) or any(_LAUGHTER.fullmatch(word) for word in _ascii(own).split())
    return Said(own, tuple(words), tuple(clauses), laughs)


def squeezed(text: str) -> str:
    """Each run of one letter as that letter once: rules are written as people write, and compared like this."""
    return _RUN.sub(r"\1", text)


def _caption(text: str) -> str:
    return text[found.end() :] if (found := _STAND_IN.match(text)) else text


def _own_part(text: str) -> str:
    """What stands before a quoted message or a signature, without quoted lines and addresses of pages."""
    own: list[str] = []
    for line in text.splitlines():
        if own and _REPLY_HEADERS.match(line[:500]):
            break
        if not line.lstrip().startswith((">", "|")):
            own.append(line)
    return _ADDRESS.sub(" ", "\n".join(own)).strip()


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return "".join(one for one in plain if one.isascii() or one.isspace()).lower()


def _words(text: str) -> list[str]:
    return [_ALIASES.get(word, squeezed(word)) for word in _WORD.findall(_ascii(text))]
