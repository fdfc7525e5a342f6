"""Meetings: the list, and one with everything that belongs to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from disparo.domain.agenda.host import Host
from disparo.domain.agenda.keeping import hosts_of
from disparo.domain.agenda.meeting import Meeting, MeetingState
from disparo.domain.agenda.notice import TO_HOST
from disparo.domain.message import MessageState
from disparo.engine.agenda.briefings import Briefings
from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.words import words
from disparo.entrypoints.words.agenda_sentences import NOTICES
from disparo.ports.agenda import MeetingFilter, hosts_by_id
from disparo.ports.contacts import known_contact, name_of
from disparo.ports.links import guest_url
from disparo.usecases.agenda.history import MeetingHistory, history
from disparo.usecases.agenda.story import Happened, Happening, story, to_come, why_void

PATH = "/console/meetings"
PAGE = 50
UPCOMING, PAST, EVERY = "upcoming", "past", "every"
Text = Annotated[str, Query(max_length=60)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A meeting in the list."""

    meeting: Meeting
    name: str
    hosts: str
    title: str


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice on a meeting's page: `state` is `planned` while nobody entered it, `void` why it will not go."""

    text: str
    to: str
    channel: str
    state: str
    at: datetime | None
    reason: str
    message_id: str


def router(console: Console) -> APIRouter:
    """The routes."""
    routes = APIRouter(prefix=PATH)
    house = console.house

    @routes.get("", name="meetings.pages")
    async def list_(
        request: Request,
        state: Text = "",
        host: Text = "",
        type_: Annotated[str, Query(alias="type", max_length=40)] = "",
        contact: Text = "",
        when: Text = EVERY,
        after: Text = "",
    ) -> Response:
        now = house.clock.now()
        wanted = MeetingFilter(
            frozenset({MeetingState(state)}) if state in {*MeetingState} else None,
            host or None,
            type_ or None,
            contact or None,
            from_at=now if when == UPCOMING else None,
            to_at=now if when == PAST else None,
        )
        found = await house.store.meetings.page(wanted, after or None, PAGE + 1)
        hosts, types = await hosts_by_id(house.store.hosts), {one.id: one for one in await house.store.hosts.types()}
        contacts = await asyncio.gather(*(known_contact(house.store.contacts, one.contact_id) for one in found[:PAGE]))
        listed = [
            Listed(one, name_of(person), _names(one, hosts), types[one.type_id].title if one.type_id in types else "")
            for one, person in zip(found[:PAGE], contacts, strict=True)
        ]
        return console.page(
            request,
            "agenda/meetings.html",
            meetings=listed,
            after=found[PAGE - 1].id if len(found) > PAGE else None,
            chosen={"state": state, "host": host, "type": type_, "when": when, "contact": contact},
            choices={
                "state": [(str(one), words(one, console.words(request).gettext)) for one in MeetingState],
                "host": [(one.id, one.name) for one in hosts.values()],
                "type": [(one.id, one.title) for one in types.values()],
            },
            types=types,
        )

    @routes.get("/{meeting_id}", name="meetings.page")
    async def show(request: Request, meeting_id: str) -> Response:
        found = await history(house.store, meeting_id)
        hosts = await hosts_by_id(house.store.hosts)
        now, meeting = house.clock.now(), found.meeting
        return console.page(
            request,
            "agenda/meeting.html",
            found=found,
            meeting=meeting,
            name=name_of(found.contact),
            hosts=[hosts[one] for one in hosts_of(meeting) if one in hosts],
            host_names={one.id: one.name for one in hosts.values()},
            others=_others(found, hosts),
            notices=_notices(console, found, now),
            story=[one for one in story(found) if one.what is not Happened.NOTICE or _worth(one)],
            notice_words=NOTICES,
            briefing=await _briefing(console, found, hosts),
            guest=guest_url(house.links, meeting),
            begun=meeting.slot is not None and meeting.slot.start_at <= now,
            over=meeting.slot is not None and meeting.slot.end_at <= now,
        )

    return routes


def _names(meeting: Meeting, hosts: Mapping[str, Host]) -> str:
    return ", ".join(hosts[one].name if one in hosts else one for one in hosts_of(meeting))


def _others(found: MeetingHistory, hosts: Mapping[str, Host]) -> Sequence[Host]:
    """Who could take a meeting over: first whoever gives its type."""
    team = found.type.hosts if found.type is not None else ()
    free = [one for one in hosts.values() if one.active and found.meeting.hosts != (one.id,)]
    return sorted(free, key=lambda one: (one.id not in team, one.name))


def _worth(one: Happening) -> bool:
    """Whether a notice is worth a line of the past: it went. What ended otherwise stands among the notices."""
    return one.notice is not None and one.notice.row.state not in (MessageState.CANCELLED, MessageState.EXPIRED)


def _notices(console: Console, found: MeetingHistory, now: datetime) -> Sequence[NoticeLine]:
    lines = []
    for one in found.notices:
        void = why_void(found.meeting, one, now)
        row = one.row
        at = row.due_at if row.state is MessageState.DUE else row.changed_at
        lines.append(
            NoticeLine(
                NOTICES[one.step.kind],
                name_of(one.contact),
                str(row.channel),
                str(row.state),
                at,
                void or row.reason,
                str(row.id),
            )
        )
    names = {True: ", ".join(one.name for one in found.hosts.values()), False: name_of(found.contact)}
    for planned in to_come(found, console.house.settings.hours(), now):
        kind = planned.step.kind
        lines.append(NoticeLine(NOTICES[kind], names[kind in TO_HOST], "", "planned", planned.due_at, "", ""))
    return sorted(lines, key=lambda line: (line.at is None, line.at))


async def _briefing(console: Console, found: MeetingHistory, hosts: Mapping[str, Host]) -> str:
    """What the host is told before it; "" where nothing is agreed."""
    from disparo.bootstrap import renderer

    if found.type is None or found.meeting.slot is None:
        return ""
    house = console.house
    written = Briefings(house.store, renderer(), None, house.wording)
    language = found.hosts[found.meeting.hosts[0]].language if found.meeting.hosts[0] in found.hosts else "pt"
    text, _ = await written.written(found.meeting, found.type, hosts, found.contact, language)
    return text
