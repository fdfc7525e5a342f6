"""The engine's agenda, wired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from disparo.engine.agenda.attend import Attend
from disparo.engine.agenda.briefings import Briefings
from disparo.engine.agenda.calendar_outbox import CalendarOutbox
from disparo.engine.agenda.composing import NoticeComposer
from disparo.engine.agenda.notices import Notices
from disparo.engine.agenda.parts import AgendaParts
from disparo.engine.agenda.replies import MeetingReplies
from disparo.engine.agenda.watch import CalendarWatch
from disparo.ports.events import Events
from disparo.ports.links import Links
from disparo.ports.renderer import Renderer
from disparo.ports.store import Store


@dataclass(frozen=True, slots=True)
class OwnAgenda:
    """Everything about meetings that happens by itself."""

    composer: NoticeComposer
    replies: MeetingReplies
    attend: Attend
    watch: CalendarWatch

    @classmethod
    def build(
        cls, store: Store, renderer: Renderer, links: Links | None, parts: AgendaParts, events: Events | None = None
    ) -> Self:
        """Wire it over a store; without `events` no other program is told of meetings."""
        notices = Notices(store, parts.hours)
        briefings = Briefings(store, renderer, links, parts.wording)
        return cls(
            NoticeComposer(store, renderer, links, briefings, parts),
            MeetingReplies(store, parts.desk, notices),
            Attend(store, notices, CalendarOutbox(store, parts, briefings), parts.desk, parts.figures, events),
            CalendarWatch(store, parts, notices),
        )
