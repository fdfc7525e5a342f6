"""What people are told of dead letters: what to mend first, and why one is not sent again."""

from __future__ import annotations

from collections.abc import Mapping

from disparo.entrypoints.console.words import mark
from disparo.usecases.dead_letters import Refusal

_TEMPLATE = mark("Corrija o texto da campanha, ou complete o dado do contato, e recoloque.")
_PROVIDER = mark("O provedor falhou ou não respondeu. Veja se voltou ao normal antes de recolocar.")
_REFUSED = mark("O provedor não aceitou a mensagem. Leia o que ele disse, corrija, e recoloque.")
_DOUBT = mark("Pode ter chegado. Confira com a pessoa antes de mandar de novo.")
_CREDENTIALS = mark("Confira as credenciais do remetente nas configurações, e recoloque.")
_ADDRESS = mark("Complete o endereço no contato, e recoloque.")
_OTHER = mark("Abra uma para ver o que o provedor disse e o que aconteceria ao recolocar.")

_ADVICE: Mapping[str, str] = {
    **dict.fromkeys(("missing_variable", "empty_value", "bad_value", "value_too_long", "output_too_long"), _TEMPLATE),
    **dict.fromkeys(("too_much_work", "line_break_in_subject", "text_empty", "subject_empty"), _TEMPLATE),
    **dict.fromkeys(("text_too_long", "subject_too_long", "html_too_long"), _TEMPLATE),
    **dict.fromkeys(("retries_used_up", "provider_failed", "no_answer", "transient", "throttled"), _PROVIDER),
    **dict.fromkeys(("message_refused", "permanent"), _REFUSED),
    **dict.fromkeys(("credentials_refused", "auth"), _CREDENTIALS),
    "held_in_doubt": _DOUBT,
    "no_address": _ADDRESS,
}

REFUSALS: Mapping[Refusal, tuple[str, str]] = {
    Refusal.HELD_IN_DOUBT: (
        mark("Podem ter chegado"),
        mark("Ninguém sabe se o provedor entregou: a pessoa pode receber a mesma mensagem duas vezes."),
    ),
    Refusal.REPLIED: (
        mark("A pessoa já respondeu"),
        mark("Ela escreveu depois desta mensagem; mandar de novo pode parecer que ninguém leu."),
    ),
    Refusal.FALLBACK_SENT: (
        mark("Outra foi no lugar"),
        mark("O passo substituto já saiu ou está a caminho: a pessoa receberia as duas."),
    ),
    Refusal.SUPPRESSED: (
        mark("O endereço está bloqueado"),
        mark("A pessoa pediu para não receber, ou o endereço não pode ser usado. Não há como forçar."),
    ),
    Refusal.NO_ADDRESS: (
        mark("O contato não tem endereço para este canal"),
        mark("Complete o contato e recoloque."),
    ),
    Refusal.CAMPAIGN_CANCELLED: (
        mark("A campanha foi cancelada"),
        mark("O que é de uma campanha cancelada não sai mais."),
    ),
    Refusal.DEADLINE: (
        mark("O prazo da campanha acabou"),
        mark("Aumente o prazo da campanha e recoloque."),
    ),
    Refusal.NOT_A_DEAD_LETTER: (
        mark("Não é mais uma carta morta"),
        mark("Alguém já a recolocou, ou chegou notícia dela."),
    ),
}
"""Each as a title and what it means."""


def advice(reason: str) -> str:
    """What to mend before those of a reason are sent again."""
    return _ADVICE.get(reason.partition(":")[0], _OTHER)
