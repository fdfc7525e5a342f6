"""What came of meetings, kept until somebody measures it."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.figure import Counted, Counts, Series

MOST = 10_000
"""Where nobody takes figures, the newest of each kind are kept and the others forgotten."""

_OUTCOMES = {MeetingState.HELD: False, MeetingState.NO_SHOW: True}
_AGREED = {True: Counted.AGREED, False: Counted.NOT_AGREED}
_MISSED = {True: Counted.NO_SHOW, False: Counted.HELD}


def _newest() -> deque[bool]:
    return deque(maxlen=MOST)


@dataclass(slots=True)
class Figures:
    """`confirmed` says of each proposal that came to an end whether a time was agreed, `missed` of each meeting with an
    outcome whether nobody came; `unreadable` counts looks at calendars that were in vain. `counts` are the same by
    campaign.

    An outcome that is corrected counts once more, as does what is attended to again after a kill.
    """

    confirmed: deque[bool] = field(default_factory=_newest)
    missed: deque[bool] = field(default_factory=_newest)
    unreadable: int = 0
    _by_campaign: Counter[Series] = field(default_factory=Counter)

    @property
    def counts(self) -> Counts:
        """What was kept, as counts."""
        looks = {Series(name=Counted.UNREADABLE): self.unreadable} if self.unreadable else {}
        return {**self._by_campaign, **looks}

    def told(self, meeting: Meeting, before: int) -> None:
        """People know of a meeting as it is now; `before` is the last version that they had been told of."""
        if meeting.first_agreed is not None:
            if before < meeting.first_agreed:
                self._confirmed(meeting, agreed=True)
        elif not meeting.live:
            self._confirmed(meeting, agreed=False)
        if (missed := _OUTCOMES.get(meeting.state)) is not None:
            self.missed.append(missed)
            self._count(meeting, _MISSED[missed])

    def take(self) -> Figures:
        """What was kept since the last time."""
        taken = Figures(self.confirmed.copy(), self.missed.copy(), self.unreadable, self._by_campaign.copy())
        self.confirmed.clear()
        self.missed.clear()
        self._by_campaign.clear()
        self.unreadable = 0
        return taken

    def _confirmed(self, meeting: Meeting, *, agreed: bool) -> None:
        self.confirmed.append(agreed)
        self._count(meeting, _AGREED[agreed])

    def _count(self, meeting: Meeting, what: Counted) -> None:
        self._by_campaign[Series(campaign_id=meeting.campaign_id or "", name=what)] += 1
