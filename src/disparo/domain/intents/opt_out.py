"""Whether a reply asks not to be messaged any more.

The words are those that providers and regulators name (WhatsApp Business and Twilio opt-out keywords; 47 CFR
64.1200(a)(10) for English; SAIR and PARAR as Brazilian operators use them), and what people write in their place.
"""

from __future__ import annotations

from itertools import groupby

from disparo.domain.intents.refusals import END, REFUSAL
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
    "nao me chame mais|no me busquen mas|me removam|me excluam|me retirem|me retire|me esquece|me esqueca|me esquecam",
    "i want out",
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

_NEGATIONS = frozenset({"nao", "no", "nunca", "jamais", "never", "nem", "sem", "without", "ni", "cant", "wont"})
_ECHOES = frozenset(
    map(squeezed, ("se", "caso", "if", "si", "responda", "reply", "digite", "responder", "quando", "when"))
)
"""What comes before these words in one clause is somebody's instruction ("se quiser parar de receber"), not a wish."""


_LONG_WORDS = _set("cancelar envio|descadastrar|desinscrever|unsubscribe|descadastre|desinscreva|desuscribir")
_REACH = 3
_PLAINEST = _set("sair|stop|baja|descadastrar|unsubscribe|remover|cancelar envio|remove me|opt out")
_COURTEOUS = _set("possivel|puder|puderem|possible|posible|der")


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
    if _ends_with_command(said, commands):
        return "command"
    if any(not _is_echo(said, found.start("it")) for found in REFUSAL.finditer(said.plain)):
        return "refusal"
    for found in END.finditer(said.plain):
        if not _is_echo(said, found.start("it")) and not _is_negated(said, found.start("it")):
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


def _ends_with_command(said: Said, commands: frozenset[str]) -> bool:
    """Whether a short answer ends with a command behind a comma ("não tenho interesse, sair")."""
    phrases = said.phrases if len(said.words) <= _SHORT else []
    if len(phrases) < 2 or not _is_command(phrases[-1], commands):
        return False
    return phrases[0].split(" ")[0] in _NEGATIONS or phrases[-1] in _PLAINEST


def _bare(plain: str) -> str:
    """Without politeness before and behind, and without a word that is said twice."""
    words = [word for word, _ in groupby(plain.split(" ")[: 4 * _SHORT])]
    while (shorter := _less_polite(words)) is not None:
        words = shorter
    return " ".join(words)


def _less_polite(words: list[str]) -> list[str] | None:
    """Without the longest courtesy before or behind, or None when there is none: of "por favor" no "por" is left."""
    for size in range(min(_LONGEST_POLITE, len(words) - 1), 0, -1):
        if " ".join(words[:size]) in _POLITE:
            return words[size:]
        if " ".join(words[-size:]) in _POLITE:
            return words[:-size]
    return None


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


def _is_negated(said: Said, start: int) -> bool:
    return not _NEGATIONS.isdisjoint(said.before(start)[-_REACH:])


def _is_echo(said: Said, start: int) -> bool:
    before = said.before(start)
    return any(word in _ECHOES and _COURTEOUS.isdisjoint(before[at + 1 : at + 2]) for at, word in enumerate(before))
