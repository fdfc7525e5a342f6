"""How long something may still take, by how long what is done of it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta


class TimeLeft:
    """Watches a share grow from 0.0 to 1.0; `seconds` is a clock that nobody can set."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._begun: tuple[float, float] | None = None

    def at(self, share: float) -> timedelta | None:
        """How long it takes from here, if it goes on as it went since the first share above 0; None before."""
        now = self._seconds()
        if share > 0 and self._begun is None:
            self._begun = now, share
        if self._begun is None or share <= self._begun[1]:
            return None
        (began, from_share), done = self._begun, min(share, 1.0)
        return timedelta(seconds=(now - began) / (done - from_share) * (1.0 - done))
