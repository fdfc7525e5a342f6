"""A text as WhatsApp shows it: its marks for bold, italic, struck out and fixed width become how it looks.

The marks are those of https://faq.whatsapp.com/539178204879377 ("How to format your messages"), as we read it: a mark
opens before a letter and not after one, closes after a letter and not before one, and within its own line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

MOST = 8_000
"""Longer texts are shown as they are written; WhatsApp itself takes 4096 characters."""

_TAGS = {"*": "strong", "_": "em", "~": "s"}
_PART = re.compile(r"```([^`]+)```|`([^`\n]+)`|[*_~\n]")
"""Each part ends at the next backtick at the latest, so that no text is read more than a few times."""


def whatsapp_text(text: str) -> Markup:
    """The text as HTML of ours: everything of it is escaped, only our own tags are added, and each of them is closed.

    Takes time in proportion to the text. A mark without its other half is shown as it is written.
    """
    from markupsafe import Markup, escape

    if len(text) > MOST:
        return escape(text)
    pieces: list[str] = []
    opened: dict[str, tuple[int, int]] = {}
    """Marks that wait for their other half: where each stands in the text, and among the pieces."""
    read = 0
    for part in _PART.finditer(text):
        pieces.append(str(escape(text[read : part.start()])))
        read, mark = part.end(), part[0]
        if fixed := part[1] or part[2]:
            pieces.append(f"<code>{escape(fixed)}</code>")
            continue
        pieces.append(mark)
        if mark == "\n":
            opened.clear()
        else:
            _mark(text, part.start(), pieces, opened)
    pieces.append(str(escape(text[read:])))
    return Markup("".join(pieces))  # noqa: S704  # nosec B704 - each piece is escaped, or a tag of ours


def _mark(text: str, at: int, pieces: list[str], opened: dict[str, tuple[int, int]]) -> None:
    """Close what the mark at this place opened, or open with it, or leave it as it is written."""
    before, mark, after = text[max(at - 1, 0) : at], text[at], text[at + 1 : at + 2]
    if mark in opened:
        begun_at, place = opened[mark]
        if at - begun_at > 1 and not before.isspace() and not after.isalnum():
            pieces[place], pieces[-1] = f"<{_TAGS[mark]}>", f"</{_TAGS[mark]}>"
            for inner in [one for one, (_, other) in opened.items() if other >= place]:
                del opened[inner]  # what was opened in between stays as it is written
    elif after and not after.isspace() and not before.isalnum():
        opened[mark] = (at, len(pieces) - 1)
