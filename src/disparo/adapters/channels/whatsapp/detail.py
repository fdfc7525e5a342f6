"""What Meta says of an error, as it may be kept: short and without a person in it."""

from __future__ import annotations

import re
from typing import Any, Final

_LONGEST: Final = 300
_NUMBER: Final = re.compile(r"\+?\d[\d .()-]{6,}\d")
_ADDRESS: Final = re.compile(r"\S+@\S+")


def detail_of(error: dict[str, Any]) -> str:
    """Code and words of an error object, numbers that may be a person's and addresses left out."""
    data = error.get("error_data")
    told = (error.get("message") or error.get("title"), data.get("details") if isinstance(data, dict) else data)
    words = dict.fromkeys(" ".join(text.split()) for text in told if isinstance(text, str) and text.strip())
    hidden = _ADDRESS.sub("…", _NUMBER.sub("…", " — ".join(words)))
    printable = "".join(letter for letter in hidden if letter.isprintable())
    return f"{error.get('code')}: {printable}"[:_LONGEST]
