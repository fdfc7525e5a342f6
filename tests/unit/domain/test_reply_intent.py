from __future__ import annotations

import pytest

from disparo.domain.reply_intent import Intent, Understood, classify, is_opt_out

OPT_OUTS = """
SAIR|sair|Sair.|SAIR!!!|"SAIR"|  sair  |SAÍR|s a i r|S-A-I-R|saiiir|SAIR SAIR SAIR|SAIR 🙏|🚫 SAIR|*SAIR*
sair por favor|SAIR por favor por favor
SAIR obrigado|Oi, sair|Bom dia! SAIR, por favor. Obrigada|quero sair|eu quero sair|Quero sair da lista|sai|siar
Não, obrigado. Sair.
PARAR|parar|Parar!|por favor, parar|PARE|pare|Pare, por favor|Parem|parem por favor|pode parar|favor parar|para
Para!|pará|PAREM!!!
Pare de me mandar mensagem|pare de me mandar msg|Parem de me enviar mensagens|para de mandar mensagem
Parem de me encher|deixem de me incomodar
Não, pare de me mandar mensagem|pode parar de enviar|parem com as mensagens|chega de mensagens|chega|Basta!
pare com isso
CANCELAR ENVIO|cancelar envio|Cancelar envios|cancelar o envio|cancelar envio por favor|cancelar|CANCELAR
cancela|quero cancelar|Cancelar tudo
cancelar inscrição|cancelar minha inscrição|quero cancelar o recebimento de mensagens|cancela meu cadastro
cancelar a assinatura
DESCADASTRAR|descadastrar|descadastre|me descadastra|Me descadastre, por favor|quero me descadastrar
gostaria de me descadastrar
descadatrar|descadastar|desinscrever|quero me desinscrever|remover|REMOVER|remova|me remova|me remova da lista
me tira da lista
me tira dessa lista|Me tire desta lista por favor|tira meu número da lista|tire meu numero dessa lista
remova meu e-mail da base
remove meu contato do mailing de vocês|me exclui do grupo|exclua meu número do cadastro|retire meu nome da lista
apague meus dados
excluir meus dados|sair da lista|sair desta lista|como saio dessa lista?|como faço para parar de receber?
quero parar de receber
não quero mais receber|Não quero mais receber.|nao quero mais receber|NÃO QUERO MAIS RECEBER!
n quero mais receber|naum quero receber
não quero receber|Não quero mais receber mensagens|não quero mais receber essas mensagens
Não quero receber nada de vocês
não desejo mais receber|não desejo receber mensagens|não gostaria de receber mais mensagens
nao autorizo receber mensagem
Oi, não quero mais receber, obrigado|não quero mais receber msg|não quero mensagens|não quero propaganda
nao quero mais mensagem
não quero mais|Não quero mais nada|não me mande mais mensagens|nao me manda mais nada|não me mandem mais
não me envie mais mensagem
Não me envie mensagens|não me mande mais|não mande mais|não me perturbe|não me perturbe mais|não me ligue
não me ligue mais|me deixa em paz
me deixem em paz!|bloquear|retiro meu consentimento|Não tenho interesse. SAIR|Não tenho interesse\\nSAIR
sair\\n\\nJoão Silva\\nGerente
STOP|stop|Stop.|STOP ALL|stopall|please stop|Stop please|stop texting me|Stop messaging me
stop sending me messages|stop emailing me|stop it
UNSUBSCRIBE|unsubscribe|Unsubscribe please|unsub|unsubcribe|unsusbcribe|please unsubscribe me
I want to unsubscribe|how do I unsubscribe?
remove me|remove me from your list|Remove me from this list please|take me off your list
take my number off this list|opt out|opt-out|optout
I want to opt out|don't text me|Don't text me anymore|don’t message me again|do not contact me
Do not contact me again|do not send me any more emails
don't send me messages|no more messages|no more texts please|leave me alone|delete my data
I don't want to receive these messages|quit|end|revoke
I do not wish to receive any more emails|cancel|Cancel my subscription|cancel all|thanks, unsubscribe
BAJA|baja|Baja, por favor|dar de baja|darme de baja|quiero darme de baja|Dame de baja|denme de baja por favor
salir|paren|desuscribir
no me escriban más|No me escriban mas.|no me escriba más|no me envíen más mensajes|no me manden más mensajes
no quiero recibir más mensajes
no quiero recibir mensajes|No deseo recibir nada|no quiero más|no me llamen más|no me contacten más
no me molesten|dejen de escribirme
dejen de enviarme mensajes|deja de mandarme mensajes|bórrenme de la lista|quítenme de su lista
sáquenme de esta lista|elimíname de la lista
já pedi para parar|já pedi pra não mandar mais|não tenho interesse, favor não enviar mais
favor não mandar mais mensagem
não gostaria mais de receber mensagens|sem mais mensagens por favor|no quiero que me escriban|no me interesa, baja
tira meu numero|Tire meu número daí|onde conseguiram meu número? me removam|me esqueçam
não quero mais nada com vocês
num quero mais receber isso|nao me chame mais no whats|Não autorizei esse contato
Por favor, se possível me tire da lista
Não conheço vocês, parem de mandar isso|Não, pare!|pedi descadastro e continuam mandando
ya no quiero recibir mensajes
why do you keep texting me? stop|can you stop messaging me?|elimine mi número|I want out|No thanks, stop
déjenme en paz|basta ya|cancelar suscripción|eliminar mis datos
"""

NOT_OPT_OUTS = """
não pare!|Não pare|não pare de mandar|nao parem por favor|não quero parar de receber|não quero sair
não quero sair da lista|nunca pare
quero sair às 15h|vou sair às 18h|sair para almoçar|Vou sair agora, falamos depois|saí agora há pouco
posso sair mais cedo?|sairemos amanhã
cancelar a reunião|quero cancelar a reunião|cancela a consulta de amanhã|não cancele|não cancelar
cancelar o pedido|cancel the meeting
pare com isso rs|pare com isso kkkk|para com isso 😂|stop it lol|ele parou de mandar|o carro não para
para mim está bom|para amanhã
Se não quiser mais receber, responda SAIR|"responda SAIR para parar de receber", o que é isso?
se quiser parar de receber responda SAIR
don't stop|stop by at 3pm|I'll stop by tomorrow|do not remove me from the list|don't unsubscribe me
the end of the month|weekend
não quero receber a visita amanhã|não quero receber proposta por e-mail, prefiro aqui|quero receber
quero receber mais mensagens
sim|não|não, obrigado|não tenho interesse|ok|1|👍|obrigado|quanto custa?|baixa|dar baixa no boleto
a baixa do título|trabalho em casa
no pares|no dejen de escribirme|no quiero salir de la lista|quiero recibir más información|salir a las 3|bajada
end-to-end|cancelamento do contrato
não me mande o contrato ainda|não me manda áudio|não me ligue agora, estou em reunião|me liga|remova o item 3
excluir o item do pedido
quem te deu meu número?|isso é spam?|estou parado no trânsito|parar na oficina
vamos parar por aqui hoje, continuamos amanhã|a lista de preços
cancelar assinatura da revista|quero cancelar o contrato|não quero mais receber ligações, só mensagens por aqui
Para quando é a entrega?|parei de receber os avisos, podem reativar?|me manda mais informações|sai caro|Sair não
não me mande mais o link antigo|quando chegar na esquina, pare
excluir o meu cadastro da promoção de ontem e fazer outro
tira uma dúvida|me tira uma dúvida|quero sair da rotina|quero sair de férias|preciso sair do trabalho antes
removi o anexo|remarcar
"""

CONFIRMS = """
sim|Sim!|SIM|s|siiim|confirmo|Confirmado|ok|OK!|okay|👍|👍🏽|✅|pode ser|Pode sim|claro|beleza|blz|combinado
perfeito|com certeza|isso mesmo
confirmo às 10|confirmado para amanhã|ok combinado até amanhã|como combinado, confirmo
tenho interesse sim, me liga
Sim, confirmo|sim, pode ser|Sim, obrigado|Bom dia, confirmo|Oi! Sim, tenho interesse|ok, obrigada
Sim. Estarei lá|tenho interesse|aceito
yes|Yes!|yep|sure|sounds good|of course|I'll be there|confirmed|yes, please|sí|Si|Sí, claro|claro que sí|vale
de acuerdo|perfecto|por supuesto
"""
DECLINES = """
não|Não.|nao|n|não posso|Não, obrigado|infelizmente não|não vou poder|Infelizmente não vou poder ir|hoje não
não tenho interesse|sem interesse
preciso desmarcar|não consigo amanhã|não vou conseguir|Não quero|👎|cancelar a reunião
quero cancelar a reunião|desmarcar
preciso cancelar minha consulta|dispenso
no|nope|No thanks|not interested|I can't|I can't make it|cancel the meeting|no puedo|No gracias|no me interesa
no podré|lamentablemente no puedo
"""
RESCHEDULES = """
remarcar|Quero remarcar|podemos remarcar?|reagendar|pode reagendar para amanhã?|outro horário|tem outro horário?
outro dia|pode ser outro dia?
pode ser amanhã?|Pode ser mais tarde?|prefiro outra data|não posso, pode ser amanhã?|mudar o horário
trocar o horário por favor|adiar a reunião
reschedule|can we reschedule?|another time please|another day|Could we move the meeting?|postpone|reprogramar
otro día|¿puede ser otro día?
cambiar para el lunes|Não, prefiro quinta|cambiar la hora|otro horario por favor|posponer
"""
QUESTIONS = """
Quanto custa?|quanto custa|Qual o preço|quais as formas de pagamento|quem é você|Quem fala?|como funciona
Como funciona?|onde fica|o que é isso
por que estou recebendo isso|Oi, qual o valor|cadê o contrato|Sim, mas quanto custa?|isso é golpe?
how much is it|What is this about|who is this?
where are you located|do you deliver|cuánto cuesta|¿Quién es?|cuál es el precio|dónde están ubicados|a segunda?
gostaria de saber o preço|quero saber mais|tell me more|me manda mais informações
"""
SLOTS = [
    ("1", 1), ("2", 2), (" 3. ", 3), ("1️⃣", 1), ("opção 2", 2), ("Opção 2.", 2), ("opcao dois", 2),
    ("op 3", 3), ("a segunda", 2), ("A primeira", 1), ("o terceiro horário", 3), ("o segundo", 2),
    ("primeira opção", 1), ("quero a 2", 2), ("fico com a 1", 1), ("pode ser a 2", 2), ("a 2 por favor", 2),
    ("2ª opção", 2), ("2ª", 2), ("o 1º", 1), ("número 3", 3), ("nº 2", 2), ("10", 10), ("option 2", 2),
    ("Option two", 2), ("the second one", 2), ("first", 1), ("I'll take the first", 1), ("la segunda", 2),
    ("el primero", 1), ("opción 3", 3), ("Oi, quero a opção 1, obrigado", 1), ("a quarta", 4),
    ("sim, o segundo", 2),
]  # fmt: skip
OTHERS = """
obrigado|segunda|quarta|na segunda-feira|10h|às 15h|15|vou pensar|depois te falo|kkkk|❤|meu nome é João
segue o comprovante|99|||...|1 e 2
"""
MACHINES = """
Resposta automática: estou de férias até 10/01|Out of office: back on Monday|Automatic reply: Hello
Estou fora do escritório, volto dia 5
Olá! Agradecemos o contato. Como podemos ajudar?
Obrigado por entrar em contato com a Loja. No momento não podemos responder
Gracias por contactarnos, responderemos pronto|Thank you for contacting us! We will get back to you soon
Olá, seja bem-vindo à Loja! Digite 1 para vendas, 2 para suporte|Sou a assistente virtual. Como posso ajudar?
"""


def _phrases(table: str) -> list[str]:
    return [phrase.replace("\\n", "\n") for line in table.strip().splitlines() for phrase in line.split("|")]


@pytest.mark.parametrize("phrase", _phrases(OPT_OUTS))
def test_an_opt_out_is_understood(phrase: str) -> None:
    assert is_opt_out(phrase)


@pytest.mark.parametrize("phrase", _phrases(NOT_OPT_OUTS))
def test_what_only_sounds_like_an_opt_out_is_none(phrase: str) -> None:
    assert not is_opt_out(phrase)


@pytest.mark.parametrize(
    ("intent", "table"),
    [
        (Intent.CONFIRM, CONFIRMS),
        (Intent.DECLINE, DECLINES),
        (Intent.RESCHEDULE, RESCHEDULES),
        (Intent.QUESTION, QUESTIONS),
        (Intent.OTHER, OTHERS),
        (Intent.AUTO, MACHINES),
    ],
)
def test_the_other_intents_are_told_apart(intent: Intent, table: str) -> None:
    found = {phrase: classify(phrase).intent for phrase in _phrases(table)}
    assert {phrase: one for phrase, one in found.items() if one is not intent} == {}


@pytest.mark.parametrize(
    "phrase",
    [
        "Obrigado pelo contato, mas não tenho interesse",
        "obrigada pela mensagem!",
        "Estou de férias, me chama em janeiro",
        "Nosso horário de atendimento é das 8h às 18h",
        "agora não posso responder",
    ],
)
def test_a_person_who_may_be_a_machine_is_taken_for_a_person(phrase: str) -> None:
    assert classify(phrase).intent is not Intent.AUTO


@pytest.mark.parametrize(("phrase", "slot"), SLOTS)
def test_a_slot_is_picked_by_its_number(phrase: str, slot: int) -> None:
    found = classify(phrase)
    assert (found.intent, found.slot) == (Intent.SLOT, slot)


@pytest.mark.parametrize("choice", ["slot:2", "slot_2", "SLOT-2", "slot2", "opcao:02"])
def test_a_buttons_id_names_a_slot(choice: str) -> None:
    assert classify("qualquer texto", choice) == Understood(Intent.SLOT, 2, "choice")


def test_a_buttons_id_may_be_an_intent_and_else_its_text_is_read() -> None:
    assert classify("Falar com alguém", "question").intent is Intent.QUESTION
    assert classify("x", "opt-out").intent is Intent.OPT_OUT
    assert classify("Sim", "campanha-7-botao-1").intent is Intent.CONFIRM
    assert classify("SAIR", "slot:0").intent is Intent.OPT_OUT
    assert classify("SAIR", "other").intent is Intent.OPT_OUT


@pytest.mark.parametrize(
    "phrase", ["cancelar", "CANCELAR!", "quero cancelar", "cancel", "cancela por favor", "não quero mais"]
)
def test_a_bare_cancel_means_the_meeting_that_is_open(phrase: str) -> None:
    assert classify(phrase).intent is Intent.OPT_OUT
    assert classify(phrase, meeting_open=True).intent is Intent.DECLINE


@pytest.mark.parametrize("phrase", ["SAIR", "parar", "cancelar envio", "não quero mais receber", "STOP", "baja"])
def test_an_open_meeting_hides_no_opt_out(phrase: str) -> None:
    assert classify(phrase, meeting_open=True).intent is Intent.OPT_OUT


QUOTES = [
    "Sim!\n\nEm ter., 3 de mar. de 2026 às 10:00, Loja <oi@loja.com.br> escreveu:\n> Responda SAIR\nSAIR",
    "Sim!\n\nOn Tue, Mar 3, 2026 at 10:00 AM Loja <oi@loja.com> wrote:\n\nunsubscribe",
    "Sim\n\n-----Mensagem original-----\nDe: Loja\nSAIR",
    "Sim\n\n________________________________\nDe: Loja <oi@loja.com>\nSAIR",
    "Sim\n> não quero mais receber\n> SAIR",
    "Sim\nEl mar, 3 mar 2026 a las 10:00, Loja (<oi@loja.com>) escribió:\nBAJA",
    "Sim\n\n-- \nJoão\nSAIR",
]


@pytest.mark.parametrize("text", QUOTES)
def test_what_is_quoted_was_not_said(text: str) -> None:
    assert classify(text).intent is Intent.CONFIRM


@pytest.mark.parametrize("text", QUOTES)
def test_an_opt_out_above_a_quote_is_one(text: str) -> None:
    assert is_opt_out(text.replace("Sim!", "Sim", 1).replace("Sim", "Me tira da lista", 1))


def test_a_hundred_kilobytes_are_read_as_their_beginning() -> None:
    assert is_opt_out("SAIR\n" + "bla " * 25_000)
    assert not is_opt_out("bla " * 25_000 + "\nSAIR")


@pytest.mark.parametrize("text", ["[imagem] SAIR", "[vídeo] não quero mais receber", "[documento]  Pare!"])
def test_a_caption_is_what_somebody_wrote(text: str) -> None:
    assert is_opt_out(text)


@pytest.mark.parametrize("text", ["[imagem]", "[imagem] a porta de sair", "veja a [imagem] SAIR daqui"])
def test_a_picture_alone_is_no_opt_out(text: str) -> None:
    assert not is_opt_out(text)
