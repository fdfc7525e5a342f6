"""`disparo meetings ...`: times offered, agreed, moved and given up, and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.person_document import iso
from disparo.domain.place import Place
from disparo.entrypoints.cli.at_desk import at_desk
from disparo.entrypoints.cli.meeting_items import offer_lines, tell_answer
from disparo.entrypoints.cli.moments import parse_instant
from disparo.entrypoints.cli.options import ContactId, HostId, MeetingId, TypeId, Zone, checked_zone, one_of
from disparo.entrypoints.cli.printing import human
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.ports.desk import Said
from disparo.usecases.agenda.wishes import wish_of

if TYPE_CHECKING:
    from disparo.bootstrap import App
    from disparo.domain.agenda.meeting import Meeting
    from disparo.ports.desk import Wish

OPERATOR = "operator"

Instant = Annotated[str, Parameter(name="TIME", help="Data e hora, como 2026-11-24T14:00; com fuso, ...-03:00.")]
ByChannel = Annotated[
    str | None,
    Parameter(name="--channel", help="Por onde avisar: whatsapp, email ou sms (sem ela: WhatsApp, ou e-mail)."),
]
Language = Annotated[Literal["pt", "en"], Parameter(name="--language", help="Língua dos avisos: pt ou en.")]
Notes = Annotated[str, Parameter(name="--notes", help="Recado para o anfitrião.")]
Key = Annotated[
    str | None, Parameter(name="--key", help="Nome deste pedido: repetido com o mesmo, nada se marca de novo.")
]


async def propose(
    contact: ContactId,
    type_: TypeId,
    /,
    *,
    channel: ByChannel = None,
    urgent: Annotated[bool, Parameter(help="Oferece os horários mais próximos.")] = False,
    language: Language = "pt",
    notes: Notes = "",
    key: Key = None,
    zone: Zone = None,
    session: GivenSession,
) -> int:
    """Offer a contact some times, and hold them for an answer."""
    checked_zone(zone)
    async with at_desk(session) as app:
        now = app.clock.now()
        wish = await _wish(session, app, contact, type_, key or str(iso(now)), channel, urgent, language, notes)
        await _tell_others(session, app, contact)
        return await tell_answer(session, app, await app.desk.propose(wish, now), zone)


async def book(
    contact: ContactId,
    type_: TypeId,
    time: Instant,
    /,
    *,
    channel: ByChannel = None,
    language: Language = "pt",
    notes: Notes = "",
    key: Key = None,
    zone: Zone = None,
    session: GivenSession,
) -> int:
    """Agree a time with a contact that was not offered before."""
    checked_zone(zone)
    async with at_desk(session) as app:
        place = (await app.store.contacts.get(contact)).place
        start_at = parse_instant(time, zone or (place.zone if place else session.zone), "TIME")
        wish = await _wish(session, app, contact, type_, key or str(iso(start_at)), channel, False, language, notes)
        answer = await app.desk.book(wish, start_at, app.clock.now(), OPERATOR)
        if answer.said is Said.ALREADY and answer.meeting is not None and not answer.meeting.live:
            session.out.note("este pedido já levou a uma reunião, que se encerrou; para outra, dê outro nome com --key")
        return await tell_answer(session, app, answer, zone)


async def _wish(
    session: Session,
    app: App,
    contact_id: str,
    type_id: str,
    key: str,
    channel: str | None,
    urgent: bool,
    language: str,
    notes: str,
) -> Wish:
    contact = await app.store.contacts.get(contact_id)
    return wish_of(
        contact,
        type_id,
        Place(session.zone),
        f"cli:{contact.id}:{type_id}:{key}",
        channel=one_of(Channel, channel, "--channel") if channel is not None else None,
        urgent=urgent,
        language=language,
        notes=notes,
    )


async def _tell_others(session: Session, app: App, contact_id: str) -> None:
    for other in await app.store.meetings.of_contacts([contact_id]):
        if other.live:
            session.out.note(f"aviso: este contato já tem a reunião {other.id}, {human(other.state)}")


async def confirm(
    id_: MeetingId,
    time: Annotated[
        str | None, Parameter(name="TIME", help="O número de um horário oferecido, ou a data e hora dele.")
    ] = None,
    /,
    *,
    zone: Zone = None,
    session: GivenSession,
) -> int:
    """Agree one of the times that were offered."""
    async with at_desk(session) as app:
        meeting = await app.store.meetings.get(id_)
        start_at = _chosen(meeting, time, checked_zone(zone) or meeting.place.zone)
        return await tell_answer(session, app, await app.desk.take(id_, start_at, app.clock.now(), OPERATOR), zone)


def _chosen(meeting: Meeting, time: str | None, zone: str) -> datetime:
    if time is not None and not time.isdecimal():
        return parse_instant(time, zone, "TIME")
    if time is None and not meeting.offers and meeting.slot is not None:
        return meeting.slot.start_at  # it is agreed already, which is for the desk to say
    number = 1 if time is None and len(meeting.offers) == 1 else int(time or 0)
    if not 1 <= number <= len(meeting.offers):
        offered = "\n".join(offer_lines(meeting.offers, zone))
        advice = f"escolha pelo número:\n{offered}" if meeting.offers else "nenhum horário está oferecido"
        raise InputError(f"reunião {meeting.id}: {advice}")
    return meeting.offers[number - 1].start_at


async def reschedule(
    id_: MeetingId,
    time: Annotated[
        str | None, Parameter(name="TIME", help="A nova data e hora; sem ela, outros horários são oferecidos.")
    ] = None,
    /,
    *,
    zone: Zone = None,
    session: GivenSession,
) -> int:
    """Move a meeting to another free time, or offer its contact other times."""
    async with at_desk(session) as app:
        meeting, now = await app.store.meetings.get(id_), app.clock.now()
        if time is None:
            checked_zone(zone)
            answer = await app.desk.offer_again(id_, now, OPERATOR)
        else:
            start_at = parse_instant(time, checked_zone(zone) or meeting.place.zone, "TIME")
            answer = await app.desk.move(id_, start_at, now, OPERATOR)
        return await tell_answer(session, app, answer, zone)


async def cancel(
    id_: MeetingId,
    /,
    *,
    reason: Annotated[str, Parameter(name="--reason", help="Motivo, que o contato e o anfitrião leem.")] = "",
    session: GivenSession,
) -> int:
    """Call a meeting off."""
    async with at_desk(session) as app:
        answer = await app.desk.cancel(id_, reason, app.clock.now(), OPERATOR)
        return await tell_answer(session, app, answer, None)


async def decline(id_: MeetingId, /, *, session: GivenSession) -> int:
    """Note that the contact said no."""
    async with at_desk(session) as app:
        return await tell_answer(session, app, await app.desk.no(id_, app.clock.now()), None)


async def outcome(
    id_: MeetingId,
    what: Annotated[
        Literal["held", "no-show"], Parameter(name="WHAT", help="held (aconteceu) ou no-show (o contato faltou).")
    ],
    /,
    *,
    session: GivenSession,
) -> int:
    """Note whether a meeting was held."""
    async with at_desk(session) as app:
        answer = await app.desk.outcome(id_, what == "held", app.clock.now(), OPERATOR)
        return await tell_answer(session, app, answer, None)


async def hand_over(id_: MeetingId, host: HostId, /, *, session: GivenSession) -> int:
    """Give a meeting to another host at the same time."""
    async with at_desk(session) as app:
        return await tell_answer(session, app, await app.desk.hand_to(id_, host, app.clock.now()), None)
