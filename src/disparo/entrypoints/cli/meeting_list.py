"""`disparo meetings list` and `disparo meetings show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from disparo.domain.agenda.meeting import MeetingState
from disparo.entrypoints.cli.meeting_items import COLUMNS, meeting_item, offer_lines
from disparo.entrypoints.cli.moments import in_zone, parse_edge
from disparo.entrypoints.cli.options import (
    After,
    FromDay,
    Limit,
    MeetingId,
    OfCampaign,
    ToDay,
    Zone,
    checked_limit,
    checked_zone,
    one_of,
    page_of,
)
from disparo.entrypoints.cli.printing import Code, human
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.words.agenda_sentences import NOTICES
from disparo.ports.agenda import MeetingFilter
from disparo.ports.contacts import known_contact, name_of
from disparo.ports.links import guest_url
from disparo.usecases.agenda.history import MeetingHistory, SentNotice, history

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.agenda.meeting import CalendarNote

OfHost = Annotated[str | None, Parameter(name="--host", help="Só deste anfitrião.")]
OfType = Annotated[str | None, Parameter(name="--type", help="Só deste tipo de reunião.")]
OfContact = Annotated[str | None, Parameter(name="--contact", help="Só deste contato.")]


async def list_(
    *,
    state: Annotated[
        tuple[str, ...], Parameter(name="--state", help="Só neste estado, como confirmed; pode ser repetida.")
    ] = (),
    host: OfHost = None,
    type_: OfType = None,
    contact: OfContact = None,
    campaign: OfCampaign = None,
    from_: FromDay = None,
    to: ToDay = None,
    zone: Zone = None,
    limit: Limit = 50,
    after: After = None,
    session: GivenSession,
) -> None:
    """Meetings, newest first; with a span of time, those that are agreed to begin in it."""
    checked_limit(limit)
    clock = checked_zone(zone) or session.zone
    parts = [part for text in state for part in text.split(",")]
    states = frozenset(one_of(MeetingState, part, "--state") for part in parts) or None
    start_at, end_at = parse_edge(from_, clock, "--from"), parse_edge(to, clock, "--to", last=True)
    with session.open() as app:
        campaign_id = await campaign_id_of(app, campaign)
        wanted = MeetingFilter(states, host, type_, contact, campaign_id, start_at, end_at)
        page, more = page_of(await app.store.meetings.page(wanted, after, limit + 1), limit)
        items = [meeting_item(one, await known_contact(app.store.contacts, one.contact_id), clock) for one in page]
    session.out.listing(items, COLUMNS, empty="nenhuma reunião", next_after=page[-1].id if more else None)
    if items and session.out.terminal:
        session.out.line(f"(horas de {clock})")


async def campaign_id_of(app: App, name: str | None) -> str | None:
    """The id of the campaign of this name; NotFoundError for one that does not exist."""
    return None if name is None else (await app.store.campaigns.get(name)).id


async def show(id_: MeetingId, /, *, zone: Zone = None, session: GivenSession) -> None:
    """One meeting with its times, its notices and what its hosts' calendars have."""
    checked_zone(zone)
    with session.open() as app:
        found = await history(app.store, id_)
        url = guest_url(app.links, found.meeting)
    clock = zone or found.meeting.place.zone
    item = meeting_item(found.meeting, found.contact, clock)
    item |= {
        "title": found.type.title if found.type else None,
        "uid": found.meeting.uid,
        "guest_url": url,
        "hosts_times": _hosts_times(found),
    }
    notices = [_notice_item(one, clock) for one in found.notices]
    calendar = [_calendar_item(one, clock) for one in found.meeting.calendar]
    if session.out.json:
        session.out.document({**item, "notices": notices, "calendar": calendar})
        return
    _tell(session, found, item, clock)
    if calendar:
        session.out.line()
        session.out.table(calendar, _CALENDAR)
    if notices:
        session.out.line()
        shown = [{**one, "kind": NOTICES[one_.step.kind]} for one, one_ in zip(notices, found.notices, strict=True)]
        session.out.table(shown if session.out.terminal else notices, _NOTICE)


_TITLES = {
    "id": "reunião", "title": "tipo", "state": "estado", "contact": "com", "contact_id": "nº do contato",
    "channel": "avisos por", "place": "lugar", "start_at": "começa", "end_at": "termina", "hosts": "anfitriões",
    "offers_until": "resposta até", "proposed_at": "proposta", "confirmed_at": "confirmada",
    "attendance_at": "disse que vem", "changed_at": "mudou", "by": "por", "reason": "motivo",
    "reschedules": "remarcada", "notes": "recado", "join_url": "videochamada", "guest_url": "link do contato",
}  # fmt: skip
_NOTICE = {
    "due_at": "quando", "kind": "aviso", "to": "para", "channel": "canal", "state": "estado", "reason": "motivo",
    "version": "versão", "id": "mensagem",
}  # fmt: skip
_CALENDAR = {
    "host": "anfitrião", "written": "versão escrita", "pending": "falta escrever", "due_at": "próxima vez",
    "fault": "falha", "faulty_since": "desde",
}  # fmt: skip


def _tell(session: Session, found: MeetingHistory, item: dict[str, object], zone: str) -> None:
    out, meeting = session.out, found.meeting
    out.details({**item, "reschedules": meeting.reschedules or None}, _TITLES)
    if not out.terminal:
        return
    out.line(f"(horas de {zone})")
    for host in _hosts_times(found):
        out.line(f"  para {host['name']}: {human(host['start_at'])} ({host['zone']})")
    if meeting.live and meeting.offers:
        out.line("horários oferecidos:")
        for line in offer_lines(meeting.offers, zone):
            out.line(line)


def _hosts_times(found: MeetingHistory) -> list[dict[str, object]]:
    """When what is agreed begins, on the clocks of its hosts."""
    slot = found.meeting.slot
    if slot is None:
        return []
    hosts = [found.hosts[name] for name in slot.hosts if name in found.hosts]
    return [
        {"host": one.id, "name": one.name, "zone": one.place.zone, "start_at": in_zone(slot.start_at, one.place.zone)}
        for one in hosts
    ]


def _notice_item(notice: SentNotice, zone: str) -> dict[str, object]:
    row = notice.row
    return {
        "id": str(row.id),
        "kind": Code(notice.step.kind),
        "version": notice.step.sequence,
        "to": name_of(notice.contact),
        "channel": Code(row.channel),
        "state": Code(row.state),
        "reason": Code(row.reason),
        "due_at": in_zone(row.due_at or row.changed_at, zone),
        "changed_at": in_zone(row.changed_at, zone),
    }


def _calendar_item(note: CalendarNote, zone: str) -> dict[str, object]:
    return {
        "host": note.host_id,
        "written": note.written,
        "pending": note.due_at is not None,
        "attempts": note.attempts,
        "due_at": in_zone(note.due_at, zone),
        "fault": Code(note.fault),
        "faulty_since": in_zone(note.faulty_since, zone),
    }
