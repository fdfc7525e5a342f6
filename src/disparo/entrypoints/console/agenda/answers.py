"""What the desk answered, told on the next page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from disparo.entrypoints.console.shell import Console
from disparo.entrypoints.console.told import Tone
from disparo.entrypoints.console.words import mark
from disparo.entrypoints.words.agenda_sentences import REFUSALS, SAID
from disparo.ports.desk import Answer, Said

SENTENCES = {
    Said.OFFERED: mark("Horários oferecidos e reservados. O contato é avisado em instantes."),
    Said.CONFIRMED: mark("Reunião marcada. O contato e o anfitrião são avisados em instantes."),
    Said.MOVED: mark("Reunião remarcada. Todos são avisados em instantes."),
    Said.ALREADY: mark("Já estava assim."),
    Said.CANCELLED: mark("Reunião cancelada. Todos são avisados em instantes."),
    Said.DECLINED: mark("Recusa anotada."),
    Said.OUTCOME: mark("Desfecho anotado."),
    Said.TAKEN_MEANWHILE: mark("Esse horário acabou de ser ocupado; outros estão oferecidos, se há."),
    Said.NO_TIMES: mark("Não há horário livre a oferecer; nada mudou."),
    Said.UNREADABLE: mark(
        "O calendário de um anfitrião não pode ser lido agora; nada mudou. Tente de novo em instantes."
    ),
    Said.TOO_MANY: mark("Já mudou, ou já teve horários oferecidos, tantas vezes quanto o tipo permite."),
    Said.TOO_EARLY: mark("A reunião ainda não começou; anote o desfecho depois."),
    Said.NOT_OFFERED: mark("Esse horário não está livre; nada mudou."),
    Said.NOT_OPEN: mark("A reunião não está mais aberta para isso."),
}
"""What the desk answers, for who works here; the rest is as everywhere."""


async def tell(console: Console, request: Request, answer: Answer, back: str) -> Response:
    """Lead to the meeting, or where there is none back to where it was asked for, and tell what was done."""
    _ = console.words(request).gettext
    tone: Tone = "bad" if answer.said in REFUSALS else "info" if answer.said is Said.ALREADY else "good"
    path = back if answer.meeting is None else f"/console/meetings/{answer.meeting.id}"
    if answer.meeting is not None:
        request.state.audit = {"meeting": answer.meeting.id, "said": str(answer.said)}
    return console.redirect(request, path, _(SENTENCES.get(answer.said) or SAID[answer.said]), tone)
