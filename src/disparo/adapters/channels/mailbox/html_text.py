"""The words of an HTML mail, without what it quotes."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})((?:[\s/][^<>]{0,2000})?)>")
"""One tag. The library's parser is not used: it takes minutes over 100 kB of torn tags, and anybody can write them."""
_NAMED: Final = re.compile(r"\b(?:class|id)\s*=\s*(\"[^\"]{0,300}\"|'[^']{0,300}'|[^\s\"'>]{1,300})", re.I)
_BREAKS: Final = re.compile(
    "address|article|blockquote|br|center|dd|div|dl|dt|footer|form|h[1-6]|header|hr|li|main|ol|p|pre|section|table|tbody"
    "|tr|ul"
)
_EMPTY: Final = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|wbr")
_UNSEEN: Final = frozenset({"blockquote", "head", "noscript", "script", "style", "template", "title"})
_QUOTES: Final = re.compile(
    r"\b(?:gmail_quote|gmail_signature|yahoo_quoted|moz-cite-prefix|moz-signature|protonmail_quote)\b"
)
_REST_IS_QUOTED: Final = re.compile(r"\b(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container)\b")


def html_text(html: str) -> str:
    """The text as it is seen; what stands in a quotation or behind Outlook's mark of the answered mail is left out."""
    reader, at = _Reader(), 0
    html = _without_comments(html)
    for tag in _TAG.finditer(html):
        reader.take_text(html[at : tag.start()])
        at = tag.end()
        if not reader.take_tag(tag[2].lower(), closes=bool(tag[1]), attributes=tag[3]):
            return reader.text()
    reader.take_text(html[at:])
    return reader.text()


class _Reader:
    def __init__(self) -> None:
        self._words: list[str] = []
        self._hidden_in = ""
        self._depth = 0

    def text(self) -> str:
        """What was seen, a line for each block."""
        lines = (" ".join(line.split()) for line in "".join(self._words).split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def take_text(self, text: str) -> None:
        """Keep what stands between two tags, unless it is hidden."""
        if not self._hidden_in and text:
            self._words.append(unescape(" ".join(text.split("\n"))))

    def take_tag(self, name: str, *, closes: bool, attributes: str) -> bool:
        """Go by a tag; False when all that follows is quoted."""
        if _BREAKS.fullmatch(name):
            self._words.append("\n")
        if self._hidden_in:
            self._depth += (-1 if closes else 1) if name == self._hidden_in else 0
            self._hidden_in = self._hidden_in if self._depth > 0 else ""
            return True
        if closes or _EMPTY.fullmatch(name):
            return True
        named = " ".join(_NAMED.findall(attributes))
        if _REST_IS_QUOTED.search(named):
            return False
        if name in _UNSEEN or _QUOTES.search(named):
            self._hidden_in, self._depth = name, 1
        return True


def _without_comments(html: str) -> str:
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, html[at:]])
