"""`disparo numbers` and `disparo alarms`: how sending goes, and what is wrong."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from disparo.domain.alarm import AlarmStanding
from disparo.domain.alarm_words import alarm_advice, alarm_sentence, alarm_title, change_title, state_word
from disparo.domain.contact import Channel
from disparo.domain.intervals import zone_named
from disparo.domain.numbers import Source, Window
from disparo.entrypoints.cli.options import After, Limit, OfCampaign, checked_limit, one_of
from disparo.entrypoints.cli.session import GivenSession, Session
from disparo.entrypoints.reading_values import reading_values
from disparo.usecases import alarms as usecase
from disparo.usecases.numbers import NumbersWanted
from disparo.usecases.numbers import numbers as read_numbers

_TITLES = {
    "messages_sent": "enviadas", "messages_failed": "falharam", "messages_failed_rate": "falham %", "errors": "erros",
    "queue_depth": "na fila", "rate_limit_hit": "limite", "average_dispatch_time_ms": "ms em média",
    "p95_dispatch_time_ms": "ms p95", "confirmation_rate": "confirmam %", "no_show_rate": "faltam %",
}  # fmt: skip
_ALARMS = {"alarm": "alarme", "title": "nome", "state": "estado", "since": "desde", "sentence": "o que há"}
_CHANGES = {"id": "id", "at": "quando", "what": "o que mudou", "told": "avisado por", "waiting": "a avisar por"}


async def numbers(
    *,
    window: Annotated[str, Parameter(help="Os últimos 5m, 1h ou 24h.")] = Window.HOUR,
    campaign: OfCampaign = None,
    channel: Annotated[str | None, Parameter(help="Só deste canal: whatsapp, email ou sms.")] = None,
    session: GivenSession,
) -> None:
    """The document's numbers over a window: all, by channel and by campaign."""
    over = one_of(Window, window, "--window")
    by = None if channel is None else one_of(Channel, channel, "--channel")
    with session.open() as app:
        campaign_id = None if campaign is None else (await app.store.campaigns.get(campaign)).id
        found = await read_numbers(app.store, NumbersWanted(over, campaign_id, by), app.clock.now())
    items: list[dict[str, Any]] = [
        {"of": "all", **reading_values(found.all)},
        *({"of": str(one), **reading_values(reading)} for one, reading in found.by_channel.items()),
        *({"of": f"campaign:{one.campaign}", **reading_values(one.reading)} for one in found.by_campaign),
    ]
    if session.out.json:
        edges = {"window": str(found.window), "from_at": found.from_at, "to_at": found.to_at}
        session.out.document({**edges, "source": str(found.source), "items": items})
        return
    session.out.table(items, {"of": "de", **_TITLES})
    if found.source is Source.HOURS:
        session.out.note("contado por horas inteiras, sem tempos nem limites: aqui nenhum worker conta por minuto")


async def alarms(
    *,
    changes: Annotated[bool, Parameter(help="O que mudou nos últimos 90 dias, do mais novo ao mais velho.")] = False,
    limit: Limit = 50,
    after: After = None,
    session: GivenSession,
) -> None:
    """Where each alarm stands, or what changed."""
    if changes:
        await _changes(session, checked_limit(limit), after)
        return
    with session.open() as app:
        found = await usecase.alarms(app.store, app.clock.now())
    items = [_alarm_item(one, session) for one in found.standings]
    session.out.listing(items, _ALARMS, empty="nenhum alarme foi olhado ainda: quem olha é o worker, a cada minuto")
    for one in found.ringing if session.out.terminal else ():
        session.out.note(f"{alarm_title(one.name, 'pt')}: {alarm_advice(one.name, 'pt')}")
    if items and found.stale and not session.out.json:
        session.out.note("ninguém olha os alarmes há mais de três minutos: não há worker trabalhando")


async def _changes(session: Session, limit: int, after: str | None) -> None:
    with session.open() as app:
        found = await usecase.changes(app.store, after, limit + 1)
    items = [
        {
            **_alarm_item(one.standing, session),
            "id": one.id,
            "at": one.standing.since.astimezone(zone_named(session.zone)),
            "what": change_title(one, "pt"),
            "was": str(one.was),
            "told": sorted(one.told),
            "waiting": sorted(one.waiting),
        }
        for one in found[:limit]
    ]
    more = found[limit - 1].id if len(found) > limit else None
    session.out.listing(items, _CHANGES, empty="nada mudou", next_after=more)


def _alarm_item(one: AlarmStanding, session: Session) -> dict[str, Any]:
    zone = zone_named(session.zone)
    return {
        "alarm": str(one.name),
        "title": alarm_title(one.name, "pt"),
        "state": state_word(one.state, "pt") if session.out.terminal else str(one.state),
        "since": one.since.astimezone(zone),
        "checked_at": one.checked_at.astimezone(zone),
        "value": one.value,
        "threshold": one.threshold,
        "unit": str(one.unit),
        "about": list(one.about),
        "sentence": alarm_sentence(one, "pt"),
        "advice": alarm_advice(one.name, "pt"),
    }
