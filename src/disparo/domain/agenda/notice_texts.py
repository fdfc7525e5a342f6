"""What notices say unless a type of meeting has texts of its own: in Portuguese and in English.

The sources are Liquid, as in campaigns. `docs/agenda.md` tells the variables. What may be missing stands in an `if`.
"""

from __future__ import annotations

from collections.abc import Mapping

from disparo.domain.agenda.notice import NO_SHOWS, REMINDERS, NoticeKind
from disparo.domain.template import Template

K = NoticeKind

_PORTUGUESE: Mapping[NoticeKind, tuple[str, str]] = {
    K.PROPOSAL: (
        "Horários para {{ reuniao }}",
        "Olá{% if nome %}, {{ nome }}{% endif %}! Estes horários estão reservados para você: {{ reuniao }} com "
        "{{ anfitriao }} ({{ duracao }}, {{ fuso }}).\n\n{{ opcoes }}\n\nResponda com o número do horário, ou "
        "OUTRO HORÁRIO se nenhum servir. A reserva vale até {{ validade }}.{% if link %}\n\n"
        "{{ link }}{% endif %}",
    ),
    K.CONFIRMED: (
        "Confirmado: {{ reuniao }}",
        "Olá{% if nome %}, {{ nome }}{% endif %}! Está marcado: {{ reuniao }} com {{ anfitriao }}.\n\nQuando: "
        "{{ quando }}{% if local %}\nOnde: {{ local }}{% endif %}{% if link %}\n\nPara confirmar presença, "
        "remarcar ou cancelar: {{ link }}{% endif %}",
    ),
    K.MOVED: (
        "Novo horário: {{ reuniao }}",
        "Olá{% if nome %}, {{ nome }}{% endif %}! A reunião mudou de horário: {{ reuniao }} com "
        "{{ anfitriao }}.\n\nAgora: {{ quando }}{% if local %}\nOnde: {{ local }}{% endif %}{% if link %}\n\n"
        "Para confirmar presença, remarcar ou cancelar: {{ link }}{% endif %}",
    ),
    K.CANCELLED: (
        "Cancelada: {{ reuniao }}",
        "Olá{% if nome %}, {{ nome }}{% endif %}! A reunião {{ reuniao }}{% if quando %} "
        "({{ quando }}){% endif %} foi cancelada.{% if motivo %}\nMotivo: "
        "{{ motivo }}{% endif %}{% if link %}\n\nPara marcar outra: {{ link }}{% endif %}",
    ),
    K.DECLINED: (
        "{{ reuniao }}",
        "Tudo bem, obrigado por responder. Os horários foram liberados.{% if link %} Se mudar de ideia: "
        "{{ link }}{% endif %}",
    ),
    K.EXPIRED: (
        "Os horários foram liberados: {{ reuniao }}",
        "Olá{% if nome %}, {{ nome }}{% endif %}! Como não tivemos resposta, liberamos os horários que estavam "
        "reservados para {{ reuniao }}.{% if link %} Para ver outros: {{ link }}{% endif %}",
    ),
    K.NO_TIMES: (
        "{{ reuniao }}",
        "No momento não temos outros horários livres. Nossa equipe vai falar com você.",
    ),
    K.WHICH: (
        "Qual horário? {{ reuniao }}",
        "Qual destes horários?\n\n{{ opcoes }}\n\nResponda com o número.{% if link %}\n\n{{ link }}{% endif %}",
    ),
    **dict.fromkeys(
        REMINDERS,
        (
            "Lembrete: {{ reuniao }}",
            "Olá{% if nome %}, {{ nome }}{% endif %}! Lembrando da nossa reunião: {{ reuniao }} com "
            "{{ anfitriao }}.\n\nQuando: {{ quando }}{% if local %}\nOnde: {{ local }}{% endif %}\n\nVocê "
            "confirma? Responda SIM, ou REMARCAR se precisar de outro horário.{% if link %}\n\nPara confirmar "
            "presença, remarcar ou cancelar: {{ link }}{% endif %}",
        ),
    ),
    **dict.fromkeys(
        NO_SHOWS,
        (
            "Sentimos sua falta: {{ reuniao }}",
            "Olá{% if nome %}, {{ nome }}{% endif %}! Não conseguimos nos encontrar para {{ reuniao }} "
            "({{ quando }}). Quer marcar outro horário?{% if link %}\n\n{{ link }}{% endif %}",
        ),
    ),
    K.HOST_BOOKED: (
        "Marcada: {{ reuniao }} com {{ contato }}",
        "{{ contato }} marcou {{ reuniao }}.\n\nQuando: {{ quando }}{% if local %}\nOnde: "
        "{{ local }}{% endif %}{% if link %}\n\nVer: {{ link }}{% endif %}",
    ),
    K.HOST_MOVED: (
        "Mudou: {{ reuniao }} com {{ contato }}",
        "A reunião {{ reuniao }} com {{ contato }} mudou.\n\nAgora: {{ quando }}{% if local %}\nOnde: "
        "{{ local }}{% endif %}{% if link %}\n\nVer: {{ link }}{% endif %}",
    ),
    K.HOST_CANCELLED: (
        "Cancelada: {{ reuniao }} com {{ contato }}",
        "A reunião {{ reuniao }} com {{ contato }} ({{ quando }}) foi cancelada.{% if motivo %}\nMotivo: "
        "{{ motivo }}{% endif %}",
    ),
    K.BRIEFING: (
        "Daqui a pouco: {{ reuniao }} com {{ contato }}",
        "{{ resumo }}",
    ),
    K.OUTCOME: (
        "Aconteceu? {{ reuniao }} com {{ contato }}",
        "A reunião {{ reuniao }} com {{ contato }} ({{ quando }}) aconteceu, ou o contato "
        "faltou?{% if link %}\n\nDiga aqui, com um clique: {{ link }}{% endif %}",
    ),
    K.CALENDAR_FAULT: (
        "Não conseguimos usar a sua agenda",
        "A agenda de {{ anfitriao }} não pode ser lida ou gravada ({{ motivo }}). Enquanto isso, nenhum "
        "horário seu é oferecido. Confira o acesso e avise quem cuida do sistema.",
    ),
    K.NOT_OPEN: (
        "{{ reuniao }}",
        "Essa reunião não está mais em aberto.{% if link %} Para marcar outra: {{ link }}{% endif %} Nossa "
        "equipe também vai ler a sua mensagem.",
    ),
    K.TOO_LATE: (
        "{{ reuniao }}",
        "Está muito perto da hora para mudar a reunião por aqui ({{ quando }}). Nossa equipe vai falar com você.",
    ),
    K.TOO_MANY: (
        "{{ reuniao }}",
        "Já mudamos os horários algumas vezes; para acertar o próximo, nossa equipe vai falar com você.",
    ),
    K.LATER: (
        "{{ reuniao }}",
        "Não conseguimos consultar a agenda agora, e nada mudou. Tente de novo em alguns minutos.{% if link %} "
        "{{ link }}{% endif %}",
    ),
}

_ENGLISH: Mapping[NoticeKind, tuple[str, str]] = {
    K.PROPOSAL: (
        "Times for {{ reuniao }}",
        "Hello{% if nome %} {{ nome }}{% endif %}! These times are held for you: {{ reuniao }} with "
        "{{ anfitriao }} ({{ duracao }}, {{ fuso }}).\n\n{{ opcoes }}\n\nAnswer with the number of a time, or "
        "ANOTHER TIME if none suits you. They are held until {{ validade }}.{% if link %}\n\n"
        "{{ link }}{% endif %}",
    ),
    K.CONFIRMED: (
        "Confirmed: {{ reuniao }}",
        "Hello{% if nome %} {{ nome }}{% endif %}! It is agreed: {{ reuniao }} with {{ anfitriao }}.\n\nWhen: "
        "{{ quando }}{% if local %}\nWhere: {{ local }}{% endif %}{% if link %}\n\nTo say that you will come, "
        "to reschedule or to cancel: {{ link }}{% endif %}",
    ),
    K.MOVED: (
        "New time: {{ reuniao }}",
        "Hello{% if nome %} {{ nome }}{% endif %}! The meeting was moved: {{ reuniao }} with "
        "{{ anfitriao }}.\n\nNow: {{ quando }}{% if local %}\nWhere: {{ local }}{% endif %}{% if link %}\n\nTo "
        "say that you will come, to reschedule or to cancel: {{ link }}{% endif %}",
    ),
    K.CANCELLED: (
        "Cancelled: {{ reuniao }}",
        "Hello{% if nome %} {{ nome }}{% endif %}! The meeting {{ reuniao }}{% if quando %} "
        "({{ quando }}){% endif %} was cancelled.{% if motivo %}\nReason: "
        "{{ motivo }}{% endif %}{% if link %}\n\nTo book another: {{ link }}{% endif %}",
    ),
    K.DECLINED: (
        "{{ reuniao }}",
        "That is fine, thank you for answering. The times were released.{% if link %} If you change your mind: "
        "{{ link }}{% endif %}",
    ),
    K.EXPIRED: (
        "The times were released: {{ reuniao }}",
        "Hello{% if nome %} {{ nome }}{% endif %}! As we had no answer, the times held for {{ reuniao }} were "
        "released.{% if link %} To see others: {{ link }}{% endif %}",
    ),
    K.NO_TIMES: (
        "{{ reuniao }}",
        "There are no other free times at the moment. Our team will get in touch with you.",
    ),
    K.WHICH: (
        "Which time? {{ reuniao }}",
        "Which of these times?\n\n{{ opcoes }}\n\nAnswer with the number.{% if link %}\n\n{{ link }}{% endif %}",
    ),
    **dict.fromkeys(
        REMINDERS,
        (
            "Reminder: {{ reuniao }}",
            "Hello{% if nome %} {{ nome }}{% endif %}! A reminder of our meeting: {{ reuniao }} with "
            "{{ anfitriao }}.\n\nWhen: {{ quando }}{% if local %}\nWhere: {{ local }}{% endif %}\n\nWill you come? "
            "Answer YES, or RESCHEDULE if you need another time.{% if link %}\n\nTo say that you will come, to "
            "reschedule or to cancel: {{ link }}{% endif %}",
        ),
    ),
    **dict.fromkeys(
        NO_SHOWS,
        (
            "We missed you: {{ reuniao }}",
            "Hello{% if nome %} {{ nome }}{% endif %}! We could not meet for {{ reuniao }} ({{ quando }}). Shall "
            "we find another time?{% if link %}\n\n{{ link }}{% endif %}",
        ),
    ),
    K.HOST_BOOKED: (
        "Booked: {{ reuniao }} with {{ contato }}",
        "{{ contato }} booked {{ reuniao }}.\n\nWhen: {{ quando }}{% if local %}\nWhere: "
        "{{ local }}{% endif %}{% if link %}\n\nSee: {{ link }}{% endif %}",
    ),
    K.HOST_MOVED: (
        "Moved: {{ reuniao }} with {{ contato }}",
        "The meeting {{ reuniao }} with {{ contato }} was moved.\n\nNow: {{ quando }}{% if local %}\nWhere: "
        "{{ local }}{% endif %}{% if link %}\n\nSee: {{ link }}{% endif %}",
    ),
    K.HOST_CANCELLED: (
        "Cancelled: {{ reuniao }} with {{ contato }}",
        "The meeting {{ reuniao }} with {{ contato }} ({{ quando }}) was cancelled.{% if motivo %}\nReason: "
        "{{ motivo }}{% endif %}",
    ),
    K.BRIEFING: (
        "Soon: {{ reuniao }} with {{ contato }}",
        "{{ resumo }}",
    ),
    K.OUTCOME: (
        "Was it held? {{ reuniao }} with {{ contato }}",
        "Was the meeting {{ reuniao }} with {{ contato }} ({{ quando }}) held, or did the contact not "
        "come?{% if link %}\n\nSay it here with one click: {{ link }}{% endif %}",
    ),
    K.CALENDAR_FAULT: (
        "We cannot use your calendar",
        "The calendar of {{ anfitriao }} cannot be read or written ({{ motivo }}). Until then none of your "
        "times are offered. Check its access and tell whoever looks after the system.",
    ),
    K.NOT_OPEN: (
        "{{ reuniao }}",
        "That meeting is not open any more.{% if link %} To book another: {{ link }}{% endif %} Our team will "
        "read your message, too.",
    ),
    K.TOO_LATE: (
        "{{ reuniao }}",
        "It is too close to the meeting to change it here ({{ quando }}). Our team will get in touch with you.",
    ),
    K.TOO_MANY: (
        "{{ reuniao }}",
        "We have changed the times more than once already; our team will get in touch with you to find the next one.",
    ),
    K.LATER: (
        "{{ reuniao }}",
        "We cannot look into the calendar just now, and nothing was changed. Try again in a few "
        "minutes.{% if link %} {{ link }}{% endif %}",
    ),
}


def own_template(kind: NoticeKind, language: str) -> Template:
    """Our text of a notice; for any channel, of which only e-mail shows the subject."""
    subject, text = (_ENGLISH if language == "en" else _PORTUGUESE)[kind]
    return Template(f"{kind}-{language}", text, subject)
