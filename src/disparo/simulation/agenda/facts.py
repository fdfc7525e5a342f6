"""What really happened to meetings, noted outside of the program: revisions in the order in which they were written.

Each belongs to the act at the desk that made it, and that to what was seen in the calendars for it, and to the reply
that asked for it. `order` is that of all facts of a world (`Facts.next`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.meeting import Meeting
from disparo.domain.agenda.meeting_type import MeetingType
from disparo.domain.intervals import Interval


@dataclass(frozen=True, slots=True)
class Look:
    """What a calendar said of the time between two instants."""

    start_at: datetime
    end_at: datetime
    busy: tuple[Interval, ...]
    fault: str


@dataclass(slots=True)
class Act:
    """One call of the desk: what was asked, and what it saw last in each host's calendar."""

    process: str
    name: str
    args: tuple[Any, ...]
    named: Mapping[str, Any]
    looks: dict[str, Look] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} by {self.process}"


ACT: ContextVar[Act | None] = ContextVar("ACT", default=None)
"""The act that is under way here."""

SAID: ContextVar[str | None] = ContextVar("SAID", default=None)
"""The reply that is being acted upon here."""


def of_nobody() -> Context:
    """What begins here is part of no act and of no reply."""
    context = copy_context()
    context.run(ACT.set, None)
    context.run(SAID.set, None)
    return context


@dataclass(frozen=True, slots=True)
class Revision:
    """A meeting as it was written; `now` is what its writer took the time to be."""

    order: int
    at_s: float
    now: datetime
    meeting: Meeting
    act: Act | None
    said: str | None


@dataclass(slots=True)
class AgendaFacts:
    """The whole truth about the meetings of a world."""

    hosts: Mapping[str, Host]
    types: Mapping[str, MeetingType]
    revisions: dict[str, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    done_by: dict[str, list[Revision]] = field(default_factory=lambda: defaultdict(list))
    """What each reply has changed."""
    wishes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The meetings that each wish has led to."""
    said_yes: dict[tuple[str, str], str] = field(default_factory=dict)
    """Who (contact, campaign) answered a step that offers times with a yes that was taken to its end."""
    left_open: set[str] = field(default_factory=set)
    """Meetings that changed when everything was told to stop: whoever begins anew attends to them."""
    acts: list[Act] = field(default_factory=list)
    """Those that are harmless to repeat."""

    def latest(self, meeting_id: str) -> Meeting | None:
        """A meeting as it stands."""
        known = self.revisions.get(meeting_id)
        return known[-1].meeting if known else None

    def at(self, meeting_id: str, order: int) -> Meeting | None:
        """A meeting as it stood then."""
        known = [one.meeting for one in self.revisions.get(meeting_id, ()) if one.order < order]
        return known[-1] if known else None

    def all(self) -> list[Meeting]:
        """Every meeting as it stands."""
        return [known[-1].meeting for known in self.revisions.values() if known]
