"""What goes wrong between a process and what it calls, drawn from the seed at each call."""

from __future__ import annotations

import random
from dataclasses import dataclass

from disparo.simulation.scenario import FaultRates


@dataclass(frozen=True, slots=True)
class Fault:
    """Seconds before and after the call takes effect, and whether the process dies before or after it.

    A single write may be `refused` as well: tried often enough, in vain.
    """

    before_s: float = 0.0
    after_s: float = 0.0
    dies_before: bool = False
    dies_after: bool = False
    refused: bool = False


NONE = Fault()

MOST_CRASHES = 8
"""In one world at calls of ports, and as many at single writes; a world that only dies gets nothing done."""


class FaultPlan:
    """Draws the fault of each call. To add a kind: a rate in `FaultRates`, a branch here."""

    def __init__(self, seed: int, rates: FaultRates) -> None:
        self._random = random.Random(f"faults {seed}")
        self._writes = random.Random(f"writes {seed}")
        self._rates = rates
        self._refusals = self._writes.choice((0.0, 0.0, 0.001, 0.005)) if rates != FaultRates() else 0.0
        self._lag = self._writes.choice((0, 0, 2, 12)) if rates != FaultRates() else 0
        self.over = False
        self._crashes_left = MOST_CRASHES
        self._cuts_left = MOST_CRASHES

    def at_call(self) -> Fault:
        """The fault of a call of a port or a provider."""
        if self.over:
            return NONE
        rates, draw = self._rates, self._random
        luck = draw.random()
        if luck < rates.crash and self._crashes_left:
            self._crashes_left -= 1
            dies_before = draw.random() < 0.5
            return Fault(dies_before=dies_before, dies_after=not dies_before)
        luck -= rates.crash
        if luck < rates.slow:
            return self._delay(0.6)
        luck -= rates.slow
        return self._delay(150.0) if luck < rates.stall else NONE

    def at_write(self) -> Fault:
        """The fault before or after a single write inside a call: of a store whose calls are many writes."""
        if self.over:
            return NONE
        rates, draw = self._rates, self._writes
        luck = draw.random()
        if luck < rates.crash * 2 and self._cuts_left:
            self._cuts_left -= 1
            return Fault(dies_before=True)
        luck -= rates.crash * 2
        if luck < rates.slow / 4:
            return Fault(before_s=0.6 * draw.random())
        luck -= rates.slow / 4
        if luck < rates.stall / 2:
            return Fault(before_s=150.0 * draw.random())
        return Fault(refused=luck - rates.stall / 2 < self._refusals)

    def _delay(self, most_s: float) -> Fault:
        length = most_s * self._random.random()
        return Fault(before_s=length) if self._random.random() < 0.5 else Fault(after_s=length)

    def read_s(self) -> float:
        """How long a single read takes."""
        if self.over or self._writes.random() >= self._rates.slow / 8:
            return 0.0
        return 0.3 * self._writes.random()

    def lag(self) -> int:
        """How many writes an index is behind its table, at a look."""
        return 0 if self.over or self._writes.random() < 0.5 else self._writes.randint(0, self._lag)

    def freeze_s(self) -> float:
        """For how long a process stands still between its last look and its request."""
        if self.over or self._random.random() >= self._rates.freeze:
            return 0.0
        return 200.0 * self._random.random()

    def cannot_be_asked(self) -> bool:
        """Whether a provider does not answer a question now."""
        return not self.over and self._random.random() < 0.1
