"""`disparo slots` and `disparo why-slot`: when a meeting may begin, and why not at another time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from disparo.domain.errors import InputError
from disparo.domain.place import Place
from disparo.entrypoints.cli.at_desk import at_desk
from disparo.entrypoints.cli.meeting_items import slot_item
from disparo.entrypoints.cli.moments import dated, in_zone, parse_edge, parse_instant
from disparo.entrypoints.cli.options import FromDay, ToDay, TypeId, checked_zone
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.words.agenda_sentences import slot_words
from disparo.usecases.agenda.why import SlotExplanation
from disparo.usecases.agenda.why import why_slot as explain

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.agenda.availability import SlotDecision
    from disparo.domain.agenda.slot import Slot

USUAL_SPAN = timedelta(days=7)

ForContact = Annotated[
    str | None, Parameter(name="--contact", help="Para este contato: seu fuso, seu horário, seus feriados.")
]
PlaceZone = Annotated[
    str | None, Parameter(name="--zone", help="Para alguém neste fuso, como America/Manaus; também o das horas.")
]


async def slots(
    type_: TypeId,
    /,
    *,
    from_: FromDay = None,
    to: ToDay = None,
    contact: ForContact = None,
    zone: PlaceZone = None,
    session: GivenSession,
) -> None:
    """The times that could be booked now, by day."""
    async with at_desk(session) as app:
        now = app.clock.now()
        place, clock = await _place(session, app, contact, zone)
        start_at = parse_edge(from_, clock, "--from") or now
        end_at = parse_edge(to, clock, "--to", last=True) or max(start_at, now) + USUAL_SPAN
        found = await app.desk.slots(type_, place, start_at, end_at, now)
    if session.out.terminal:
        _tell_days(session, found, clock)
        return
    items = [slot_item(number, one, clock) for number, one in enumerate(found, start=1)]
    session.out.listing(items, {"start_at": "começa", "end_at": "termina", "hosts": "anfitriões"}, empty=_EMPTY)


_EMPTY = "nenhum horário livre (veja por que: disparo why-slot)"


async def _place(session: Session, app: App, contact_id: str | None, zone: str | None) -> tuple[Place | None, str]:
    """Where the contact is whose rules hold, if any do, and on which clock times are told."""
    if contact_id is not None and zone is not None:
        raise InputError("escreva --contact ou --zone, não os dois")
    if checked_zone(zone) is not None:
        return Place(str(zone)), str(zone)
    if contact_id is None:
        return None, session.zone
    place = (await app.store.contacts.get(contact_id)).place or Place(session.zone)
    return place, place.zone


def _tell_days(session: Session, found: Sequence[Slot], zone: str) -> None:
    clock = ZoneInfo(zone)
    if not found:
        session.out.note(_EMPTY)
        return
    times = [slot.start_at.astimezone(clock) for slot in found]
    for day, at in groupby(times, key=lambda at: dated(at).rpartition(" ")[0]):
        session.out.line(f"{day}  {' '.join(f'{one:%H:%M}' for one in at)}")
    session.out.line(f"(horas de {zone})")


async def why_slot(
    type_: TypeId,
    time: Annotated[str, Parameter(name="TIME", help="Data e hora, como 2026-11-24T14:00; com fuso, ...-03:00.")],
    /,
    *,
    host: Annotated[str | None, Parameter(name="--host", help="Só este anfitrião.")] = None,
    contact: ForContact = None,
    zone: PlaceZone = None,
    session: GivenSession,
) -> None:
    """Which rule refuses a meeting at a time, host by host."""
    async with at_desk(session) as app:
        place, clock = await _place(session, app, contact, zone)
        start_at = parse_instant(time, clock, "TIME")
        found = await explain(app.store.hosts, app.desk, type_, place, start_at, app.clock.now(), host_id=host)
    items = [_item(one, clock) for one in found.decisions]
    if session.out.json:
        at = in_zone(start_at, clock)
        session.out.document({"type": type_, "start_at": at, "bookable": found.bookable, "hosts": items})
    elif session.out.terminal:
        _tell(session, found, start_at, clock)
    else:
        columns = ("host", "reason", "detail", "until")
        session.out.table(items, {key: key for key in columns})


def _item(decision: SlotDecision, zone: str) -> Mapping[str, object]:
    return {
        "host": decision.host_id,
        "reason": Code(decision.reason),
        "detail": decision.detail,
        "until": in_zone(decision.until, zone),
    }


def _tell(session: Session, found: SlotExplanation, start_at: datetime, zone: str) -> None:
    clock = ZoneInfo(zone)
    may = "pode ser marcada" if found.bookable else "não pode ser marcada"
    session.out.line(f"{found.type.title}, {dated(start_at.astimezone(clock))} ({zone}): {may}")
    for one in found.decisions:
        host = found.hosts.get(one.host_id)
        until = f" (até {dated(one.until.astimezone(clock))})" if one.until else ""
        session.out.line(f"  {host.name if host else one.host_id}: {slot_words(one)}{until}")
