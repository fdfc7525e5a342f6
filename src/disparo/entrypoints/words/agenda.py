"""The agenda's codes in the words of its people, in Portuguese (see `words`)."""

from __future__ import annotations

from collections.abc import Mapping

AGENDA_WORDS: Mapping[str, str] = {
    # States of meetings; "cancelled" and "expired" are as for messages.
    "proposed": "proposta",
    "confirmed": "confirmada",
    "declined": "recusada",
    "held": "realizada",
    "no_show": "faltou",
    # Who changed a meeting.
    "contact": "o contato",
    "host": "o anfitrião",
    "operator": "um operador",
    "calendar": "o calendário",
    "system": "o programa",
    # What a file changes.
    "changed": "mudou",
    # How hosts are chosen, and reminders outside of hours.
    "round_robin": "em rodízio",
    "any": "o primeiro que puder",
    "together": "todos juntos",
    "allow": "sai assim mesmo",
    "earlier": "sai antes",
    "drop": "não sai",
    # Where calendars are kept.
    "local": "aqui",
    "google": "Google Agenda",
    "caldav": "CalDAV",
    "mcp": "MCP",
    # Why a notice of a meeting, or a message of a campaign, did not go.
    "meeting_booked": "a reunião já foi marcada",
    "meeting_gone": "a reunião não existe mais",
    "no_agenda": "esta instalação não tem agenda",
    "meeting_moved": "a reunião mudou",
    "meeting_cancelled": "a reunião foi cancelada",
    "meeting_over": "a reunião já teve desfecho",
    "offers_gone": "os horários não estão mais reservados",
    "too_late": "já era tarde",
    # What is wrong with a calendar.
    "not_configured": "falta configurar o acesso",
    "access_refused": "acesso recusado",
    "api_not_enabled": "a API do calendário não está ativada",
    "delegation_missing": "falta a delegação do domínio",
    "calendar_not_found": "calendário não encontrado, ou não compartilhado",
    "calendar_ambiguous": "há mais de um calendário com esse nome",
    "calendar_too_large": "calendário grande demais",
    "not_a_calendar": "o endereço não é de um calendário",
    "not_allowed": "não permitido",
    "not_found": "não encontrado",
    "gone": "não existe mais",
    "already_there": "já existe",
    "storage_full": "calendário cheio",
    "event_refused": "evento recusado",
    "event_malformed": "evento malformado",
    "event_too_large": "evento grande demais",
    "too_many_events": "eventos demais",
    "recurrence_malformed": "recorrência que não se entende",
    "recurrence_too_fine": "recorrência fina demais",
    "recurrence_too_long": "recorrência longa demais",
    "zone_malformed": "fuso malformado",
    "zone_unknown": "fuso desconhecido",
    "window_too_long": "período longo demais",
    "answer_incomplete": "resposta incompleta",
    "answer_too_large": "resposta grande demais",
    "precondition_failed": "mudou no meio-tempo",
    "changed_meanwhile": "mudou no meio-tempo",
    "changed_there": "mudou no calendário",
    "moved_there": "mudou de horário no calendário",
    "removed_there": "foi apagada no calendário",
    "newer_there": "o calendário tem uma versão mais nova",
    "not_ours": "o evento não é nosso",
    "uid_elsewhere": "está em outro calendário da conta",
    "proxy_refused": "recusado por um proxy",
}
