"""The audit in people's words: what was done, to what, and where that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from disparo.domain.audit import AuditEntry
from disparo.entrypoints.console.states import ROLES
from disparo.entrypoints.console.words import Words, mark

RESOURCES: Mapping[str, str] = {
    "campaigns": mark("Campanhas"),
    "contacts": mark("Contatos"),
    "imports": mark("Importações"),
    "suppressions": mark("Bloqueios"),
    "inbox": mark("Caixa de entrada"),
    "meetings": mark("Reuniões"),
    "hosts": mark("Anfitriões"),
    "dead_letters": mark("Cartas mortas"),
    "templates": mark("Modelos"),
    "settings": mark("Configurações"),
    "accounts": mark("Contas"),
    "keys": mark("Chaves da API"),
    "webhooks": mark("Webhooks"),
    "audit": mark("Auditoria"),
    "retention": mark("Retenção"),
}

ACTIONS: Mapping[str, str] = {
    # One's own account, and signing in.
    "account.password": mark("trocou a própria senha"),
    "account.tell": mark("mudou o próprio perfil"),
    "account.end_session": mark("encerrou uma sessão própria"),
    "account.end_other_sessions": mark("encerrou as outras sessões próprias"),
    "account.start_second_factor": mark("começou a ligar o segundo fator"),
    "account.enrol_second_factor": mark("ligou o segundo fator"),
    "account.drop_second_factor": mark("desligou o segundo fator"),
    "account.new_recovery_codes": mark("gerou novos códigos de recuperação"),
    "sign_in.password": mark("entrou"),
    "sign_in.code": mark("confirmou o código"),
    "sign_in.out": mark("saiu"),
    "setup.done": mark("escolheu uma senha por um link"),
    "accounts.sign_in": mark("tentou entrar"),
    "accounts.throttled": mark("tentou entrar vezes demais"),
    # Accounts and keys.
    "accounts.add": mark("convidou uma pessoa"),
    "accounts.change": mark("mudou uma conta"),
    "accounts.disable": mark("desativou uma conta"),
    "accounts.enable": mark("reativou uma conta"),
    "accounts.password": mark("escolheu uma senha por um link"),
    "accounts.password_link": mark("gerou um link de nova senha"),
    "accounts.reset_second_factor": mark("retirou o segundo fator de uma conta"),
    "accounts.sign_out": mark("encerrou as sessões de uma conta"),
    "accounts.setup_link": mark("gerou o link da primeira conta"),
    "keys.add": mark("criou uma chave da API"),
    "keys.revoke": mark("revogou uma chave da API"),
    # Campaigns and templates.
    "campaigns.create": mark("criou uma campanha"),
    "campaigns.new": mark("começou uma campanha"),
    "campaigns.set_audience": mark("escolheu o público de uma campanha"),
    "campaigns.set_message": mark("escreveu uma mensagem de uma campanha"),
    "campaigns.change_sequence": mark("mudou os passos de uma campanha"),
    "campaigns.set_sending": mark("definiu o envio de uma campanha"),
    "campaigns.start_now": mark("criou uma campanha"),
    "campaigns.drop_sketch": mark("descartou um rascunho de campanha"),
    "campaigns.look": mark("olhou a prévia de uma mensagem"),
    "campaigns.preview": mark("olhou a prévia de uma campanha"),
    "campaigns.preview_draft": mark("olhou a prévia de uma campanha"),
    "campaigns.start": mark("iniciou uma campanha"),
    "campaigns.pause": mark("pausou uma campanha"),
    "campaigns.resume": mark("retomou uma campanha"),
    "campaigns.cancel": mark("cancelou uma campanha"),
    "campaigns.change": mark("mudou uma campanha"),
    "campaigns.edit": mark("mudou uma campanha"),
    "campaigns.replace": mark("substituiu uma campanha"),
    "campaigns.change_limits": mark("mudou os limites de uma campanha"),
    "campaigns.duplicate": mark("duplicou uma campanha"),
    "campaigns.test": mark("enviou um teste"),
    "campaigns.try_out": mark("enviou um teste"),
    "forecasts.create": mark("fez uma previsão"),
    "forecasts.cancel": mark("cancelou uma previsão"),
    "campaigns.cancel_forecast": mark("cancelou uma previsão"),
    "templates.create": mark("criou um modelo"),
    "templates.replace": mark("mudou um modelo"),
    "templates.remove": mark("retirou um modelo"),
    "templates.preview": mark("olhou a prévia de um modelo"),
    "templates.preview_draft": mark("olhou a prévia de um modelo"),
    "library.create": mark("criou um modelo"),
    "library.save": mark("mudou um modelo"),
    "library.remove": mark("retirou um modelo"),
    "library.look": mark("olhou a prévia de um modelo"),
    # People.
    "contacts.create": mark("cadastrou um contato"),
    "contacts.change": mark("mudou um contato"),
    "contacts.erase": mark("apagou uma pessoa"),
    "contacts.export": mark("exportou os dados de uma pessoa"),
    "contacts.suppress": mark("bloqueou um contato"),
    "contacts.unsuppress": mark("desbloqueou um contato"),
    "imports.create": mark("importou contatos"),
    "imports.preview": mark("olhou a prévia de uma importação"),
    "imports.upload": mark("enviou uma planilha"),
    "imports.start": mark("iniciou uma importação"),
    "imports.discard": mark("descartou uma importação"),
    "suppressions.add": mark("bloqueou um endereço"),
    "suppressions.remove": mark("desbloqueou um endereço"),
    "suppressions.import": mark("importou bloqueios"),
    # Inbox and agenda.
    "inbox.reply": mark("respondeu a alguém"),
    "inbox.settle": mark("anotou no que deu uma conversa"),
    "agenda.book": mark("marcou uma reunião"),
    "agenda.propose": mark("propôs horários"),
    "meetings.book": mark("marcou uma reunião"),
    "meetings.propose": mark("propôs horários"),
    "meetings.offer": mark("ofereceu novos horários"),
    "meetings.confirm": mark("confirmou uma reunião"),
    "meetings.decline": mark("recusou uma proposta"),
    "meetings.cancel": mark("cancelou uma reunião"),
    "meetings.move": mark("mudou uma reunião de horário"),
    "meetings.hand_over": mark("passou uma reunião a outra pessoa"),
    "meetings.outcome": mark("anotou no que deu uma reunião"),
    "meetings.held": mark("anotou que uma reunião aconteceu"),
    "meetings.no_show": mark("anotou uma falta"),
    "meeting_types.create": mark("criou um tipo de reunião"),
    "meeting_types.change": mark("mudou um tipo de reunião"),
    "meeting_types.put": mark("mudou um tipo de reunião"),
    "hosts.create": mark("cadastrou um anfitrião"),
    "hosts.change": mark("mudou um anfitrião"),
    "hosts.put": mark("mudou um anfitrião"),
    "hosts.block": mark("bloqueou horas de um anfitrião"),
    "hosts.unblock": mark("liberou horas de um anfitrião"),
    "hosts.renew_feed": mark("trocou o link do calendário de um anfitrião"),
    # Dead letters, webhooks, settings, the audit itself.
    "dead_letters.redrive": mark("recolocou cartas mortas na fila"),
    "dead_letters.clear_queue": mark("esvaziou a fila do que não foi entregue"),
    "webhooks.add": mark("criou um webhook"),
    "webhooks.change": mark("mudou um webhook"),
    "webhooks.enable": mark("ligou um webhook"),
    "webhooks.disable": mark("desligou um webhook"),
    "webhooks.remove": mark("retirou um webhook"),
    "webhooks.rotate": mark("trocou o segredo de um webhook"),
    "webhooks.test": mark("testou um webhook"),
    "webhooks.resend": mark("reenviou um aviso de webhook"),
    "webhooks.resend_failed": mark("reenviou os avisos que falharam"),
    "settings.change": mark("mudou configurações"),
    "settings.take_back": mark("desfez uma mudança de configuração"),
    "audit.export_csv": mark("exportou a auditoria"),
    "audit.export_jsonl": mark("exportou a auditoria"),
    "audit.export": mark("exportou a auditoria"),
    "retention.forget": mark("apagou o que passou do prazo"),
    # The command line.
    "import": mark("importou contatos"),
    "campaign.create": mark("criou uma campanha"),
    "campaign.start": mark("iniciou uma campanha"),
    "campaign.pause": mark("pausou uma campanha"),
    "campaign.resume": mark("retomou uma campanha"),
    "campaign.cancel": mark("cancelou uma campanha"),
    "campaign.update": mark("mudou uma campanha"),
    "inbox.handle": mark("anotou no que deu uma conversa"),
    "hosts.load": mark("carregou anfitriões de um arquivo"),
    "meetings.reschedule": mark("mudou uma reunião de horário"),
    "meetings.host": mark("passou uma reunião a outra pessoa"),
    "dead-letters.redrive": mark("recolocou cartas mortas na fila"),
    "backup": mark("fez uma cópia de segurança"),
    "restore": mark("restaurou uma cópia de segurança"),
}
"""By the action, as `plain` has it: pages and the API say the same of the same."""

DETAILS: Mapping[str, str] = {
    "account": mark("conta"),
    "addresses": mark("endereços"),
    "also": mark("também apagados"),
    "campaign": mark("campanha"),
    "cancelled": mark("mensagens canceladas"),
    "changed": mark("o que mudou"),
    "channel": mark("canal"),
    "contact": mark("contato"),
    "count": mark("quantos"),
    "disabled": mark("desativada"),
    "elsewhere": mark("noutras listas"),
    "endpoint": mark("webhook"),
    "entries": mark("respostas"),
    "fields": mark("campos"),
    "files": mark("arquivos"),
    "force": mark("mesmo assim"),
    "import": mark("importação"),
    "kept": mark("mensagens guardadas sem nome"),
    "key": mark("chave"),
    "kind": mark("tipo"),
    "list": mark("lista"),
    "meeting": mark("reunião"),
    "meetings": mark("reuniões"),
    "message": mark("mensagem"),
    "outcome": mark("no que deu"),
    "reason": mark("motivo"),
    "redriven": mark("recolocadas"),
    "refused": mark("recusadas"),
    "replies": mark("respostas"),
    "role": mark("papel"),
    "sessions": mark("sessões"),
    "started": mark("iniciada"),
    "state": mark("estado"),
    "step": mark("passo"),
}
"""What details are called; others stand by their own names, as settings do."""

FORGOTTEN: Mapping[str, str] = {
    "contacts": mark("contatos"),
    "messages": mark("históricos de mensagens"),
    "inbox": mark("conversas"),
    "files": mark("arquivos"),
    "audit": mark("auditoria"),
}

_PAGE = re.compile(r"(?<=\.)page[._](?=.)|_by_page$|_page$")
_PART = re.compile(r"(\w+)[= ](\S+)")
_PLACES: Mapping[str, str] = {
    "contact_id": "/console/contacts/{}",
    "owner": "/console/inbox/{}",
    "meeting_id": "/console/meetings/{}",
    "host_id": "/console/hosts/{}",
    "account_id": "/console/settings/accounts/{}",
    "account": "/console/settings/accounts/{}",
    "type_id": "/console/agenda/types/{}",
}
_NAMED: Mapping[str, str] = {
    "campaigns": "/console/campaigns/{}",
    "campaign": "/console/campaigns/{}",
    "templates": "/console/templates/{}",
    "library": "/console/templates/{}",
}
_NO_LONGER_THERE = frozenset({"contacts.erase", "templates.remove", "library.remove"})


def plain(action: str) -> str:
    """The action, whichever door it was done through: `campaigns.page_start` is `campaigns.start`."""
    return _PAGE.sub("", action)


def action_words(action: str, words: Words) -> str:
    """What was done; the code itself for what is not known here, as an older version may have written it."""
    text = ACTIONS.get(plain(action))
    return action if text is None else words.gettext(text)


def object_link(entry: AuditEntry, words: Words) -> tuple[str, str]:
    """What it was done to as a short text, and the address of its page; empty where there is none."""
    parts = _PART.findall(entry.object)
    if not parts:
        return words.gettext(FORGOTTEN.get(entry.object, entry.object)), ""
    name, value = parts[0]
    text = " ".join(value for _, value in parts)
    if plain(entry.action) in _NO_LONGER_THERE:
        return text, ""
    place = _PLACES.get(name) or (_NAMED.get(entry.action.partition(".")[0]) if name == "name" else None)
    return text, place.format(quote(value, safe="")) if place and value.isascii() and "*" not in value else ""


_VALUES: Mapping[tuple[str, str], str] = {
    ("disabled", "True"): mark("sim"),
    ("force", "True"): mark("sim"),
    **{("role", str(role)): text for role, text in ROLES.items()},
}
"""Values that are said otherwise than they are kept."""


def detail_words(entry: AuditEntry, words: Words) -> Sequence[tuple[str, str]]:
    """What more is told: names and values, without those that say nothing."""
    return [
        (words.gettext(DETAILS.get(name, name)), words.gettext(_VALUES.get((name, value), value)))
        for name, value in entry.detail.items()
        if value not in ("", "0", "None", "False", "[]")
    ]
