"""The document of a type of meeting: a `[[types]]` table of the agenda's file, and the JSON that stores keep.

`docs/agenda.md` tells every key. Durations are written `30m`, `24h` or `2d` (of 24 hours).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from disparo.domain.agenda.host_document import read_hours, read_id
from disparo.domain.agenda.meeting_type import (
    FARTHEST,
    LONGEST,
    LONGEST_BUFFER,
    MOST_HOSTS_TOGETHER,
    MOST_OFFERS,
    SHORTEST,
    WAKING_HOURS,
    Assignment,
    MeetingType,
    OutsideHours,
)
from disparo.domain.agenda.notice import NO_SHOWS, REMINDERS
from disparo.domain.agenda.notice_document import read_messages, template_document
from disparo.domain.document_table import DocumentTable, read_label
from disparo.domain.durations import duration_text, parse_duration
from disparo.domain.errors import InputError

TYPE_KEYS = (
    *("id", "title", "hosts", "assignment", "duration", "buffer_before", "buffer_after", "grid", "min_notice"),
    *("horizon", "contact_hours", "contact_holidays", "offers", "answer_within", "max_proposals", "max_reschedules"),
    *("latest_change", "reminders", "reminder_outside", "no_show_after", "briefing_before", "location", "description"),
    *("online", "public", "active", "messages"),
)

MOST_PROPOSALS, MOST_RESCHEDULES = 20, 20
LONGEST_ANSWER = timedelta(days=30)
FARTHEST_NOTICE = timedelta(days=30)
"""How far from a meeting reminders, briefings and new times after a missed one lie at most."""

LOCATION_LIMIT, DESCRIPTION_LIMIT = 500, 4_000
_DAY, _ZERO, _MINUTE = timedelta(days=1), timedelta(0), timedelta(minutes=1)
_USUAL = MeetingType("", "", ())


def parse_type(document: Mapping[str, object]) -> MeetingType:
    """Read one type, at revision 0. InputError with one line per fault; whether its hosts exist is not looked at."""
    faults: list[str] = []
    meeting_type = read_type(document, faults, "")
    if meeting_type is None:
        raise InputError("\n".join(faults))
    return meeting_type


def read_type(values: Mapping[str, object], faults: list[str], place: str) -> MeetingType | None:
    """The type that a table at this place tells; None, with its faults noted, when it is wrong."""
    known = len(faults)
    table = DocumentTable(values, TYPE_KEYS, faults, place)
    type_id = read_id(table)
    assignment = table.choice("assignment", Assignment) or _USUAL.assignment
    meeting_type = MeetingType(
        id=type_id,
        title=_title(table),
        hosts=_hosts(table, assignment),
        assignment=assignment,
        duration=_duration(table, "duration", SHORTEST, LONGEST),
        buffer_before=_duration(table, "buffer_before", _ZERO, LONGEST_BUFFER),
        buffer_after=_duration(table, "buffer_after", _ZERO, LONGEST_BUFFER),
        grid=_duration(table, "grid", SHORTEST, _DAY),
        min_notice=_duration(table, "min_notice", _ZERO, FARTHEST),
        horizon=_duration(table, "horizon", SHORTEST, FARTHEST),
        contact_hours=read_hours(table, "contact_hours", place, WAKING_HOURS.to_document()) or WAKING_HOURS,
        contact_holidays=table.flag("contact_holidays", _USUAL.contact_holidays),
        offers=_whole(table, "offers", 1, MOST_OFFERS),
        answer_within=_duration(table, "answer_within", SHORTEST, LONGEST_ANSWER),
        max_proposals=_whole(table, "max_proposals", 1, MOST_PROPOSALS),
        max_reschedules=_whole(table, "max_reschedules", 0, MOST_RESCHEDULES),
        latest_change=_duration(table, "latest_change", _ZERO, FARTHEST),
        reminders=_moments(table, "reminders", len(REMINDERS), falling=True),
        reminder_outside=table.choice("reminder_outside", OutsideHours) or _USUAL.reminder_outside,
        no_show_after=_moments(table, "no_show_after", len(NO_SHOWS), falling=False),
        briefing_before=_duration(table, "briefing_before", _ZERO, FARTHEST_NOTICE),
        location=_prose(table, "location", LOCATION_LIMIT),
        description=_prose(table, "description", DESCRIPTION_LIMIT),
        online=table.flag("online", _USUAL.online),
        public=table.flag("public", _USUAL.public),
        active=table.flag("active", _USUAL.active),
        messages=read_messages(table, type_id, place),
    )
    if len(faults) == known:
        _check_reach(meeting_type, table)
    return meeting_type if len(faults) == known else None


def type_document(meeting_type: MeetingType) -> dict[str, Any]:
    """A type as JSON values, every default written out; `parse_type` reads back the same one, at revision 0.

    Raises ValueError for durations that are not of whole minutes (those that were read always are).
    """
    one = meeting_type
    document: dict[str, Any] = {
        "id": one.id,
        "title": one.title,
        "hosts": list(one.hosts),
        "assignment": one.assignment.value,
        "duration": duration_text(one.duration),
        "buffer_before": duration_text(one.buffer_before),
        "buffer_after": duration_text(one.buffer_after),
        "grid": duration_text(one.grid),
        "min_notice": duration_text(one.min_notice),
        "horizon": duration_text(one.horizon),
        "contact_hours": one.contact_hours.to_document(),
        "contact_holidays": one.contact_holidays,
        "offers": one.offers,
        "answer_within": duration_text(one.answer_within),
        "max_proposals": one.max_proposals,
        "max_reschedules": one.max_reschedules,
        "latest_change": duration_text(one.latest_change),
        "reminders": [duration_text(span) for span in one.reminders],
        "reminder_outside": one.reminder_outside.value,
        "no_show_after": [duration_text(span) for span in one.no_show_after],
        "briefing_before": duration_text(one.briefing_before),
        "online": one.online,
        "public": one.public,
        "active": one.active,
        "messages": {kind.value: template_document(template) for kind, template in one.messages.items()},
    }
    texts = {"location": one.location, "description": one.description}
    return document | {key: text for key, text in texts.items() if text}


def _title(table: DocumentTable) -> str:
    if "title" not in table:
        table.refuse("title", 'escreva o que a pessoa vê, como title = "Demonstração de 30 minutos"')
    return read_label(table, "title") or ""


def _hosts(table: DocumentTable, assignment: Assignment) -> tuple[str, ...]:
    names = table.raw("hosts")
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        table.refuse("hosts", 'escreva os ids dos anfitriões, como hosts = ["ana", "bruno"]')
        return ()
    if len(set(names)) < len(names):
        table.refuse("hosts", "um anfitrião está duas vezes; deixe cada um uma vez só")
    if assignment is Assignment.TOGETHER and len(names) > MOST_HOSTS_TOGETHER:
        table.note("hosts", f'são {len(names)}; com assignment = "together" cabem {MOST_HOSTS_TOGETHER}')
    return tuple(names)


def _duration(table: DocumentTable, key: str, least: timedelta, most: timedelta) -> timedelta:
    usual: timedelta = getattr(_USUAL, key)
    span = table.read(key, parse_duration)
    if span is not None and not least <= span <= most:
        table.refuse(key, _range(least, most))
        return usual
    return usual if span is None else span


def _whole(table: DocumentTable, key: str, least: int, most: int) -> int:
    usual: int = getattr(_USUAL, key)
    amount = table.whole(key, least, most)
    return usual if amount is None else amount


def _moments(table: DocumentTable, key: str, most: int, *, falling: bool) -> tuple[timedelta, ...]:
    """Durations in order: reminders from the farthest on, what follows a missed meeting from the nearest."""
    if key not in table:
        usual: tuple[timedelta, ...] = getattr(_USUAL, key)
        return usual
    texts = table.raw(key)
    if not isinstance(texts, list | tuple) or len(texts) > most or not all(isinstance(text, str) for text in texts):
        table.refuse(key, f'escreva até {most} durações entre colchetes, como ["24h", "1h"], ou [] para nenhuma')
        return ()
    try:
        spans = [parse_duration(text) for text in texts]
    except InputError as error:
        table.note(key, str(error))
        return ()
    if not all(_MINUTE <= span <= FARTHEST_NOTICE for span in spans):
        table.refuse(key, f"{_range(_MINUTE, FARTHEST_NOTICE)} em cada uma")
    elif not _in_order(spans, falling=falling):
        order = "da mais distante à mais próxima da reunião" if falling else "da menor à maior"
        table.refuse(key, f"escreva {order}, sem repetir")
    return tuple(spans)


def _in_order(spans: Sequence[timedelta], *, falling: bool) -> bool:
    return all(first > then if falling else first < then for first, then in pairwise(spans))


def _range(least: timedelta, most: timedelta) -> str:
    return f'escreva de "{duration_text(least)}" a "{duration_text(most)}"'


def _prose(table: DocumentTable, key: str, limit: int) -> str:
    text = table.text(key) or ""
    if len(text) > limit:
        table.refuse(key, f"tem {len(text)} letras; cabem {limit}")
    return text


def _check_reach(meeting_type: MeetingType, table: DocumentTable) -> None:
    """Times must lie somewhere between `min_notice` and `horizon`, or there would never be one to offer."""
    if meeting_type.min_notice >= meeting_type.horizon:
        notice, horizon = duration_text(meeting_type.min_notice), duration_text(meeting_type.horizon)
        advice = f'não vai além de min_notice = "{notice}", e nunca haveria horário; aumente horizon'
        table.note(f'horizon = "{horizon}"', advice)
