"""The words of an HTML mail, without what it quotes."""

from __future__ import annotations

import re
from contextlib import suppress
from html.parser import HTMLParser
from typing import Final

_BREAKS: Final = re.compile(
    "address|article|blockquote|br|center|dd|div|dl|dt|footer|form|h[1-6]|header|hr|li|main|ol|p|pre|section|table|tbody"
    "|tr|ul"
)
_EMPTY: Final = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|wbr")
_UNSEEN: Final = frozenset(["head", "script", "style", "title", "template", "noscript"])
_QUOTES: Final = re.compile(
    r"\b(?:gmail_quote|gmail_signature|yahoo_quoted|moz-cite-prefix|moz-signature|protonmail_quote)\b"
)
_REST_IS_QUOTED: Final = frozenset(
    ["divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container", "OLK_SRC_BODY_SECTION"]
)


_TORN_TAG: Final = re.compile(r"<(?![a-zA-Z/][^<>]{0,4000}>)")
"""A "<" that begins no tag; the library takes hours over many of them."""


def html_text(html: str) -> str:
    """The text as it is seen; what stands in a quotation or behind Outlook's mark of the answered mail is left out."""
    reader = _Reader()
    with suppress(ValueError, AssertionError):  # of declarations that the library does not know: what was read counts
        reader.feed(_TORN_TAG.sub("&lt;", _without_comments(html)))
        reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_comments(html: str) -> str:
    kept, at = [], 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 4)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, html[at:]])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden_in: str | None = None
        self._depth = 0
        self._over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _BREAKS.fullmatch(tag):
            self.words.append("\n")
        if self._hidden_in is not None:
            self._depth += tag == self._hidden_in
            return
        named = dict(attrs)
        self._over = self._over or (named.get("id") or "") in _REST_IS_QUOTED
        hidden = tag in _UNSEEN or tag == "blockquote" or _QUOTES.search(named.get("class") or "")
        if hidden and not _EMPTY.fullmatch(tag):
            self._hidden_in, self._depth = tag, 1

    def handle_endtag(self, tag: str) -> None:
        if _BREAKS.fullmatch(tag):
            self.words.append("\n")
        if tag == self._hidden_in:
            self._depth -= 1
            if not self._depth:
                self._hidden_in = None

    def handle_data(self, data: str) -> None:
        if self._hidden_in is None and not self._over:
            self.words.append(data.replace("\n", " "))
