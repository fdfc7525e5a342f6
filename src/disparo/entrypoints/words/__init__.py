"""Codes of the program in the words of its people: states, events and reasons, in Portuguese.

Codes are stable and English; the words may change. A code with a part behind `:` is a reason about something, such
as `missing_variable:nome` or `whatsapp:hourly` (a book of permits and its window).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from disparo.entrypoints.words.agenda import AGENDA_WORDS
from disparo.entrypoints.words.providers import PROVIDER_WORDS

WORDS: Mapping[str, str] = {
    # Campaigns.
    "draft": "rascunho",
    "running": "em andamento",
    "paused": "pausada",
    "completed": "concluída",
    "start": "iniciar",
    "pause": "pausar",
    "resume": "retomar",
    "complete": "concluir",
    "reopen": "reabrir",
    # States of messages.
    "waiting": "à espera",
    "due": "na fila",
    "claimed": "separada para envio",
    "sending": "enviando",
    "in_doubt": "em dúvida",
    "accepted": "enviada",
    "delivered": "entregue",
    "read": "lida",
    "failed": "falhou",
    "dead": "carta morta",
    "cancelled": "cancelada",
    "expired": "vencida",
    # Events of messages.
    "promote": "entrou na fila",
    "claim": "separada para envio",
    "begin": "envio começou",
    "release": "voltou à fila, sem ter sido enviada",
    "accept": "aceita pelo provedor",
    "retry": "falhou, será tentada de novo",
    "reject": "recusada",
    "exhaust": "tentativas esgotadas",
    "doubt": "ficou em dúvida",
    "hold": "retida em dúvida",
    "resend": "reenviada em dúvida",
    "deliver": "entregue",
    "cancel": "cancelada",
    "expire": "venceu",
    "redrive": "recolocada na fila",
    "redriven": "recolocada à mão",
    # What lies in the dead-letter queue.
    "ticket": "bilhete de uma função que falhou",
    "dead_letter": "mensagem dada por perdida",
    "invocation": "tarefa agendada que falhou",
    "poison": "nada que se entenda",
    # What came back.
    "replied": "respondeu",
    "opted_out": "pediu para não receber",
    "opt_out": "não receber mais",
    "confirm": "confirma",
    "decline": "recusa",
    "reschedule": "outro horário",
    "slot": "escolheu um horário",
    "question": "pergunta",
    "auto": "resposta automática",
    "other": "outra coisa",
    # Who may be messaged.
    "eligible": "pode receber",
    "no_phone": "sem telefone",
    "no_email": "sem e-mail",
    "no_address": "sem endereço para este canal",
    "complained": "reclamou do remetente",
    "bounced": "o endereço devolveu",
    "text_gone": "o texto foi apagado com a pessoa",
    "answer_too_late": "a resposta ficou retida por um dia e já não cabe",
    "by_hand": "bloqueada à mão",
    "do_not_call": "está numa lista de não perturbe",
    "erased": "contato apagado",
    # Hours.
    "open": "aberto",
    "before_hours": "antes do horário",
    "after_hours": "depois do horário",
    "lunch_break": "almoço",
    "day_off": "dia sem expediente",
    "holiday": "feriado",
    "before_start": "antes do início marcado",
    "nothing_open": "nenhum lugar aberto agora",
    # Limits, and the breaker.
    "free": "livre",
    "burst": "limite por minuto",
    "hourly": "limite por hora",
    "daily": "limite por dia",
    "closed": "provedor em ordem",
    "breaker_open": "provedor com falhas, pausa de proteção",
    "breaker_probing": "provedor em teste com uma mensagem",
    "breaker_half_open": "provedor será testado com uma mensagem",
    # Failures of an attempt.
    "recipient": "destinatário recusado",
    "permanent": "mensagem recusada",
    "transient": "falha passageira do provedor",
    "throttled": "provedor pediu mais devagar",
    "paced": "mensagens demais à mesma pessoa",
    "auth": "credenciais recusadas",
    "unknown": "sem notícia do provedor",
    "retries_used_up": "tentativas esgotadas",
    "address_unknown": "endereço não existe",
    "message_refused": "mensagem recusada pelo provedor",
    "provider_failed": "falha do provedor",
    "provider_throttled": "provedor pediu mais devagar",
    "credentials_refused": "credenciais recusadas",
    "no_answer": "provedor não respondeu",
    "refused_later": "recusada depois de aceita",
    # Doubt.
    "lease_ran_out": "o processo que a enviava sumiu",
    "lost": "outro processo a assumiu",
    "never_arrived": "o provedor nunca a recebeu",
    "held_in_doubt": "retida: pode ter chegado",
    "resent_in_doubt": "reenviada: podia não ter chegado",
    "shutdown": "o programa foi encerrado",
    "missed_its_moment": "passou do seu momento",
    # Sequences.
    "previous_step_failed": "o passo anterior falhou",
    "not_needed": "o passo anterior bastou",
    "campaign_cancelled": "campanha cancelada",
    "deadline": "prazo da campanha",
    # Templates.
    "missing_variable": "falta a variável",
    "empty_value": "variável deu em vazio",
    "bad_value": "valor que o modelo não lê",
    "value_too_long": "valor comprido demais",
    "output_too_long": "mensagem comprida demais",
    "too_much_work": "modelo trabalhoso demais",
    "line_break_in_subject": "quebra de linha no assunto",
    "text_empty": "texto vazio",
    "subject_empty": "assunto vazio",
    "text_too_long": "texto comprido demais",
    "subject_too_long": "assunto comprido demais",
    "html_too_long": "HTML comprido demais",
    # Rows of an import.
    "created": "novo",
    "unchanged": "já estava, nada mudou",
    "duplicate": "repetido no arquivo",
    # Refusals of a dead letter that should be sent again.
    "not_a_dead_letter": "não é uma carta morta",
    "suppressed": "o endereço está bloqueado",
    "fallback_sent": "o passo substituto já foi; use --force para mandar assim mesmo",
    # Verdicts and remarks of `disparo why`.
    "with_a_worker": "nas mãos de um worker",
    "waiting_for_step": "espera o passo",
    "waiting_to_follow": "a vez dela vem quando o resto da campanha terminar",
    "campaign_draft": "campanha ainda não iniciada",
    "campaign_paused": "campanha pausada",
    "campaign_completed": "campanha concluída",
    "not_entered_yet": "ainda não entrou na fila; um worker a põe nela",
    "not_in_audience": "o contato não faz parte da campanha",
    "other_list": "é de outra lista",
    "came_after_start": "entrou na lista depois do início",
    "backing_off": "à espera de nova tentativa",
    "not_due_yet": "ainda não chegou a hora",
    "lane_closed": "fora do horário do contato",
    "no_sender": "ninguém envia por este canal",
    "sender_limit": "limite de quem envia",
    "campaign_limit": "limite da campanha",
    "may_go_now": "pode sair já: um worker a envia na sua vez",
    "last_word": "último registro",
    "doubt_policy": "se ninguém souber",
    "earlier_step": "mensagem anterior",
    "follows": "depois do passo anterior",
    "always": "sempre",
    "previous_failed": "só se ele falhar",
    # Channels.
    "whatsapp": "WhatsApp",
    "email": "e-mail",
    "sms": "SMS",
    # Levels of advice.
    "ok": "ok",
    "note": "nota",
    "warning": "aviso",
    "error": "erro",
    **PROVIDER_WORDS,
    **AGENDA_WORDS,
}


Translate = Callable[[str], str]
"""A Portuguese text in another language."""


def words(code: str, translate: Translate = str) -> str:
    """A code in Portuguese, or in the language of `translate`.

    One that is not known is given back as it is, so that nothing is hidden.
    """
    if code in WORDS:
        return translate(WORDS[code])
    head, colon, tail = code.partition(":")
    if colon and tail in WORDS and (book := head.partition("/")[0]) in WORDS:
        whose = translate(" da campanha") if "/" in head else ""
        return f"{translate(WORDS[tail])}{whose} ({translate(WORDS[book])})"
    if colon and head in WORDS:
        return f"{translate(WORDS[head])} {tail}"
    return f"{head} {translate(WORDS[tail])}" if tail in WORDS else code
