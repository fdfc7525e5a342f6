"""Sentences that refuse further messages, in Portuguese, English and Spanish.

Patterns are written as people write; they are compared with `squeezed` plain words (`disparo.domain.intents.said`).
"""

from __future__ import annotations

import re

from disparo.domain.intents.said import squeezed


def _one_of(*lines: str) -> str:
    return f"(?:{'|'.join(lines)})"


_SENDABLE = _one_of(
    "mensa(?:gem|gens|gen|je|jes)|menssagens?|msgs?|messages?|texts?|sms|e ?mails?|correos?|propagandas?|publicidades?",
    "publicidad|spam|newsletters?",
)
_MESSAGES = _one_of(
    _SENDABLE,
    "contatos?|contactos?|promoc(?:ao|oes)|promociones|ofertas?|anuncios?|nada|isso|isto|esto|eso|notificac(?:ao|oes)",
    "notificaciones|avisos?|comunicac(?:ao|oes)|comunicados?|zaps?|whats(?:app)?|coisas?|informac(?:ao|oes)|voces?",
    "vcs?",
    "ustedes|anything|calls",
)
_LINK = _one_of(
    "(?:mais|mas|de|do|da|dos|das|no|na|por|pelo|as|os|a|o|suas?|seus?|essas?|esses?|estas?|estes?|desse|dessa|desses",
    "dessas|deste|desta|tipo|nenhuma?|ninguna?|ningun|sus?|las?|los|any|more|your|these|this|those|such|outras?",
    "tantas?",
    "me|other) ",
)
_TAIL = (
    _one_of(
        " (?:mais|mas|anymore|any more|again|por favor|pf|pfv|please|obrigad[oa]|grat[oa]|gracias|viu|ta|ok|agora",
        "disso",
        "disto|aqui|daqui|nesse numero|neste numero|nunca mais|nunca mas|nunca|jamais|ever)",
    )
    + "*$"
)
_OBJECT = rf"(?: {_LINK}*{_MESSAGES}(?= |$)|{_TAIL})"
_NO = "(?:nao|no|nunca|jamais|num)"
_WISH = _one_of(
    "quero|queremos|queria|desejo|desejamos|gostaria(?: mais)?(?: de)?|aceito|autorizo|permito|vou querer|pedi para",
    "pedi pra|quiero|deseo|quisiera|want to|wish to|want",
)
_WRITE = _one_of(
    "mande[ms]?|manda|mandar|mandes|manden|envi(?:e|em|en|es|a|ar)|escrev(?:a|am|er)|escriba[ns]?|text|message|contact",
    "email|e mail|send(?: me)?|call|contat(?:e|em)|contacte[ns]?|incomod(?:e|em|a|ar)|perturb(?:e|em|ar)|moleste[ns]?",
    "encham?|chame[m]?|ligu(?:e|em)|ligar|llam(?:e|en|es)|busquen|deem",
)
_LIST = _one_of(
    "lista|list|base|cadastro|mailing|grupo|group|sistema|agenda|disparo|transmissao|contatos|contactos|envios?"
)
_THEIR = _one_of(
    "(?:a|la|las|el|los|su|sua|suas|seu|seus|sus|vossa|esta|essa|este|esse|your|the|this|meu|minha|mi|mis|my|o|os|as",
    "todos|todas|esses|essas|voces) ",
)
_TAKE_OUT = _one_of(
    "tir(?:a|e|em|ar)|remov(?:a|e|am|er)|retir(?:a|e|em|ar)|exclu(?:a|i|am|ir)|delet(?:a|e|em|ar)|apag(?:a|am|ar|ue",
    "uem)",
    "sac(?:a|ar)|saquen?|elimin(?:a|e|en|ar)|quit(?:a|e|en|ar)|borr(?:a|e|en|ar)|eras(?:e|ar)|remove|delete",
)
_MINE = (
    "(?:o |os )?(?:meus?|mis?|my) (?:dados|data|datos|cadastro|numero|number|contato|contacto"
    "|telefone|email|e mail|nome|name)"
)

_REFUSALS = (
    rf"{_NO} (?:me )?{_WISH}(?: mais| mas)? (?:a |de )?(?:receber|recibir|receive|get){_OBJECT}",
    rf"{_NO} (?:me )?{_WISH}(?: mais| mas)? ser (?:contatad|incomodad|perturbad|molestad)[oa]",
    rf"{_NO} {_WISH}(?: mais| mas)? {_LINK}*(?:{_SENDABLE}|contato)(?= |$)",
    rf"{_NO} (?:quero|quiero) que (?:voces |ustedes )?me {_WRITE}",
    rf"{_NO} quero mais nada (?:com|de) (?:voces?|vcs?)",
    rf"{_NO} (?:me )?{_WRITE}(?: me)? (?:mais|mas|more|anymore|any more|again){_OBJECT}",
    rf"{_NO} (?:me )?{_WRITE}(?: me)?(?: {_LINK}*(?:{_SENDABLE}|nada|anything)(?= |$)|{_TAIL})",
    r"(?:no|sem) (?:more|mais) (?:messages|texts|emails|sms|calls|mensagens|mensagem|msgs)",
    r"(?:nem )?mais nenhuma mensagem",
    r"me deix[ae]m? em paz|deixem? me em paz|dejen?me en paz|leave me alone",
    r"(?:perdi|retiro|revogo|retirar|revogar) (?:o |meu )?consentimento|nao autorizei (?:esse|este|o|nenhum) contato",
)
"""Refusals by themselves."""

_ENDS = (
    r"(?:pare[mn]?|para|parar|podem? parar|deixem?|deixar|deja|dejen?|dejar|chega)(?: ja)? de (?:me |nos )?"
    + _one_of(
        "mandar|enviar|encher|perturbar|incomodar|escrever|ligar|chamar|importunar|receber|spam|propaganda|mensagem",
        "mensagens|recibir|(?:escribir|enviar|mandar|molestar|llamar)(?:me)?",
    ),
    r"parem? com (?:as |os |essas |esses |estas |suas )?(?:mensagens|msgs|propagandas?|spam|emails|envios)",
    r"pedi (?:para|pra) (?:parar|sair|ser removid[oa]|me (?:tirar|remover)(?:em)?)",
    r"stop (?:texting|messaging|emailing|sending|contacting|calling|bothering|writing|spamming)",
    r"stop the (?:texts|messages|emails)",
    rf"(?:me |nos )?{_TAKE_OUT}(?:me|nme)? (?:(?:me|eu|esse|este|o|meu|mi|my|numero|number|telefone|email|e mail"
    rf"|contato"
    rf"|contacto|nome|name) )*(?:d[aeo]s?|dest[ae]s?|dess[ae]s?|from|de) {_THEIR}*(?:\w+ )?{_LIST}(?= |$)",
    rf"(?:me )?{_TAKE_OUT} (?:todos )?{_MINE}(?: (?:dai|daqui|disso|ai|off))?(?:$| (?:por favor|pf|please|agora"
    rf"|ja)(?= |$))",
    r"(?:apag|exclu|delet|elimin|borr|eras)\w{1,3} (?:todos )?(?:os )?(?:meus dados|my data|mis datos)",
    rf"(?:sair|saio|salir|sai|get off|take (?:me|my number) off|retirada?) (?:(?:d[aeo]s?|dest[ae]|dess[ae]"
    rf"|of) )*{_THEIR}*"
    rf"{_LIST}(?= |$)",
    r"(?:quero|queria|gostaria de|desejo|preciso|como (?:faco|fazer|faz)(?: para| pra)?|como|quiero|deseo"
    r"|i want to) (?:eu )?"
    r"(?:parar de receber|paro de receber|dejar de recibir|stop receiving|opt out)",
    r"(?:me )?d[ei]scadastr(?:a|e|em|ar|o|ei)(?: me)?|(?:me )?desinscrev(?:a|e|am|er|o)|desinscricao",
    r"(?:dar|da|de|den|dame|deme|denme|darme|darse)(?: me)? de baja|dar(?:me)? baja|la baja",
    r"(?:want to|me|please|how (?:do|can) i|wish to|like to) (?:unsubscribe|opt out)|unsubscribe (?:me|from)"
    r"|i want out",
    rf"(?:cancel(?:ar|a|e|em|en)?|suspend(?:er|a|am)|interromp(?:er|a)) (?:{_THEIR}|de )*(?:recebimento de "
    rf"|recebimento das )?"
    rf"(?:envios?|recebimento|newsletter|mensagens|msgs|mensajes|messages|notificacoes|emails|correos)(?= |$)",
    rf"(?:cancel(?:ar|a|e|em|en)?) {_THEIR}*(?:inscricao|suscripcion|subscription|assinatura|cadastro)"
    r"(?:$| (?:por favor|please|agora|ja|d[ae]sta lista|da newsletter)(?= |$))",
    r"(?:remove|delete|take) (?:me|my (?:number|email|name|data))(?: off| from|$)",
)
"""Requests for an end; a negation before them turns them ("não pare de me mandar mensagens")."""


def _any(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:^| )(?P<it>{'|'.join(map(squeezed, phrases))})(?= |$)")


REFUSAL, END = _any(_REFUSALS), _any(_ENDS)
