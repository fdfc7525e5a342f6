"""What came of meetings, kept until somebody measures it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from disparo.domain.agenda.meeting import Meeting, MeetingState

MOST = 10_000
"""Where nobody takes figures, the newest of each kind are kept and the others forgotten."""

_OUTCOMES = {MeetingState.HELD: False, MeetingState.NO_SHOW: True}


def _newest() -> deque[bool]:
    return deque(maxlen=MOST)


@dataclass(slots=True)
class Figures:
    """`confirmed` says of each proposal that came to an end whether a time was agreed, `missed` of each meeting with an
    outcome whether nobody came; `unreadable` counts looks at calendars that were in vain.

    An outcome that is corrected counts once more, as does what is attended to again after a kill.
    """

    confirmed: deque[bool] = field(default_factory=_newest)
    missed: deque[bool] = field(default_factory=_newest)
    unreadable: int = 0

    def told(self, meeting: Meeting, before: int) -> None:
        """People know of a meeting as it is now; `before` is the last version that they had been told of."""
        if meeting.first_agreed is not None:
            if before < meeting.first_agreed:
                self.confirmed.append(True)
        elif not meeting.live:
            self.confirmed.append(False)
        if (missed := _OUTCOMES.get(meeting.state)) is not None:
            self.missed.append(missed)

    def take(self) -> Figures:
        """What was kept since the last time."""
        taken = Figures(self.confirmed.copy(), self.missed.copy(), self.unreadable)
        self.confirmed.clear()
        self.missed.clear()
        self.unreadable = 0
        return taken
