"""Everything that the console says is said in English, too, and nothing else is in its catalogs."""

from __future__ import annotations

import re
from collections import defaultdict

from tests.tidy.console_words import CONSOLE, catalogs, said, words_of_codes

_BLANK = re.compile(r"%(?:\((\w+)\))?[-#0 +]*\d*(?:\.\d+)?([a-zA-Z%])")


def test_everything_said_has_its_english() -> None:
    known = {message.id for _, message in catalogs() if all(_texts(message.string))}
    known |= {message[0] for message in known if isinstance(message, tuple)}
    missing = {text: place for text, place in said().items() if text not in known}
    assert not missing


def test_nothing_is_translated_that_nobody_says() -> None:
    used = set(said()) | words_of_codes()
    assert not [f"{path.name}: {message.id!r}" for path, message in catalogs() if message.id not in used]


def test_a_text_has_one_english_in_all_catalogs() -> None:
    found = defaultdict(set)
    for _, message in catalogs():
        found[message.id].add(message.string)
    assert not {text: strings for text, strings in found.items() if len(strings) > 1}


def test_blanks_agree() -> None:
    wrong = [
        f"{path.name}: {message.id!r}"
        for path, message in catalogs()
        if len(
            {blanks for text in (*_texts(message.id), *_texts(message.string)) if (blanks := _blanks(text)) is not None}
        )
        > 1
    ]
    assert not wrong


def test_catalogs_hold_nothing_unfinished() -> None:
    assert not [f"{path.name}: {message.id!r}" for path, message in catalogs() if message.fuzzy]


def test_templates_hold_nothing_that_the_policy_refuses() -> None:
    refused = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|javascript:|=\"https?://")
    found = [
        f"{path.relative_to(CONSOLE)}:{number}: {line.strip()}"
        for path in sorted(CONSOLE.rglob("*.html"))
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if refused.search(line)
    ]
    assert not found


def _texts(of: object) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(map(str, of)) if isinstance(of, tuple) else ()


def _blanks(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((name, kind) for name, kind in _BLANK.findall(text) if name)
