"""What else a reply may mean: yes, no, another time, one of the times offered, a question, a machine's answer."""

from __future__ import annotations

import re

from disparo.domain.intents.said import Said, squeezed


def _set(*lines: str) -> frozenset[str]:
    return frozenset(squeezed(phrase.strip()) for line in lines for phrase in line.split("|"))


def _regex(*phrases: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^| )(?P<it>{'|'.join(map(squeezed, phrases))})(?= |$)")


_YES = _set(
    "sim|s|claro|confirmo|confirmado|confirmada|confirma|confirmar|ok|okay|okey|oki|blz|beleza|combinado|fechado",
    "pode ser",
    "pode|pode sim|perfeito|otimo|ta bom|esta bom|tudo bem|tudo certo|certo|certinho|com certeza|isso|isso mesmo",
    "aceito",
    "quero|quero sim|tenho interesse|tenho interesse sim|tenho sim|estarei la|estarei presente|estarei ai|vou sim",
    "vou estar|bora|vamos",
    "show",
    "top|positivo|uhum|aham|yes|y|yep|yeah|yup|sure|confirm|confirmed|sounds good|works for me|of course|absolutely",
    "i confirm",
    "i will be there|ill be there|see you there|perfect|great|si|claro que si|claro que sim|vale|de acuerdo|dale",
    "perfecto",
    "esta bien|bueno|por supuesto|asistire|ahi estare|alli estare|excelente|sem problema|sem problemas",
    "por mim tudo bem",
    "maravilha|confirmadissimo|presenca confirmada|confirmo presenca|confirmo minha presenca|confirmo a reuniao",
    "marcado",
    "pode confirmar|pode marcar|pode agendar|sim confirmo|sim pode|sim pode ser|sim quero|sim claro|si confirmo",
    "yes confirm",
    "me interessa|me interesa|estou interessado|estou interessada|estoy interesado|estoy interesada|interested",
    "i am interested",
    "im interested|agendado|joia|valendo|deal|agreed|go ahead|yes please",
)
_YES_MARKS = frozenset("👍👌✅✔🙌🤝☑")

_NO = _set(
    "nao|nao posso|nao quero|agora nao|hoje nao|nao tenho interesse|sem interesse|nao da|nao vai dar|nao vou poder",
    "nao poderei|nao consigo|infelizmente nao|nao vou|nao confirmo|dispenso|recuso|negativo|deixa pra la|nao precisa",
    "no|nope|nah|no thanks|not interested|cant|i cant|cannot|i cannot|decline|not now|im busy|not available|no puedo",
    "no gracias|no me interesa|no podre|no quiero|imposible|ahora no|lamentablemente no|no thank you|impossivel",
    "nao rola",
    "nao mesmo|jamais|never|nunca|nao vou conseguir|desmarcar|desmarca|desmarque|nao obrigado|nao obrigada",
    "preciso desmarcar|quero desmarcar|vou desmarcar|nao estou interessado",
    "nao estou interessada|nao me interessa|no estoy interesado|no estoy interesada",
)
_AGREES = _regex(r"confirmo|confirmad[oa]|combinado|fechado|confirmed")
_BUTS = frozenset({"mas", "porem", "but", "pero", "nao", "not", "sem", "se"})

_NO_MARKS = frozenset("👎❌🚫✖")
_NO_BEGINS = _regex(
    r"(?:infelizmente |hoje |agora |amanha |entao |eu |i |lamentablemente |desculpe |sorry |lo siento )*(?:nao|no"
    r"|wont|cant|cannot)"
    r"(?: eu)?(?: vou| voy a| estou| estoy| estarei| me| be| am)? ?(?:posso|poder|poderei|consigo|conseguir"
    r"|conseguirei|quero|vou"
    r"|tenho(?! duvida| problema| objec| nada contra)|puedo|podre|poder|quiero|tengo|da|disponivel|disponible"
    r"|interes(?:sa|a|se|ado|ada)|interested|able|available|make|attend"
    r"|confirmo|preciso|necesito|ir|comparecer|compareco|comparecerei|participar|asistire)"
)
_CANCELS_MEETING = _regex(
    r"(?:cancel(?:ar|a|e|em|o|en)?|desmarc(?:ar|a|o)|desmarque) (?:(?:o|a|os|as|el|la|my|the|minha|meu|mi|nossa"
    r"|nosso|nuestra|our"
    r"|essa|esse|esta|este|this) )*(?:reuniao|reuniones?|reunion|consulta|agendamento|horario|visita|compromisso"
    r"|encontro|call"
    r"|meeting|appointment|cita|conversa|demonstracao|demo|chamada|lamada|booking|hora)"
)
_OTHER_TIME = _regex(
    r"(?:re(?:marc|agend|program|schedul|plan)(?:ar|a|e|em|o|amos|ue|ing|emos)?|remarque|remarcacao"
    r"|reagendamento)(?:la|lo|me)?",
    r"(?:mud(?:ar|a|amos)|troc(?:ar|a)|cambi(?:ar|a)|move|passar|adiantar) (?:it )?(?:para|pra|to) (?:a |o |as |el "
    r"|la |the )?"
    r"(?:\w+)",
    r"(?:adi(?:ar|a|e)|posterg(?:ar|a|ue)|postpone|posponer|aplaz(?:ar|a))",
    r"(?:outr[oa]s?|otr[oa]s?|another|different|other) (?:dias?|horari?os?|hora|horas|momento|data|datas|semana"
    r"|fecha|fechas|day|days"
    r"|time|times|date|dates|week|slot|oportunidade|hour)",
    r"(?:mud(?:ar|a|e)|troc(?:ar|a)|troque|alter(?:ar|a|e)|cambi(?:ar|a|e)|change|move) (?:(?:o|a|de|la|el|the|meu"
    r"|minha|my|nossa"
    r"|our|mi) )*(?:horari?o|hora|dia|data|reuniao|reunion|cita|fecha|time|day|date|meeting|appointment|it|consulta"
    r"|agendamento)",
    r"(?:pode|poderia|podemos|podia|puede|podria|podemos|can it|could it|could we|can we) (?:ser |be |marcar "
    r"|fazer |do |it |deixar )+"
    r"(?:para |pra |na |no |el |on |at |as |a |em |in )*(?:amanha|manana|tomorrow|depois|mais tarde|mas tarde|later"
    r"|mais cedo|mas"
    r" temprano|earlier|segunda|terca|quarta|quinta|sexta|sabado|lunes|martes|miercoles|jueves|viernes|monday"
    r"|tuesday|wednesday"
    r"|thursday|friday|semana|proxima|next|tarde|manha|noite|\d{1,2}h?)",
    r"(?:prefiro|prefiero|prefer) (?:que seja )?(?:para |pra |na |no |el |on |as |a |em |outro )*(?:amanha|manana"
    r"|tomorrow|depois"
    r"|mais tarde|mas tarde|later|mais cedo|earlier|segunda|terca|quarta|quinta|sexta|sabado|semana|proxima|next"
    r"|tarde|\d{1,2}h?)",
)
_NEGATED = re.compile(r" (?:nao|no|sem)(?: (?:quero|preciso|precisa|quiero|necesito|ned to|want to))?$")

_ORDINALS = {
    **dict.fromkeys(("1", "um", "uma", "uno", "one", "primeiro", "primeira", "primero", "primera", "first"), 1),
    **dict.fromkeys(("2", "dois", "duas", "dos", "two", "segundo", "segunda", "second"), 2),
    **dict.fromkeys(("3", "tres", "three", "terceiro", "terceira", "tercero", "tercera", "third"), 3),
    **dict.fromkeys(("4", "quatro", "cuatro", "four", "quarto", "quarta", "cuarto", "cuarta", "fourth"), 4),
    **dict.fromkeys(("5", "cinco", "five", "quinto", "quinta", "fifth"), 5),
    **dict.fromkeys(("6", "seis", "six", "sexto", "sexta", "sixth"), 6),
    **dict.fromkeys(("7", "sete", "siete", "seven", "setimo", "setima", "septimo", "seventh"), 7),
    **dict.fromkeys(("8", "oito", "ocho", "eight", "oitavo", "oitava", "octavo", "eighth"), 8),
    **dict.fromkeys(("9", "nove", "nueve", "nine", "nono", "nona", "noveno", "ninth"), 9),
    **dict.fromkeys(("10", "dez", "diez", "ten", "decimo", "decima", "tenth"), 10),
}
_NUMBERS = {squeezed(word): number for word, number in _ORDINALS.items()}
_MARKED = {f"{number}{mark}": number for number in range(1, 11) for mark in ("a", "o", "st", "nd", "rd", "th")}
_WEEKDAYS = frozenset(squeezed(day) for day in ("segunda", "quarta", "quinta", "sexta"))
_COUNTED = "|".join([*_NUMBERS, *_MARKED])
_THING = (
    r"(?:opcao|opcion|option|op|horari?o|horari?os|numero|number|alternativa|slot|data|vaga|no|num|one|time|choice|hora"
    r"|item)"
)
_WANT = (
    r"(?:(?:quero|quiero|queria|prefiro|fico com|escolho|pode ser|vou de|vou querer|confirmo|sim|yes|i want|ill take"
    r"|i choose|prefiero"
    r"|elijo|si|claro|ok|entao|me quedo con|acho que|eu|com|marca|marque|agenda|agende|por favor|vamos de|vamos com"
    r"|que seja|oi"
    r"|ola|hola|hi|bom dia|boa tarde|boa noite|pra|para|na|no) )*"
)
_PICK = re.compile(
    squeezed(
        rf"{_WANT}(?P<the>(?:a|o|la|el|the) )?(?:(?P<thing>{_THING}) )?(?:(?:de )?(?:numero|number"
        rf"|the) )?(?P<number>{_COUNTED})"
        rf"(?: (?P<after>{_THING}))?(?: (?:por favor|please|obrigad[oa]|gracias|pf|pfv|mesmo|sim|ta bom|thanks"
        rf"|esta bom|esta otimo))*"
    )
)
_CHOICE = re.compile(r"(?:slot|horario|opcao|option)[:_\-# ]{0,3}0*([1-9][0-9]{0,2})", re.IGNORECASE)

_ASKING = _regex(
    r"(?:quanto|quantos|quanta|quantas|qual|quais|onde|aonde|cade|o que|oque|por que|porque|pq|que horas|que dia"
    r"|que empresa"
    r"|sera que|de onde|quem (?!sabe)\w+|quem$|gostaria de saber|queria saber|tenho uma duvida|uma duvida|duvida)",
    r"(?:como|quando) (?!combinado|sempre|conversamos|falamos|acordado|puder|der|quiser|tiver|for |siempre"
    r"|acordamos|pueda)\w+",
    r"(?:como|quando)$",
    r"(?:who|what|where|why|how|which|when|do you|does|can you|could you|are you|is (?:it|this|there)|can i|may i)",
    r"(?:quero|queria) saber|gostaria de mais|tell me more|id like to know|(?:me )?(?:mand|envi)(?:a|e|ar|em) mais"
    r" (?:informac|detalhe)\w*|mas informacion|mais (?:informac|detalhe)\w*",
    r"(?:cuanto|cuantos|cuanta|cuantas|cual|cuales|quien|donde|cuando|por que|que hora|me puede decir"
    r"|quisiera saber)",
)
_MACHINE = _regex(
    r"(?:resposta|mensagem|respuesta|email|e mail|mensaje) automatic[ao]",
    r"(?:automatic|automated|auto) ?(?:reply|response|message)|autoreply|autoresposta|auto resposta",
    r"out of (?:the )?office|fora do escritorio|fuera de la oficina|ausencia temporaria|ausente do escritorio",
    r"delivery status notification|undeliverable|mail delivery (?:failed|system)",
)
"""What nobody says who types it."""

_BUSINESS = tuple(
    map(
        _regex,
        (
            r"(?:obrigad[oa]|agradecemos|gracias|thank you|thanks) (?:por |pelo |pela |o |for |seu "
            r"|sua |su |your |el )*"
            r"(?:entrar em contato|contato|contactarnos|contacting(?: us)?|contactar|comunicarse"
            r"|message|mensagem|mensaje)",
            r"(?:no momento|agora|en este momento) (?:nao|no) (?:estamos|podemos|temos)",
            r"retornaremos|responderemos|entraremos em contato|we will (?:get back|reply|respond)",
            r"horario de (?:atendimento|funcionamento|atencion)|business hours",
            r"(?:como|em que|en que) (?:podemos|posso|puedo) (?:te |lhe |le )?(?:ajudar|ayudar)(?:te"
            r"|le)?|how can we help",
            r"(?:seja )?bem vind[oa]s?|bienvenid[oa]s?|welcome to",
            r"digite (?:o numero|[0-9])|escolha uma (?:das )?opc(?:ao|oes)|asistente virtual|assistente virtual",
            r"(?:um|nossos) atendentes?|nossa equipe|our team|nuestro equipo",
        ),
    )
)
"""What greetings of business accounts say; people say one of these, machines several."""

_FEW, _SOME, _SEVERAL = 4, 12, 2


def choice_slot(choice: str) -> int | None:
    """The number in a choice's id such as `slot:2`."""
    found = _CHOICE.fullmatch(choice.strip()[:64])
    return int(found[1]) if found else None


def cancels_meeting(said: Said) -> bool:
    """Whether it calls a meeting off ("quero cancelar a reunião")."""
    found = _CANCELS_MEETING.search(said.plain)
    return found is not None and not _is_negated(said, found.start("it"))


def wants_other_time(said: Said) -> bool:
    """Whether it asks for another time."""
    found = _OTHER_TIME.search(said.plain)
    return found is not None and not _is_negated(said, found.start("it"))


def _is_negated(said: Said, start: int) -> bool:
    return _NEGATED.search(" " + " ".join(said.before(start))) is not None


def picked_slot(said: Said) -> int | None:
    """The number of the offered time that it takes (1 to 10), or None.

    "a segunda" is the second; a bare "segunda", "quarta" or "quinta" may be a weekday and is none.
    """
    found = _PICK.fullmatch(said.plain)
    if found is None:
        return None
    word, told = found["number"], found["the"] or found["thing"] or found["after"]
    if (word in _WEEKDAYS or word in ("um", "uma", "no")) and not told:
        return None
    return _NUMBERS.get(word) or _MARKED.get(word)


def asks(said: Said) -> bool:
    """Whether it is a question."""
    if "?" in said.own or "¿" in said.own:
        return True
    words = _without_greeting(said.plain)
    found = _ASKING.match(words)
    return found is not None


def is_machine(said: Said) -> bool:
    """Whether surely a machine answered: an absence, a greeting of a business account, a bounce."""
    if _MACHINE.search(said.plain) is not None:
        return True
    return sum(one.search(said.plain) is not None for one in _BUSINESS) >= _SEVERAL


def says_yes(said: Said) -> bool:
    """Whether it agrees."""
    if _says(said, _YES, _YES_MARKS):
        return True
    return len(said.words) <= 2 * _FEW and _AGREES.search(said.plain) is not None and _BUTS.isdisjoint(said.words)


def says_no(said: Said) -> bool:
    """Whether it declines."""
    if _says(said, _NO, _NO_MARKS):
        return True
    return len(said.words) <= 2 * _SOME and _NO_BEGINS.match(_without_greeting(said.plain)) is not None


def _says(said: Said, answers: frozenset[str], marks: frozenset[str]) -> bool:
    if not said.words:
        return not marks.isdisjoint(said.own)
    plain = _without_greeting(said.plain)
    if plain in answers or _without_ending(plain) in answers:
        return True
    if len(said.words) > _SOME:
        return False
    firsts = (next(filter(None, map(_without_greeting, parts)), "") for parts in (said.sentences, said.phrases))
    return not answers.isdisjoint(map(_without_ending, firsts))


_GREETING = re.compile(
    squeezed(
        r"(?:(?:oi+|ola|hola|hi|hello|hey|bom dia|boa tarde|boa noite|buenos dias|buenas tardes|buenas noches|buenas"
        r"|tudo bem)(?: |$))*"
    )
)
_ENDING = re.compile(
    squeezed(
        r"(?: (?:obrigad[oa]|muito|obg|grat[oa]|valeu|vlw|thanks|thank you|gracias|muchas|abs|abraco|abracos"
        r"|por favor|pf|please|ate la"
        r"|ate mais|ate amanha|viu|rs|k|amigo|amiga|bjs|senhor|senhora|estarei la|entao))*$"
    )
)


def _without_greeting(plain: str) -> str:
    found = _GREETING.match(plain)
    return plain[found.end() :] if found else plain


def _without_ending(plain: str) -> str:
    words = plain.split(" ")[: 2 * _SOME]
    text = " ".join(words)
    found = _ENDING.search(text)
    return (text[: found.start()] if found else text) or text
