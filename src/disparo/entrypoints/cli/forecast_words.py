"""A forecast in words for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from disparo.entrypoints.cli.moments import in_zone, lasting, shown
from disparo.entrypoints.cli.printing import Code
from disparo.entrypoints.words import words
from disparo.simulation.holdups import BREAKER, CLOSED, OTHERS, Holdup

if TYPE_CHECKING:
    from disparo.simulation.forecast import Forecast

_UNITS = {"burst": "por minuto", "hourly": "por hora", "daily": "por dia"}
_LETTERS = {"burst": "min", "hourly": "h", "daily": "dia"}
_LITTLE = 0.05
"""What takes less than this share of the open time holds nobody back."""


def step_items(foreseen: Forecast) -> list[dict[str, Any]]:
    """A line for each step."""
    return [
        {
            "step": step.number,
            "channel": Code(step.channel),
            "first_at": in_zone(step.first_at, foreseen.zone),
            "last_at": in_zone(step.last_at, foreseen.zone),
            "messages": step.messages,
            "unsent": step.unsent,
        }
        for step in foreseen.steps
    ]


def document(foreseen: Forecast) -> dict[str, Any]:
    """Every number of a forecast, as JSON values; instants in the campaign's zone, durations in seconds."""
    zone = foreseen.zone
    return {
        "campaign": foreseen.campaign,
        "timezone": zone,
        "begins_at": in_zone(foreseen.begins_at, zone),
        "ends_at": in_zone(foreseen.ends_at, zone),
        "messages": foreseen.messages,
        "expired": foreseen.expired,
        "failures": foreseen.failures,
        "steps": step_items(foreseen),
        "hours": [_period(hour.begins_at, hour.messages, hour.open) for hour in foreseen.hours],
        "days": [_period(day.begins_at, day.messages, day.open) for day in foreseen.days],
        "open_s": _seconds(foreseen.open_time),
        "waiting_s": _seconds(foreseen.waiting),
        "held_closed_s": _seconds(foreseen.held_closed),
        "holdups": [
            {
                "channel": one.channel,
                "reason": one.reason,
                "limit": one.limit,
                "lasting_s": _seconds(one.lasting),
                "share_of_open_time": round(foreseen.share(one.lasting), 4),
            }
            for one in foreseen.holdups
        ],
        "other_campaigns": list(foreseen.other_campaigns),
    }


def _period(begins_at: datetime, messages: Any, is_open: bool) -> dict[str, Any]:
    return {"begins_at": begins_at, "messages": dict(messages), "total": sum(messages.values()), "open": is_open}


def _seconds(span: timedelta) -> float:
    return round(span.total_seconds(), 3)


def sentences(foreseen: Forecast) -> Iterator[str]:
    """When it ends, what holds it back and what to change, and what else should be known."""
    if not foreseen.messages:
        yield "Nada será enviado: não há a quem."
        return
    ends_at = in_zone(foreseen.ends_at, foreseen.zone) or foreseen.ends_at
    count = f"{foreseen.messages:,}".replace(",", ".")
    span = lasting(foreseen.ends_at - foreseen.begins_at)
    yield f"Fim previsto: {shown(ends_at)}, {span} depois do começo, com {count} mensagens enviadas."
    yield _what_holds(foreseen)
    if foreseen.expired:
        expired = f"{foreseen.expired:,}".replace(",", ".")
        yield f"Atenção: {expired} mensagens não cabem no prazo (deadline) da campanha e vencem sem sair."
    if foreseen.other_campaigns:
        yield f"Contadas também as campanhas em andamento: {', '.join(foreseen.other_campaigns)}."
    if not foreseen.failures:
        yield "Sem falhas nem respostas; com elas: --failures."


def _what_holds(foreseen: Forecast) -> str:
    first = foreseen.holdups[0] if foreseen.holdups else None
    if first is not None and foreseen.share(first.lasting) >= max(_LITTLE, foreseen.share(foreseen.waiting)):
        what, advice = _holdup(first)
        percent = round(foreseen.share(first.lasting) * 100)
        return f"{what} é o que mais segura: {percent} % do tempo em horário aberto. {advice}"
    if foreseen.share(foreseen.waiting) >= _LITTLE:
        percent = round(foreseen.share(foreseen.waiting) * 100)
        return (
            f"As esperas entre os passos são o que mais demora: {percent} % do tempo em horário aberto sem nada "
            "a enviar. Para terminar antes, encurte wait nos passos."
        )
    if foreseen.held_closed:
        return (
            f"Só o horário segura: mensagens prontas esperam {lasting(foreseen.held_closed)} com tudo fechado. "
            "Para terminar antes, comece mais cedo no dia, ou alargue hours."
        )
    return "Nada segura: tudo sai assim que fica pronto."


def _holdup(one: Holdup) -> tuple[str, str]:
    """What it is, as the beginning of a sentence, and what to change."""
    channel = words(one.channel)
    book, _, window = one.reason.partition(":")
    if one.reason == CLOSED:
        return "O horário de outros fusos ou feriados", "Esses contatos esperam a sua própria abertura."
    if one.reason == OTHERS:
        return (
            f"O limite do {channel}, dividido com outras campanhas,",
            "Para terminar antes, pause as outras ou espere que terminem.",
        )
    if one.reason == BREAKER:
        return f"O disjuntor do {channel}", "O provedor falha seguidamente; veja «disparo doctor»."
    number = f"{one.limit or 0:,}".replace(",", ".")
    rate = f"({number}/{_LETTERS.get(window, window)})"
    unit = _UNITS.get(window, window)
    if book == "campaign":
        return (
            f"O limite {unit} da própria campanha para {channel} {rate}",
            f"Para terminar antes, aumente {window} em [limits.{one.channel}] do arquivo da campanha.",
        )
    return (
        f"O limite {unit} do {channel} {rate}",
        f"Para terminar antes, aumente rate_limit_{one.channel}_{window}, se a sua conta permite.",
    )
