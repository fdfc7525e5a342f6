"""Texts and addresses that people wrote, as a calendar can carry them: nobody writes properties through a name."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

from disparo.adapters.mail_server import ascii_address
from disparo.domain.email_address import EmailError, parse_email

_BREAKS: Final = re.compile("\r\n?|[\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_URL: Final = re.compile(r"https?://[!-~]{1,2000}")
_NO_NAME: Final = str.maketrans({'"': "'", "\\": "/", "^": "'"})
"""RFC 6868 has a way to write a quote and a caret in a name, which Outlook shows as it is written."""


def one_line(text: str, longest: int) -> str:
    """A text in one line."""
    return _shown(" ".join(_BREAKS.sub(" ", text[: longest * 2]).split()), longest)


def lines(text: str, longest: int) -> str:
    """A text whose lines end in LF; control characters are left out."""
    return _shown(_BREAKS.sub("\n", text[: longest * 2]).replace("\t", " ").strip(), longest)


def name(text: str, longest: int) -> str:
    """A person's name, in one line and without what would have to be quoted twice."""
    return one_line(text.translate(_NO_NAME), longest)


def web_address(url: str) -> str | None:
    """The address, when it is one of the web."""
    return url if _URL.fullmatch(url) else None


def mail_address(text: str | None) -> str | None:
    """The address in ASCII; None when it is none, or cannot be written so."""
    try:
        return ascii_address(parse_email(text).address) if text else None
    except EmailError:
        return None


def _shown(text: str, longest: int) -> str:
    kept = "".join(char for char in text if char == "\n" or category(char) not in ("Cc", "Cs"))
    if len(kept) > longest:
        kept = kept[: longest - 1].rstrip() + "…"
    # The package takes a backslash before an N for a line break that was escaped already.
    return kept.replace("\\N", "\\ N")
