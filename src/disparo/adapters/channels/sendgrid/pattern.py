"""What texts of one template share, and where they differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import ne

MOST_GAPS = 75
"""Half of the 150 substitutions that a recipient may have: a message has two texts."""
_HEAD = 32


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pieces that texts share, in their order; each text has something of its own in each gap between two."""

    pieces: Sequence[str]

    @property
    def gaps(self) -> int:
        """How many there are."""
        return len(self.pieces) - 1

    def with_tags(self, tags: Sequence[str]) -> str:
        """What they share, a tag in each gap."""
        return "".join(chain.from_iterable(zip(self.pieces, (*tags, ""), strict=True)))

    def values(self, text: str) -> list[str] | None:
        """What a text has in each gap, so that pieces and values in turn are the text; None when it has not the pieces.

        Each piece is taken where it comes first. That leaves the most room for those behind it, so a way to cut the
        text is found when there is any.
        """
        first, *others = self.pieces
        if not others:
            return [] if text == first else None
        *between, last = others
        end = len(text) - len(last)
        if not (text.startswith(first) and text.endswith(last) and len(first) <= end):
            return None
        values: list[str] = []
        at = len(first)
        for piece in between:
            found = text.find(piece[:_HEAD], at, end)  # a long piece takes long to look for
            if not text.startswith(piece, max(found, 0), end):
                found = text.find(piece, at, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(piece)
        return [*values, text[at:end]]


WHOLE = Pattern(("", ""))
"""Of texts that share nothing, or too little to look for."""


def pattern_of(texts: Collection[str], separator: str) -> Pattern:
    """A pattern that one or more texts have, by comparing what lies between separators.

    WHOLE when some have more separators than others, or when they differ in too many places.
    """
    first, *others = texts
    pattern = Pattern((first,))
    parts = first.split(separator)
    differing: set[int] = set()
    for text in others:
        if pattern.values(text) is not None:
            continue
        these = text.split(separator)
        if len(these) != len(parts):
            return WHOLE
        differing.update(number for number, other in enumerate(map(ne, parts, these)) if other)
        pattern = Pattern(_pieces(parts, differing, separator))
        if pattern.gaps > MOST_GAPS:
            return WHOLE
    return pattern


def _pieces(parts: Sequence[str], differing: set[int], separator: str) -> list[str]:
    """What lies around runs of parts that differ, with its separators, so that no piece between two gaps is empty."""
    pieces: list[str] = []
    behind = 0
    for number in sorted(differing):
        if number == behind and pieces:  # it goes on from the one before
            behind = number + 1
            continue
        before = [*parts[behind:number], ""] if number else [""]
        pieces.append(separator.join(before if not pieces else ["", *before]))
        behind = number + 1
    rest = parts[behind:]
    return [*pieces, separator.join(["", *rest]) if rest else ""]
