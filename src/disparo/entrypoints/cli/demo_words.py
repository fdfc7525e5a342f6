"""What happens in the demonstration, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from disparo.entrypoints.cli.moments import in_zone, soon
from disparo.entrypoints.cli.words import words

if TYPE_CHECKING:
    from disparo.simulation.demo_story import Happening, SenderState, Story

ANSWERS = ("replied", "opted_out", "guest")
CLOSURES = {
    "lunch_break": "almoço",
    "night": "noite",
    "weekend": "fim de semana",
    "holiday": "feriado",
}


_WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")


def day_label(at: datetime) -> str:
    """`sex 13/11`, on the clock that the instant carries."""
    return f"{_WEEKDAYS[at.weekday()]} {at:%d/%m}"


def telling(one: Happening, zone: str) -> str:
    """A line of what happened, with its moment on the zone's clock."""
    at = in_zone(one.at, zone) or one.at
    return f"{day_label(at)} {at:%H:%M}  {_what(one, zone)}"


def _what(one: Happening, zone: str) -> str:
    channel = words(one.channel) if one.channel else ""
    until = in_zone(one.until, zone)
    till = f" até {soon(until, one.at)}" if until else ""
    match one.kind:
        case "step_begun":
            return f"o passo {one.count} começa: {channel}"
        case "opened":
            return "horário aberto"
        case "breaker_opened":
            return f"{channel} falha seguidamente: disjuntor aberto, tenta uma a cada minuto"
        case "breaker_closed":
            return f"{channel} voltou: disjuntor fechado, segue normalmente"
        case "in_doubt":
            return f"{channel} calou sobre {one.text}: em dúvida até confirmar"
        case "dead":
            return f"{one.text} esgotou as tentativas: carta morta"
        case "replied":
            return f"{channel}: alguém respondeu «{one.text}»"
        case "opted_out":
            return f"{channel}: alguém pediu «{one.text}», não recebe mais"
        case "guest":
            return f"{channel}: quem recebeu horários respondeu «{one.text}»"
        case "held":
            return f"a reunião {one.text} aconteceu"
        case "no_show":
            return f"a reunião {one.text}: o contato faltou"
        case closed if closed in CLOSURES:
            return f"{CLOSURES[closed]}: {_waiting(one.count)}{till}"
        case other:
            return other


def _waiting(count: int) -> str:
    if not count:
        return "fechado"
    return f"{count} mensagem espera" if count == 1 else f"{count} mensagens esperam"


def sender_words(state: SenderState, story: Story, zone: str) -> tuple[str, str]:
    """Where a sender stands, in words, and the style of it."""
    until = in_zone(state.next_at, zone)
    till = f" até {soon(until, story.now)}" if until and state.next_at and state.next_at > story.now else ""
    if story.ended_at is not None:
        return "tudo enviado", "green"
    if state.breaker_open:
        return f"disjuntor aberto{till}: o provedor está doente", "bold red"
    if state.reason == "nothing_open":
        return f"fechado{till}", "dim"
    if ":" in state.reason:
        return f"{words(state.reason)}{till}", "yellow"
    return ("nada na fila", "dim") if till or not state.next_at else ("enviando", "green")
