"""How fast messages go at present."""

from __future__ import annotations

from datetime import timedelta

from disparo.ports.clock import Clock

_SPAN = timedelta(milliseconds=500)


class Pace:
    """Messages in the latest complete half second; 0 at the start and after a pause."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.elapsed()
        self._counted = 0
        self._per_span = 0

    def count(self, messages: int) -> None:
        """So many more have gone."""
        self._turn()
        self._counted += messages

    def in_time(self, span: timedelta) -> int:
        """How many go in such a time at the present pace."""
        self._turn()
        return int(self._per_span * (span / _SPAN))

    def _turn(self) -> None:
        now = self._clock.elapsed()
        passed = now - self._since
        if passed >= _SPAN:
            self._per_span = int(self._counted * (_SPAN / passed))
            self._since, self._counted = now, 0
