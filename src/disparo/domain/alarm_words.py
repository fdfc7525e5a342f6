"""Alarms in people's words, Portuguese (Brazil) and English: for mail, webhooks, terminal and pages alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from disparo.domain.alarm import AlarmChange, AlarmName, AlarmStanding, AlarmState, Unit

Language = Literal["pt", "en"]

_A = AlarmName

_TITLES: Mapping[AlarmName, tuple[str, str]] = {
    _A.HIGH_ERROR_RATE: ("Alta taxa de erro", "High error rate"),
    _A.HIGH_LATENCY: ("Alta latência", "High latency"),
    _A.DLQ_MESSAGES: ("Cartas mortas", "Dead letters"),
    _A.FAILED_RATE: ("Muitas mensagens falharam", "Many messages failed"),
    _A.BREAKER_OPEN: ("Remetente parado", "Sender left alone"),
    _A.CALENDAR_UNREADABLE: ("Agenda sem leitura", "Calendar unreadable"),
    _A.NO_TICK: ("Nenhum worker trabalhando", "No worker at work"),
    _A.DISK_NEARLY_FULL: ("Disco quase cheio", "Disk nearly full"),
}

_MEANINGS: Mapping[AlarmName, tuple[str, str]] = {
    _A.HIGH_ERROR_RATE: (
        "tentativas de envio que deram errado por causa nossa ou do provedor, no último período",
        "attempts to send that went wrong because of us or a provider, in the last period",
    ),
    _A.HIGH_LATENCY: (
        "tempo médio do momento da mensagem até a resposta do provedor, no último período",
        "mean time from a message's moment to its provider's answer, in the last period",
    ),
    _A.DLQ_MESSAGES: (
        "mensagens dadas por perdidas, à espera de uma pessoa",
        "messages that were given up and wait for a person",
    ),
    _A.FAILED_RATE: (
        "mensagens recusadas ou dadas por perdidas, das que chegaram ao fim no último período",
        "messages refused or given up, of those that came to an end in the last period",
    ),
    _A.BREAKER_OPEN: (
        "remetentes cujo provedor falha sem parar, e cujas mensagens esperam",
        "senders whose provider keeps failing, and whose messages wait",
    ),
    _A.CALENDAR_UNREADABLE: (
        "consultas a agendas de anfitriões que falharam no último período",
        "looks at hosts' calendars that failed in the last period",
    ),
    _A.NO_TICK: (
        "tempo sem sinal de um worker, com mensagens para enviar em horário aberto",
        "time without a sign of a worker, with messages due in open hours",
    ),
    _A.DISK_NEARLY_FULL: ("ocupação do disco dos dados", "use of the disk of the data"),
}

_ADVICE: Mapping[AlarmName, tuple[str, str]] = {
    _A.HIGH_ERROR_RATE: (
        "Veja de que se queixam os provedores: disparo senders, disparo messages --state dead.",
        "See what the providers complain about: disparo senders, disparo messages --state dead.",
    ),
    _A.HIGH_LATENCY: (
        "O provedor responde devagar ou a máquina está cheia: disparo senders.",
        "The provider is slow to answer or this machine is busy: disparo senders.",
    ),
    _A.DLQ_MESSAGES: (
        "Veja por que, conserte e recoloque na fila: disparo dead-letters list.",
        "See why, mend it and send them again: disparo dead-letters list.",
    ),
    _A.FAILED_RATE: (
        "Pause a campanha se a lista ou o texto estiver errado: disparo messages --state failed.",
        "Pause the campaign if its list or text is wrong: disparo messages --state failed.",
    ),
    _A.BREAKER_OPEN: (
        "O provedor está fora do ar ou recusa a credencial: disparo senders, disparo doctor.",
        "The provider is down or refuses our credentials: disparo senders, disparo doctor.",
    ),
    _A.CALENDAR_UNREADABLE: (
        "Sem leitura não há horários a oferecer: disparo hosts check.",
        "What cannot be read offers no times: disparo hosts check.",
    ),
    _A.NO_TICK: (
        "Inicie um worker: disparo worker, ou disparo serve.",
        "Start a worker: disparo worker, or disparo serve.",
    ),
    _A.DISK_NEARLY_FULL: (
        "Libere espaço: com o disco cheio nada mais é gravado nem enviado.",
        "Make room: once the disk is full nothing more is written or sent.",
    ),
}

_STATES: Mapping[AlarmState, tuple[str, str]] = {
    AlarmState.OK: ("normal", "ok"),
    AlarmState.ALARM: ("em alarme", "in alarm"),
    AlarmState.INSUFFICIENT: ("sem dados", "insufficient data"),
}


def alarm_title(name: AlarmName, language: Language) -> str:
    """An alarm's name for people."""
    return _said(_TITLES[name], language)


def state_word(state: AlarmState, language: Language) -> str:
    """A state for people."""
    return _said(_STATES[state], language)


def alarm_sentence(standing: AlarmStanding, language: Language) -> str:
    """What the value is of, the value, whom it is about, and the limit: one line."""
    whom = f" ({', '.join(standing.about)})" if standing.about else ""
    limit = _said(("limite", "limit"), language)
    return (
        f"{_said(_MEANINGS[standing.name], language)}: {_value(standing, language)}{whom}; "
        f"{limit}: {_amount(standing.threshold, standing.unit, language)}"
    )


def alarm_advice(name: AlarmName, language: Language) -> str:
    """What to do about an alarm: one sentence."""
    return _said(_ADVICE[name], language)


def change_title(change: AlarmChange, language: Language) -> str:
    """A change in a few words, as for the subject of a mail."""
    title = alarm_title(change.standing.name, language)
    return f"{title}: {state_word(change.standing.state, language)}"


def alarm_data(change: AlarmChange) -> dict[str, Any]:
    """A change as other programs are told of it: ids, codes, numbers and words, nothing of any person."""
    one = change.standing
    languages: tuple[Language, ...] = ("pt", "en")
    return {
        "id": change.id,
        "alarm": str(one.name),
        "state": str(one.state),
        "was": str(change.was),
        "value": one.value,
        "threshold": one.threshold,
        "unit": str(one.unit),
        "about": list(one.about),
        "words": {
            language: {
                "title": alarm_title(one.name, language),
                "state": state_word(one.state, language),
                "sentence": alarm_sentence(one, language),
                "advice": alarm_advice(one.name, language),
            }
            for language in languages
        },
    }


def _value(standing: AlarmStanding, language: Language) -> str:
    if standing.value is not None:
        return _amount(standing.value, standing.unit, language)
    if standing.state is AlarmState.INSUFFICIENT:
        return _said(("não se sabe aqui", "not known here"), language)
    return _said(("nada a medir", "nothing to measure"), language)


def _amount(value: float, unit: Unit, language: Language) -> str:
    if unit is Unit.SECONDS:
        return _lasting(timedelta(seconds=value), language)
    text = f"{value:,.1f}".removesuffix(".0")
    if language == "pt":
        text = text.translate(_BRAZILIAN)
    return f"{text}%" if unit is Unit.PERCENT else text


_BRAZILIAN = str.maketrans(",.", ".,")


def _lasting(span: timedelta, language: Language) -> str:
    seconds = span.total_seconds()
    if seconds >= 120:
        return f"{seconds / 60:.0f} min"
    text = f"{seconds:.1f}".removesuffix(".0")
    return f"{text.replace('.', ',') if language == 'pt' else text} s"


def _said(words: tuple[str, str], language: Language) -> str:
    return words[0] if language == "pt" else words[1]


def instant_words(at: datetime) -> str:
    """An instant in words that no zone can change."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
