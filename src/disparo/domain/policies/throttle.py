"""How often somebody may try to sign in: a few times freely, then after ever longer waits, and never never again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Tried:
    """How often it was tried in a row without success, and when last."""

    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Throttle:
    """`free` tries at once; before each further one a wait, `first` and each time twice as long, `longest` at most.

    After `forgets` without a try everything is as at the beginning.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgets: timedelta

    def wait(self, tried: Tried | None, now: datetime) -> timedelta:
        """How long from `now` on until one more may be tried; zero when it may be."""
        known = self._known(tried, now)
        if known is None or known.count < self.free:
            return timedelta(0)
        doublings = min(known.count - self.free, (self.longest // self.first).bit_length())
        pause = min(self.first * (1 << doublings), self.longest)
        return max(known.last_at + pause - now, timedelta(0))

    def taken(self, tried: Tried | None, now: datetime) -> Tried:
        """What is known after one more try."""
        known = self._known(tried, now)
        return Tried((known.count if known else 0) + 1, now)

    def given_back(self, tried: Tried | None, now: datetime) -> Tried | None:
        """What is known after the last try has succeeded: it does not count, those before it do."""
        known = self._known(tried, now)
        return None if known is None or known.count <= 1 else Tried(known.count - 1, known.last_at)

    def _known(self, tried: Tried | None, now: datetime) -> Tried | None:
        """What of it still counts. Nobody waits longer because a clock was set back."""
        if tried is None or now >= tried.last_at + self.forgets or tried.last_at > now + self.longest:
            return None
        return tried


OF_ACCOUNT = Throttle(5, timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=24))
"""For one e-mail, whether it has an account or not. NIST SP 800-63B, 3.2.2 wants at most 100 tries in a row: with
these waits they take more than seven hours."""

OF_KNOWN_DEVICE = Throttle(10, timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=24))
"""For one e-mail in a browser that has signed in with it before: others' tries do not keep its owner out
(OWASP, "Slow Down Online Guessing Attacks with Device Cookies")."""

OF_ADDRESS = Throttle(20, timedelta(seconds=1), timedelta(minutes=15), timedelta(hours=24))
"""For one address of the network, behind which there may be a whole office."""

OF_CODE = Throttle(5, timedelta(seconds=2), timedelta(minutes=15), timedelta(hours=24))
"""For the second factor of one account: a code has a million values, of which three count at a time."""
