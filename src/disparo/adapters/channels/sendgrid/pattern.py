"""What texts of one template share, and where they differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import ne

MOST_RUNS = 75
"""Half of the 150 substitutions that a recipient may have: a message has two texts."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Texts cut at `separator` into as many parts each; `runs` are the ranges of parts in which they differ."""

    separator: str
    parts: Sequence[str]
    runs: Sequence[tuple[int, int | None]]

    def with_tags(self, tags: Sequence[str]) -> str:
        """What they share, a tag in place of each run."""
        found: list[str] = []
        behind: int | None = 0
        for (begin, end), tag in zip(self.runs, tags, strict=True):
            found += self.parts[behind:begin]
            found.append(tag)
            behind = end
        return self.separator.join([*found, *self.parts[behind:]])

    def values(self, text: str) -> list[str]:
        """What one of the texts has in place of each run."""
        if not self.runs:
            return []
        parts = text.split(self.separator)
        return [self.separator.join(parts[begin:end]) for begin, end in self.runs]


WHOLE = Pattern("\n", (), ((0, None),))
"""Of texts that share nothing, or too little to look for."""


def pattern_of(texts: Collection[str], separator: str) -> Pattern:
    """The pattern of one or more texts; WHOLE when some have more parts than others, or differ in too many places.

    It takes time in proportion to their length, and holds the parts of two of them at once.
    """
    first, *others = texts
    if not others:
        return Pattern(separator, (first,), ())
    parts = first.split(separator)
    differing: set[int] = set()
    for text in others:
        these = text.split(separator)
        if len(these) != len(parts):
            return WHOLE
        differing.update(number for number, other in enumerate(map(ne, parts, these)) if other)
    runs = _runs(sorted(differing))
    return Pattern(separator, parts, runs) if len(runs) <= MOST_RUNS else WHOLE


def _runs(numbers: Iterable[int]) -> list[tuple[int, int | None]]:
    runs: list[tuple[int, int | None]] = []
    for number in numbers:
        if runs and runs[-1][1] == number:
            runs[-1] = runs[-1][0], number + 1
        else:
            runs.append((number, number + 1))
    return runs
