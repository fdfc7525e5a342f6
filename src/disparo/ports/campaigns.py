"""Where campaigns are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from disparo.domain.campaign import Campaign, CampaignEvent, CampaignState
from disparo.domain.webhook_delivery import Delivery


@dataclass(frozen=True, slots=True)
class Tally:
    """How many messages of a step stand in a state for a reason; kept with each change, so that nothing is counted.

    Where rows and counters are not written in one act, a kill leaves the counters behind until `conclude` puts them
    right; they are for people to look at, and decide nothing that cannot wait.

    Besides the states of messages there are the names of events that were noted on them, such as `replied`.
    """

    step: int
    state: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class HourTally:
    """How often something happened to messages of a step in the hour that began at `hour_at` (UTC).

    Kept with each change, never taken back; what was before this was kept is missing. `event` is a
    `domain.hourly.HourlyEvent`, or the name of an event that was noted on them, such as `replied`. Where rows and
    counters are not written in one act, what a kill left uncounted stays so.
    """

    hour_at: datetime
    step: int
    event: str
    count: int


Telling = Callable[[Campaign, CampaignEvent], Sequence[Delivery]]
"""What other programs are told when a campaign is moved from where it stands by an event. It may be asked again."""


class Campaigns(Protocol):
    """Keeps campaigns by name; every change raises the store's revision, so that workers look again."""

    async def add(self, campaign: Campaign) -> Campaign:
        """Keep a draft and give it its id; InputError when the name is taken."""
        ...

    async def get(self, name: str) -> Campaign:
        """The campaign of this name or id; NotFoundError when there is none."""
        ...

    async def all(self) -> Sequence[Campaign]:
        """Every campaign, newest first."""
        ...

    async def page(
        self, after: str | None, limit: int, *, states: frozenset[CampaignState] | None = None
    ) -> Sequence[Campaign]:
        """At most `limit` campaigns, newest first, from behind the id `after`; of these states only."""
        ...

    async def live(self) -> Sequence[Campaign]:
        """Those that have started and have not all their messages settled, cancelled ones included."""
        ...

    async def replace(self, campaign: Campaign) -> Campaign:
        """Change hours, limits, templates, waits and variables while it runs, from the next claim on.

        InputError when steps were added, removed or moved to another channel after the start.
        """
        ...

    async def apply(
        self, campaign_id: str, event: CampaignEvent, now: datetime, telling: Telling | None = None
    ) -> Campaign:
        """Move the campaign through its lifecycle; TransitionError when the event is refused. One write.

        What is to be told of it is kept in that write, or neither is.
        """
        ...

    async def conclude(self, campaign_id: str, now: datetime, telling: Telling | None = None) -> bool:
        """End a campaign of which no message is open: one that runs is completed, a cancelled one no longer live.

        False when a message is open (a dead letter was sent again meanwhile), when it was not launched to its end, or
        when another worker was faster: the campaign is as it was then. Decided by the messages, whatever counters say,
        which may read them all: ask when the counters show nothing open. What is to be told of one that is completed
        is kept in the same write. NotFoundError.
        """
        ...

    async def tally(self, campaign_id: str) -> Sequence[Tally]:
        """The campaign's counters."""
        ...

    async def tallies(self, campaign_ids: Sequence[str]) -> Mapping[str, Sequence[Tally]]:
        """The counters of each of these campaigns, in one read; empty for one that there is not."""
        ...

    async def hours(
        self, campaign_id: str, from_at: datetime | None = None, to_at: datetime | None = None
    ) -> Sequence[HourTally]:
        """What happened in each hour that began at `from_at` or later, and before `to_at`: in order of hour, step and
        event, hours and events of which there was nothing left out."""
        ...
