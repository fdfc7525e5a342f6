"""What the console's code and templates say, gathered as a translator would, and what its catalogs know."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from tests.tidy.source_tree import PACKAGE

CONSOLE = PACKAGE / "entrypoints" / "console"
WORDS = PACKAGE / "entrypoints" / "words"
REASONS = PACKAGE / "domain" / "reason_words.py"
_KEYWORDS: dict[str, tuple[int, int] | None] = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
Said = str | tuple[str, str]


def said() -> dict[Said, str]:
    """Every text that is translated, or pair of one and many, with where it is said."""
    found: dict[Said, str] = {}
    for path in sorted(CONSOLE.rglob("*")):
        method = {".py": "python", ".html": "jinja2.ext:babel_extract"}.get(path.suffix)
        if method is None:
            continue
        with path.open("rb") as file:
            for line, text, *_ in extract(method, file, _KEYWORDS, options={"trim_blocks": "true", "silent": "false"}):
                key = text if isinstance(text, str) else (text[0], text[1])
                found.setdefault(key, f"{path.relative_to(CONSOLE)}:{line}")
    return found


def words_of_codes() -> set[str]:
    """Every text in the tables that codes are put in words by."""
    return {
        node.value
        for path in (*WORDS.glob("*.py"), REASONS)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def catalogs() -> Iterator[tuple[Path, Message]]:
    """Every message of every English catalog."""
    for path in sorted((CONSOLE / "locale" / "en").glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes()), locale="en", abort_invalid=True):
            if message.id:
                yield path, message
