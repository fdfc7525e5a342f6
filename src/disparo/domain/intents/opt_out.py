"""Whether a reply asks not to be messaged any more.

The words are those that providers and regulators name (WhatsApp Business and Twilio opt-out keywords; 47 CFR
64.1200(a)(10) for English; SAIR and PARAR as Brazilian operators use them), and what people write in their place.
"""

from __future__ import annotations

import re
from itertools import groupby

from disparo.domain.intents.said import Said, squeezed


def _set(*lines: str) -> frozenset[str]:
    return frozenset(squeezed(phrase.strip()) for line in lines for phrase in line.split("|"))


COMMANDS = _set(
    "sair|sai|sairr|siar|sari|quero sair|desejo sair|parar|pare|para|parem|pode parar|podem parar|favor parar",
    "parar envio|parar envios|parar mensagens|pare agora|descadastrar|descadastre|descadastro|me descadastra",
    "me descadastre|descadastrar me|descadastre me|remover|remova|remove|removam|me remova|me remove|me remover",
    "remova me|me tira|me tire|me tirem|me exclua|me exclui|excluir|exclua|excluam|desinscrever|desinscreva",
    "desinscricao",
    "desinscrever me|me desinscreva|desassinar|bloquear|bloqueia|bloqueie|nao perturbe|nao me ligue|nao me perturbe",
    "nao incomodar|nao incomode|nao receber|nao enviar|nao envie|nao enviar mais|nao mandar mais|nao mande mais",
    "cancelar envio|cancelar envios|cancelar o envio|cancela envio|cancelamento de envio|sair da lista",
    "opt out|optout|stop|stop all|stopall|estop|stopp|stpo|sotp|unsubscribe|unsub|unsuscribe|unsubscribe me",
    "remove me",
    "quit|end|revoke|do not contact|do nao contact|leave me alone|stop please|take me off|no more",
    "baja|dar baja|dar de baja|darme de baja|dame de baja|deme de baja|denme de baja|salir|paren|detener|desuscribir",
    "desuscribirme|desuscribanme|cancelar suscripcion|eliminar|eliminarme|borrarme|borrenme|me da baja|nao molestar",
    "no molestar|no molesten|no contactar|nao quero mais|nao quero mais nada|no quiero mas|no quiero mas nada",
    "nao me chame mais|no me busquen mas",
)
"""Whole answers, politeness apart, that opt out."""

CANCELS = _set("cancelar|cancela|cancele|cancelem|cancel|cancelamento|cancelar tudo|cancel all|cancelado")
"""Whole answers that opt out, unless there is a meeting that they may mean."""

_MEETING_MEANT = CANCELS | _set("nao quero mais|no quiero mas")

_JOKED = _set(
    "pare com isso|para com isso|parem com isso|pare com isto|stop it|stop that|chega|basta|ya basta|basta ya|enough"
)
"""What opts out unless its writer laughs."""

_POLITE = _set(
    "oi|ola|hola|hello|hi|hey|bom dia|boa tarde|boa noite|buenos dias|buenas tardes|buenas|por favor|porfavor|pf|pfv",
    "pfvr|favor|porfa|please|pls|plz|por gentileza|gentileza|entao|ok|ja|agora|now|ahora|obrigado|obrigada|obg",
    "brigado",
    "brigada|grato|grata|agradeco|valeu|vlw|thanks|thank you|thx|ty|tks|gracias|muito obrigado|muito obrigada",
    "muchas gracias|imediatamente|urgente|att|abs|abraco|abracos|disso|daqui|tudo bem|amigo|amiga|moco|moca|senhor",
    "senhora|gente|pessoal|quero|queria|gostaria de|desejo|preciso|eu|i want to|i would like to|id like to|quiero",
    "deseo",
    "nao obrigado|nao obrigada|no gracias|no thanks|sir|desculpe|desculpa|sorry|perdon|responder|digito",
)
_LONGEST_POLITE = max(phrase.count(" ") + 1 for phrase in _POLITE)

_MESSAGES = (
    r"(?:mensa(?:gem|gens|gen|je|jes)|menssagens?|msgs?|messages?|texts?|sms|e ?mails?|correos?|contatos?|contactos?"
    r"|propagandas?|publicidades?|promoc(?:ao|oes)|promociones|ofertas?|anuncios?|spam|nada|isso|isto|esto|eso"
    r"|notificac(?:ao|oes)|notificaciones|avisos?|comunicac(?:ao|oes)|comunicados?|newsletters?|zaps?|whats(?:app)?"
    r"|coisas?|informac(?:ao|oes)|voces?|vcs?|ustedes|whatsapps|anything|calls)"
)
_LINK = (
    r"(?:(?:mais|mas|de|do|da|dos|das|as|os|a|o|suas?|seus?|essas?|esses?|estas?|estes?|desse|dessa|desses|dessas"
    r"|deste"
    r"|desta|tipo|nenhuma?|ninguna?|ningun|sus?|las?|los|any|more|your|these|this|those|such|outras?|tantas?|me"
    r"|other) )*"
)
_TAIL = (
    r"(?: (?:mais|mas|anymore|any more|again|por favor|pf|pfv|please|obrigad[oa]|grat[oa]|gracias|viu|ta|ok|agora"
    r"|disso"
    r"|disto|aqui|daqui|nesse numero|neste numero|nunca mais|nunca mas|nunca|jamais|ever))*$"
)
_OBJECT = rf"(?: {_LINK}{_MESSAGES}(?= |$)|{_TAIL})"
_NO = r"(?:nao|no|nunca|jamais)"
_WISH = (
    r"(?:quero|queremos|queria|desejo|desejamos|gostaria de|aceito|autorizo|permito|vou querer|pedi para|pedi pra"
    r"|quiero"
    r"|queremos|deseo|quisiera|want to|wish to|want)"
)
_LISTS = (
    r"(?:lista|list|base|cadastro|mailing|grupo|group|sistema|agenda|disparo|transmissao|contatos|contactos|envios?)"
)

_ASKS = (
    rf"{_NO} (?:me )?{_WISH}(?: mais| mas)? (?:a |de )?(?:receber|recibir|receive|get|ser (?:contatad|incomodad"
    rf"|molestad)[oa])"
    rf"{_OBJECT}",
    rf"{_NO} {_WISH}(?: mais| mas)? {_LINK}(?:mensa(?:gem|gens|jes?)|msgs?|messages|texts|sms|emails|correos"
    rf"|propagandas?"
    r"|spam|publicidade|publicidad|newsletters?|contato)(?= |$)",
    rf"{_NO} (?:me )?(?:mande[ms]?|manda|envi(?:e|em|en|es|a)|escrev(?:a|am)|escriba[ns]?|mandes|manden|text"
    rf"|message|contact|email"
    r"|e mail|send(?: me)?|call|contat(?:e|em)|contacte[ns]?|incomod(?:e|em|a)|perturb(?:e|em)|moleste[ns]?|enchas?"
    rf"|chame[m]?|ligu(?:e|em)|llam(?:e|en|es)|busquen)(?: me)?(?: (?:mais|mas|more|anymore|any more"
    rf"|again)(?:{_OBJECT}| )|"
    rf" {_LINK}(?:mensa(?:gem|gens|jes?)|msgs?|messages|texts|sms|emails|propagandas?|spam|nada|anything)(?= |$)"
    rf"|{_TAIL})",
    rf"{_NO} (?:me )?(?:deem|mandem|enviem) mais",
    r"no more (?:messages|texts|emails|sms|calls)",
    r"(?:nem )?mais nenhuma mensagem",
    r"me deix[ae]m? em paz|deixe(?:m)? me em paz|dejen?me en paz|dejame en paz|leave me alone",
    r"(?:perdi|retiro|revogo|retirar|revogar) (?:o |meu )?consentimento",
)
"""Sentences that are a refusal by themselves."""

_STOPS = (
    r"(?:pare[mn]?|para|parar|pode(?:m)? parar|deixe[m]?|deixar|deja|dejen?|dejar|chega)(?: ja)? de (?:me "
    r"|nos )?(?:mandar|enviar"
    r"|encher|perturbar|incomodar|escrever|ligar|chamar|importunar|mensagens?|receber|spam|propaganda|escribir(?:me)?"
    r"|enviar(?:me)?|mandar(?:me)?|molestar(?:me)?|llamar(?:me)?|recibir|mandarme|enviarme|escribirme)",
    r"parem? com (?:as |os |essas |esses |estas |suas )?(?:mensagens|msgs|propagandas?|spam|emails|envios)",
    r"stop (?:texting|messaging|emailing|sending|contacting|calling|bothering|writing|spamming|the (?:texts"
    r"|messages|emails))",
    rf"(?:me |nos |meu (?:numero|telefone|email|contato|nome) )?(?:tir(?:a|e|em|ar)|remov(?:a|e|am|er)|retir(?:a|e"
    rf"|em|ar)"
    rf"|exclu(?:a|i|am|ir)|apagu?(?:a|e|em|ar)|sac(?:a|ar)|saquen?|elimin(?:e|en|ar|a)|quit(?:a|e|en|ar)|borr(?:a|e"
    rf"|en|ar)|remove)"
    rf"(?:me|nme)? (?:(?:me|eu|esse|este|o|meu|mi|my|numero|number|telefone|email|e mail|contato|nome|name"
    rf"|contacto) )*"
    rf"(?:d[aeo]s?|dest[ae]s?|dess[ae]s?|from|de) (?:(?:a|la|las|su|sua|suas|seu|seus|vossa|esta|essa|este|esse|sus"
    rf"|your|the"
    rf"|this|el|voces) )*(?:\w+ )?{_LISTS}(?= |$)",
    rf"(?:sair|saio|salir|sai|get off|take (?:me|my number) off|retirada?) (?:(?:d[aeo]s?|dest[ae]|dess[ae]|de|la"
    rf"|esta|su|el|of|your"
    rf"|this|the|sua|seu) )*{_LISTS}(?= |$)",
    r"(?:quero|queria|gostaria de|desejo|preciso|como (?:faco|fazer|faz)(?: para| pra)?|como|quiero|deseo"
    r"|i want to) (?:eu )?"
    r"(?:parar de receber|paro de receber|dejar de recibir|stop receiving|opt out)",
    r"(?:me )?d[ei]scadastr(?:a|e|em|ar|o|ei)(?: me)?",
    r"(?:me )?desinscrev(?:a|e|am|er|o)|(?:me )?desinscricao",
    r"(?:dar|da|de|den|dame|deme|denme|darme|darse)(?: me)? de baja|dar(?:me)? baja|la baja",
    r"(?:want to|me|please|how (?:do|can) i|wish to|like to) (?:unsubscribe|opt out)|unsubscribe (?:me|from)",
    r"(?:cancel(?:ar|a|e|em|en)?|suspend(?:er|a|am)|interromp(?:er|a)) (?:(?:o|os|a|as|meu|minha|el|la|las|los|mi"
    r"|mis|my|the|"
    r"todos|todas|esse|esses|essas|recebimento|de) )*(?:envios?|inscricao|suscripcion|subscription|assinatura"
    r"|recebimento"
    r"|cadastro|newsletter|mensagens|msgs|mensajes|messages|notificacoes|emails|correos)(?= |$)",
    r"(?:apag|exclu|delet|remov|elimin|borr|eras)(?:a|e|i|ar|ir|er|am|em|en|uir|ua|uam|ue|uem)? (?:todos )?(?:os )?"
    r"(?:meus dados|my data|mis datos|meu cadastro|meu numero|meu contato|meu telefone|my number|mi numero)",
    r"(?:remove|delete|take) (?:me|my (?:number|email|name|data))(?: off| from|$)",
)
"""Sentences that ask for an end; a negation before them turns them ("não pare de me mandar mensagens")."""

_NEGATIONS = frozenset({"nao", "no", "nunca", "jamais", "never", "nem", "sem", "without", "ni", "cant", "wont"})
_ECHOES = frozenset(
    map(squeezed, ("se", "caso", "if", "si", "responda", "reply", "digite", "responder", "quando", "when"))
)
"""What comes before these words in one clause is somebody's instruction ("se quiser parar de receber"), not a wish."""


def _any(phrases: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:^| )(?:{'|'.join(map(squeezed, phrases))})(?= |$)")


_REFUSAL, _END = _any(_ASKS), _any(_STOPS)
_LONG_WORDS = _set("cancelar envio|descadastrar|desinscrever|unsubscribe|descadastre|desinscreva|desuscribir")
_REACH = 3


def opt_out_rule(said: Said, meeting_open: bool) -> str | None:
    """The rule by which a reply opts out, or None.

    A whole answer, its first or last line or a sentence of it counts when it is a command, politeness apart. With
    `meeting_open` a bare "cancelar" may mean the meeting and does not count.
    """
    commands = COMMANDS | CANCELS if not meeting_open else COMMANDS - _MEETING_MEANT
    lines = said.lines
    parts = [said.plain, *lines[:1], *lines[-1:], *(said.sentences if len(said.words) <= _SHORT else ())]
    for part in dict.fromkeys(parts):
        if _is_command(part, commands):
            return "command"
        if not said.laughs and _bare(part) in _JOKED:
            return "enough"
    if (found := _REFUSAL.search(said.plain)) and not _is_echo(said, found.start()):
        return "refusal"
    for found in _END.finditer(said.plain):
        if not _is_echo(said, found.start()) and not _is_negated(said, found.start()):
            return "asks_to_stop"
    return None


_SHORT = 12
"""Words of an answer whose single sentences may be commands."""


def _is_command(plain: str, commands: frozenset[str]) -> bool:
    if plain in commands or (bare := _bare(plain)) in commands:
        return True
    joined = bare.replace(" ", "")
    if len(bare) <= 2 * _SHORT and joined in commands and " " in bare:  # "S A I R"
        return True
    return " " not in bare and len(bare) >= 7 and any(_one_off(bare, word) for word in _LONG_WORDS)


def _bare(plain: str) -> str:
    """Without politeness before and behind, and without a word that is said twice."""
    words = [word for word, _ in groupby(plain.split(" ")[: 4 * _SHORT])]
    changed = True
    while changed:
        changed = False
        for size in range(min(_LONGEST_POLITE, len(words) - 1), 0, -1):
            if " ".join(words[:size]) in _POLITE:
                words, changed = words[size:], True
            elif " ".join(words[-size:]) in _POLITE:
                words, changed = words[:-size], True
    return " ".join(words)


def _one_off(word: str, wanted: str) -> bool:
    """Whether one letter is missing, too many, another, or changed places with the next."""
    if abs(len(word) - len(wanted)) > 1:
        return False
    at = next((i for i, (one, other) in enumerate(zip(word, wanted, strict=False)) if one != other), None)
    if at is None:
        return True
    rest, goal = word[at:], wanted[at:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == goal[1:] or rest[1:] == goal or rest == goal[1:] or swapped == goal


def _words_before(said: Said, start: int) -> tuple[str, ...]:
    """The words of the same clause that stand before a place in the plain text."""
    index = len(said.plain[: start + 1].split()) - (0 if start and said.plain[start] == " " else 1)
    index = max(0, min(index, len(said.words) - 1))
    clause = said.clauses[index]
    return tuple(
        word for word, number in zip(said.words[:index], said.clauses[:index], strict=True) if number == clause
    )


def _is_negated(said: Said, start: int) -> bool:
    return not _NEGATIONS.isdisjoint(_words_before(said, start)[-_REACH:])


def _is_echo(said: Said, start: int) -> bool:
    return not _ECHOES.isdisjoint(_words_before(said, start))
