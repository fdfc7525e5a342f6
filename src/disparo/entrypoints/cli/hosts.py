"""`disparo hosts ...`: who gives meetings, of which types, and when they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from disparo.domain.agenda.host import Block
from disparo.domain.agenda.host_document import host_document
from disparo.domain.agenda.type_document import type_document
from disparo.domain.errors import InputError
from disparo.entrypoints.cli.at_desk import at_desk
from disparo.entrypoints.cli.faults import ExitCode
from disparo.entrypoints.cli.moments import in_zone
from disparo.entrypoints.cli.options import HostId
from disparo.entrypoints.cli.printing import Code, human
from disparo.entrypoints.cli.session import GivenSession
from disparo.entrypoints.words import words
from disparo.ports.links import feed_url
from disparo.usecases.agenda import hosting
from disparo.usecases.agenda.times import busy_of

if TYPE_CHECKING:
    from disparo.domain.agenda.calendar_event import BusyTimes
    from disparo.domain.agenda.host import CalendarRef, DayLimits, Host
    from disparo.domain.agenda.meeting_type import MeetingType
    from disparo.domain.policies.business_hours import DailyHours


async def list_(*, session: GivenSession) -> None:
    """Every host."""
    with session.open() as app:
        items = [_host_item(one) for one in await app.store.hosts.hosts()]
    columns = {
        "id": "id", "name": "nome", "timezone": "fuso", "email": "e-mail", "kind": "calendário", "active": "ativo",
    }  # fmt: skip
    shown = [{**one, "kind": Code(one["calendar"]["kind"])} for one in items]
    session.out.listing(items if session.out.json else shown, columns, empty="nenhum anfitrião (disparo hosts load)")


def _host_item(host: Host) -> dict[str, Any]:
    """A host as JSON: its document, its blocks on its own clock."""
    blocks = [
        {**_block_item(block, host.place.zone), "number": number} for number, block in enumerate(host.blocks, start=1)
    ]
    return {**host_document(host), "blocks": blocks, "revision": host.revision}


def _block_item(block: Block, zone: str) -> dict[str, object]:
    return {
        "start_at": in_zone(block.start_at, zone),
        "end_at": in_zone(block.end_at, zone),
        "label": block.label,
    }


async def show(host: HostId, /, *, session: GivenSession) -> None:
    """One host, its blocks and the types of meetings that it gives."""
    with session.open() as app:
        found = await app.store.hosts.host(host)
        types = [one.id for one in await app.store.hosts.types() if host in one.hosts]
    item = {**_host_item(found), "types": types}
    out = session.out
    if out.json:
        out.document(item)
        return
    titles = {
        "id": "id", "name": "nome", "timezone": "fuso", "region": "região", "email": "e-mail", "phone": "telefone",
        "calendar": "calendário", "limits": "limites", "language": "língua", "active": "ativo", "types": "tipos",
        "hours": "horário",
    }  # fmt: skip
    if out.terminal:
        hours = hours_words(found.hours.daily_in(found.place.zone))
        item |= {"hours": hours, "calendar": _calendar_words(found.calendar), "limits": _limits_words(found.limits)}
    out.details({**item, "types": types or None}, titles)
    if found.blocks:
        out.line()
        out.table(item["blocks"], {"number": "nº", "start_at": "de", "end_at": "até", "label": "motivo"})


_WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")


def hours_words(daily: DailyHours) -> str:
    """`seg ter qua qui sex 09:00-18:00, almoço 12:00-13:30`."""
    document = daily.to_document()
    days = " ".join(_WEEKDAYS[day - 1] for day in sorted(daily.working_days))
    lunch = document["lunchBreak"]
    pause = f", almoço {lunch['start']}-{lunch['end']}" if isinstance(lunch, dict) else ""
    return f"{days} {document['startTime']}-{document['endTime']}{pause}"


def _calendar_words(calendar: CalendarRef) -> str:
    parts = [words(calendar.kind), calendar.name, f"segredo {calendar.secret}" if calendar.secret else ""]
    return ", ".join(part for part in parts if part)


def _limits_words(limits: DayLimits) -> str:
    parts = [(limits.per_day, "por dia"), (limits.per_week, "por semana")]
    return ", ".join(f"{most} {window}" for most, window in parts if most is not None)


async def types(
    type_: Annotated[str | None, Parameter(name="TYPE", help="Um tipo; sem ele, uma lista.")] = None,
    /,
    *,
    session: GivenSession,
) -> None:
    """Every type of meeting, or one with all its rules."""
    with session.open() as app:
        found = await app.store.hosts.types() if type_ is None else [await app.store.hosts.type(type_)]
        links = {one.id: app.links.type_url(one.id) if one.public else None for one in found}
    items = [_type_item(one, links[one.id]) for one in found]
    if type_ is None:
        columns = {
            "id": "id", "title": "título", "hosts": "anfitriões", "assignment": "escolha", "duration": "duração",
            "active": "ativo", "url": "página pública",
        }  # fmt: skip
        session.out.listing(items, columns, empty="nenhum tipo de reunião (disparo hosts load)")
    elif session.out.json:
        session.out.document(items[0])
    else:
        item = {**items[0], "messages": sorted(items[0]["messages"]) or None}
        if session.out.terminal:
            item |= {"contact_hours": hours_words(found[0].contact_hours.default)}
            item |= {"reminder_outside": Code(found[0].reminder_outside)}
        session.out.details(item, _TYPE_TITLES)


_TYPE_TITLES = {
    "id": "id", "title": "título", "hosts": "anfitriões", "assignment": "escolha", "duration": "duração",
    "buffer_before": "livre antes", "buffer_after": "livre depois", "grid": "grade", "min_notice": "antecedência",
    "horizon": "até daqui a", "contact_hours": "horário do contato", "contact_holidays": "pula feriados do contato",
    "offers": "horários oferecidos", "answer_within": "reservados por", "max_proposals": "propostas",
    "max_reschedules": "remarcações", "latest_change": "remarca até", "reminders": "lembretes",
    "reminder_outside": "lembrete fora do horário", "no_show_after": "depois de uma falta",
    "briefing_before": "resumo", "location": "onde", "description": "descrição", "online": "videochamada",
    "public": "pública", "url": "página pública", "active": "ativo", "messages": "textos próprios",
}  # fmt: skip


def _type_item(one: MeetingType, url: str | None) -> dict[str, Any]:
    return {**type_document(one), "assignment": Code(one.assignment), "url": url, "revision": one.revision}


async def block(
    host: HostId,
    start: Annotated[str, Parameter(name="START", help="O primeiro dia, ou data e hora, no fuso do anfitrião.")],
    end: Annotated[str, Parameter(name="END", help="O último dia, ele inclusive, ou data e hora.")],
    /,
    *,
    label: Annotated[str, Parameter(name="--label", help="Motivo, como férias.")] = "",
    session: GivenSession,
) -> None:
    """Take a time out of a host's agenda; what is agreed in it stands."""
    with session.open() as app:
        done = await hosting.block(app.store.hosts, app.store.meetings, host, start, end, label)
    found = done.host
    item = _block_item(done.block, found.place.zone)
    what = "já estava bloqueado" if done.known else "bloqueado"
    session.out.done(
        f"{found.name}: {what} de {human(item['start_at'])} até {human(item['end_at'])} ({found.place.zone})",
        {"host": host, "changed": not done.known, **item, "meetings": [one.id for one in done.meetings]},
    )
    if done.meetings:
        ids = ", ".join(one.id for one in done.meetings)
        session.out.note(f"aviso: continuam marcadas nesse tempo: {ids} (disparo meetings reschedule ID)")


async def unblock(
    host: HostId,
    start: Annotated[str, Parameter(name="START", help="Quando o bloqueio começa (veja: disparo hosts show).")],
    /,
    *,
    session: GivenSession,
) -> None:
    """Give back a time that was blocked."""
    with session.open() as app:
        found, gone = await hosting.unblock(app.store.hosts, host, start)
    items = [_block_item(one, found.place.zone) for one in gone]
    session.out.done(f"{found.name}: {len(gone)} bloqueio retirado", {"host": host, "removed": items})


async def feed(host: HostId, /, *, session: GivenSession) -> None:
    """The secret link of a host's meetings, for calendar programs to subscribe to."""
    with session.open() as app:
        found = await app.store.hosts.host(host)
        url = feed_url(app.links, found.id, found.feed_link)
    if url is None:
        raise InputError("public_url: falta o endereço público, sem o qual não há links (veja docs/settings.md)")
    session.out.done(url, {"host": host, "url": url})
    session.out.note("quem tem este link vê as reuniões; não o publique")


async def check(
    host: Annotated[str | None, Parameter(name="HOST", help="Um anfitrião; sem ele, todos.")] = None,
    /,
    *,
    session: GivenSession,
) -> int:
    """Ask each host's calendar for the next week; exit code 2 when one cannot be read."""
    async with at_desk(session) as app:
        hosts = await app.store.hosts.hosts() if host is None else [await app.store.hosts.host(host)]
        now = app.clock.now()
        until = now + hosting.LOOKED_AHEAD
        items = [_read_item(one, await busy_of(app.calendars, one, now, until)) for one in hosts]
    columns = {
        "host": "anfitrião", "calendar": "calendário", "readable": "legível", "busy": "ocupados", "fault": "falha",
        "detail": "detalhe",
    }  # fmt: skip
    session.out.listing(items, columns, empty="nenhum anfitrião (disparo hosts load)")
    return ExitCode.OK if all(one["readable"] for one in items) else ExitCode.INPUT


def _read_item(host: Host, found: BusyTimes) -> dict[str, object]:
    return {
        "host": host.id,
        "calendar": Code(host.calendar.kind),
        "readable": found.readable,
        "busy": len(found.busy),
        "fault": Code(found.fault),
        "detail": found.detail,
        "needs_access": found.auth,
    }
