"""What happened in a simulated world, step by step: enough of it to read, and a hash of all of it to compare."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from hashlib import blake2b

SHOWN = 40
"""Steps that a failure shows."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken invariant: its name, what was seen, and the last steps before it."""

    invariant: str
    problem: str
    at_s: float
    steps: tuple[str, ...]


class Trace:
    """Counts and hashes every step; two runs of one seed have the same `digest`, in any process."""

    def __init__(self) -> None:
        self.count = 0
        self._last: deque[str] = deque(maxlen=SHOWN)
        self._hash = blake2b(digest_size=16)

    def add(self, at_s: float, who: str, what: str) -> None:
        """One step, at a virtual second."""
        line = f"{at_s:14.3f} {who:<8} {what}"
        self.count += 1
        self._last.append(line)
        self._hash.update(line.encode())

    def tail(self) -> tuple[str, ...]:
        """The last steps, oldest first."""
        return tuple(self._last)

    def digest(self) -> str:
        """The hash of all steps so far."""
        return self._hash.hexdigest()
