"""What happens in the demonstration, in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from disparo.entrypoints.cli.moments import in_zone, soon
from disparo.entrypoints.words import words

if TYPE_CHECKING:
    from disparo.simulation.demo_story import Happening, SenderState, Story

ANSWERS = ("replied", "opted_out", "guest")
CLOSURES = {
    "lunch_break": "almoço",
    "night": "noite",
    "weekend": "fim de semana",
    "holiday": "feriado",
}


_SAID = {
    "step_begun": "o passo {count} começa: {channel}",
    "opened": "horário aberto",
    "breaker_opened": "{channel} falha seguidamente: disjuntor aberto, tenta uma a cada minuto",
    "breaker_closed": "{channel} voltou: disjuntor fechado, segue normalmente",
    "in_doubt": "{channel} calou sobre {text}: em dúvida até confirmar",
    "dead": "{text} esgotou as tentativas: carta morta",
    "replied": "{channel}: alguém respondeu «{text}»",
    "opted_out": "{channel}: alguém pediu «{text}», não recebe mais",
    "guest": "{channel}: quem recebeu horários respondeu «{text}»",
    "held": "a reunião {text} aconteceu",
    "no_show": "a reunião {text}: o contato faltou",
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
    if one.kind in _SAID:
        return _SAID[one.kind].format(channel=channel, text=one.text, count=one.count)
    until = in_zone(one.until, zone)
    till = f" até {soon(until, one.at)}" if until else ""
    return f"{CLOSURES[one.kind]}: {_waiting(one.count)}{till}" if one.kind in CLOSURES else one.kind


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
