"""How fast messages go at present."""

from __future__ import annotations

from datetime import timedelta

from disparo.ports.clock import Clock

_SPAN = timedelta(milliseconds=500)
_TELLING = timedelta(milliseconds=100)
"""After so long the present span says something, so that a sender that begins need not wait for the end of it."""


class Pace:
    """Messages in the latest complete half second, or in the present one if they go faster; 0 at the start."""

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
        passed = self._turn()
        lately = self._counted * (_SPAN / passed) if passed >= _TELLING else 0
        return int(max(self._per_span, lately) * (span / _SPAN))

    def _turn(self) -> timedelta:
        """Begin a new span when it is time; how long the present one has lasted."""
        now = self._clock.elapsed()
        passed = now - self._since
        if passed < _SPAN:
            return passed
        self._per_span = int(self._counted * (_SPAN / passed))
        self._since, self._counted = now, 0
        return timedelta(0)
