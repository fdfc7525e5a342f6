"""What the desk answers, why times are refused and what notices say, in Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.domain.agenda.availability import SlotDecision, SlotReason
from disparo.domain.agenda.notice import NoticeKind
from disparo.entrypoints.words import Translate, words
from disparo.ports.desk import Said

SAID: Mapping[Said, str] = {
    Said.OFFERED: "horários oferecidos e reservados",
    Said.CONFIRMED: "confirmada",
    Said.MOVED: "remarcada",
    Said.ALREADY: "já estava assim",
    Said.TAKEN_MEANWHILE: "esse horário acabou de ser ocupado",
    Said.NO_TIMES: "não há horário a oferecer; nada mudou",
    Said.UNREADABLE: "o calendário de um anfitrião não pode ser lido agora; nada mudou",
    Said.WHICH: "são vários horários; diga qual",
    Said.ATTENDING: "presença confirmada",
    Said.DECLINED: "recusada",
    Said.CANCELLED: "cancelada",
    Said.OUTCOME: "desfecho anotado",
    Said.TOO_LATE: "já é tarde para o contato mudar esta reunião",
    Said.TOO_MANY: "já mudou, ou já teve horários oferecidos, tantas vezes quanto o tipo permite",
    Said.TOO_EARLY: "ainda não começou; anote o desfecho depois",
    Said.NOT_OFFERED: "esse horário não está livre, ou não é um dos oferecidos",
    Said.NOT_OPEN: "a reunião não está aberta para isso",
}
"""What the desk answers."""

REFUSALS = frozenset(
    {
        Said.TAKEN_MEANWHILE,
        Said.NO_TIMES,
        Said.UNREADABLE,
        Said.WHICH,
        Said.TOO_LATE,
        Said.TOO_MANY,
        Said.TOO_EARLY,
        Said.NOT_OFFERED,
        Said.NOT_OPEN,
    }
)
"""Answers after which what was asked for has not been done."""

SLOTS: Mapping[SlotReason, str] = {
    SlotReason.FREE: "livre",
    SlotReason.TYPE_INACTIVE: "este tipo de reunião está desativado",
    SlotReason.HOST_INACTIVE: "o anfitrião está desativado, ou não existe",
    SlotReason.CALENDAR_UNREADABLE: "o calendário não pode ser lido, e conta como ocupado",
    SlotReason.PAST: "já passou",
    SlotReason.MIN_NOTICE: "em cima da hora: a antecedência mínima é",
    SlotReason.BEYOND_HORIZON: "longe demais: só se marca até daqui a",
    SlotReason.OFF_GRID: "fora da grade de horários, que é de",
    SlotReason.HOST_HOURS: "fora do horário do anfitrião",
    SlotReason.BLOCKED: "bloqueado na agenda do anfitrião",
    SlotReason.BUSY: "ocupado no calendário do anfitrião",
    SlotReason.TAKEN: "ocupado pela reunião",
    SlotReason.DAY_FULL: "o dia está cheio: o máximo do anfitrião é",
    SlotReason.WEEK_FULL: "a semana está cheia: o máximo do anfitrião é",
    SlotReason.CONTACT_HOURS: "fora do horário do contato",
    SlotReason.CONTACT_HOLIDAY: "feriado no lugar do contato",
}
"""Why a meeting may not begin at an instant."""

_GOES_ON = frozenset(
    {
        SlotReason.MIN_NOTICE,
        SlotReason.BEYOND_HORIZON,
        SlotReason.OFF_GRID,
        SlotReason.TAKEN,
        SlotReason.DAY_FULL,
        SlotReason.WEEK_FULL,
    }
)
"""Their words go on with the detail."""

_OF_HOURS = frozenset({SlotReason.HOST_HOURS, SlotReason.CONTACT_HOURS})

NOTICES: Mapping[NoticeKind, str] = {
    NoticeKind.PROPOSAL: "horários oferecidos",
    NoticeKind.CONFIRMED: "confirmação",
    NoticeKind.MOVED: "novo horário",
    NoticeKind.CANCELLED: "cancelamento",
    NoticeKind.DECLINED: "recusa entendida",
    NoticeKind.EXPIRED: "reserva vencida",
    NoticeKind.NO_TIMES: "sem horários a oferecer",
    NoticeKind.WHICH: "pergunta: qual horário?",
    NoticeKind.REMINDER_1: "1º lembrete",
    NoticeKind.REMINDER_2: "2º lembrete",
    NoticeKind.REMINDER_3: "3º lembrete",
    NoticeKind.NO_SHOW_1: "1º convite depois da falta",
    NoticeKind.NO_SHOW_2: "2º convite depois da falta",
    NoticeKind.NO_SHOW_3: "3º convite depois da falta",
    NoticeKind.HOST_BOOKED: "ao anfitrião: marcada",
    NoticeKind.HOST_MOVED: "ao anfitrião: remarcada",
    NoticeKind.HOST_CANCELLED: "ao anfitrião: cancelada",
    NoticeKind.BRIEFING: "ao anfitrião: resumo",
    NoticeKind.OUTCOME: "ao anfitrião: como foi?",
    NoticeKind.CALENDAR_FAULT: "ao anfitrião: calendário com falha",
    NoticeKind.NOT_OPEN: "resposta: a reunião já acabou",
    NoticeKind.TOO_LATE: "resposta: tarde para mudar",
    NoticeKind.TOO_MANY: "resposta: mudanças demais",
    NoticeKind.LATER: "resposta: tente mais tarde",
}
"""What a notice says."""


def slot_words(decision: SlotDecision, translate: Translate = str) -> str:
    """A decision about a slot in Portuguese, or in the language of `translate`."""
    text, detail = translate(SLOTS[decision.reason]), decision.detail
    if not detail:
        return text
    if decision.reason in _GOES_ON:
        return f"{text} {detail}"
    if decision.reason in _OF_HOURS or decision.reason is SlotReason.CALENDAR_UNREADABLE:
        reason, _, rest = detail.partition(" ")
        more = f" ({rest})" if rest and decision.reason is SlotReason.CALENDAR_UNREADABLE else f" {rest}"
        detail = (words(reason, translate) + more).strip()
    return f"{text}: {detail}"
