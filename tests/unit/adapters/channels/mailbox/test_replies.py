"""What people answer, and what only looks like an answer."""

from __future__ import annotations

import pytest

from disparo.adapters.channels.mailbox.reading import read_mail
from disparo.domain.contact import Channel
from disparo.domain.receipt import ReceiptKind, Reply
from tests.unit.adapters.channels.mailbox.mails import NOW, OURS, answer, mail


def only_reply(raw: bytes) -> Reply:
    told = read_mail(raw, NOW)
    assert not told.receipts
    assert not told.notices
    [reply] = told.replies
    return reply


def test_an_answer_says_who_what_and_to_which_message() -> None:
    reply = only_reply(answer("Sim, pode ser às 15h!\n"))
    assert reply == Reply(
        "mailbox",
        "<resposta1@exemplo.com.br>",
        "3.1.57",
        "Sim, pode ser às 15h!",
        reply.at,
        Channel.EMAIL,
        "Ana.Silva@exemplo.com.br",
        sender="contato@alquimista.ai",
    )
    assert reply.at.isoformat() == "2026-11-23T14:30:00+00:00"


@pytest.mark.parametrize(
    "behind",
    [
        "> Oi, Ana\n> tudo bem?\n",
        "Em seg., 23 de nov. de 2026 às 10:00, Alquimista <noreply@alquimista.ai> escreveu:\n\n> Oi\n",
        "Em seg., 23 de nov. de 2026 às 10:00, Alquimista <\nnoreply@alquimista.ai> escreveu:\n\n> Oi\n",
        "Em 23/11/2026 10:00, Alquimista escreveu:\nOi, Ana, responda SAIR\n",
        "On Mon, Nov 23, 2026 at 10:00 AM Alquimista <noreply@alquimista.ai> wrote:\n> Hi\n",
        "On Mon, Nov 23, 2026 at 10:00 AM Alquimista\n<noreply@alquimista.ai> wrote:\n\n> Hi\n",
        "El lun, 23 nov 2026 a las 10:00, Alquimista (<noreply@alquimista.ai>) escribió:\n> Hola\n",
        "2026-11-23 10:00 GMT-03:00 Alquimista <noreply@alquimista.ai>\nescreveu:\n> Oi\n".replace(
            ">\nescreveu", "> escreveu"
        ),
        "De: Alquimista <noreply@alquimista.ai>\nEnviada em: segunda-feira\nPara: Ana\nAssunto: Oi\n\nOi\n",
        "*De:* Alquimista\n*Enviada em:* segunda\n\nOi\n",
        "From: Alquimista <noreply@alquimista.ai>\nSent: Monday\nTo: Ana\nSubject: Oi\n\nOi\n",
        "-----Mensagem original-----\nOi\n",
        "----- Original Message -----\nOi\n",
        "________________________________\nDe: Alquimista\nOi\n",
        "-- \nAna Silva\nGerente, responda SAIR\n",
        "Enviado do meu iPhone\n\n> Oi\n",
        "Sent from my Galaxy\n",
        "Obter o Outlook para Android\n",
    ],
)
def test_only_what_is_new_counts(behind: str) -> None:
    assert only_reply(answer(f"Sim, quero.\nPode ligar?\n\n{behind}")).text == "Sim, quero.\nPode ligar?"


def test_an_answer_between_the_lines_is_kept() -> None:
    text = (
        "Em seg., 23 de nov. de 2026, Alquimista <a@b.ai> escreveu:\n> Pode às 15h?\nPode sim.\n> Onde?\nNo centro.\n"
    )
    assert only_reply(answer(text)).text == "Pode sim.\nNo centro."


@pytest.mark.parametrize("text", ["Em casa às 15h: pode?", "De: onde vocês são?", "On time, I hope", "Enviei ontem."])
def test_what_only_begins_like_a_quotation_is_kept(text: str) -> None:
    assert only_reply(answer(f"{text}\nObrigada")).text == f"{text}\nObrigada"


def test_a_mail_in_html_alone_is_read_as_it_is_seen() -> None:
    html = (
        "<html><head><style>p{color:red}</style><title>x</title></head><body><!-- x --><p>N&atilde;o quero&nbsp;mais"
        " receber</p><div>Obrigada<br>Ana</div><div class=\"gmail_quote\"><div dir='ltr'>Em seg. escreveu:</div>"
        "<blockquote>Responda SIM</blockquote></div></body></html>"
    )
    raw = answer("").replace(b"text/plain", b"text/html") + html.encode()
    assert only_reply(raw).text == "Não quero mais receber\n\nObrigada\nAna"


def test_outlooks_copy_of_the_answered_mail_is_left_out() -> None:
    html = "<div>Sim</div><div id='appendonsend'></div><hr><div id=\"divRplyFwdMsg\"><b>De:</b> x</div><div>SAIR</div>"
    assert only_reply(answer("").replace(b"text/plain", b"text/html") + html.encode()).text == "Sim"


def test_the_plain_part_is_preferred_and_attachments_are_no_words() -> None:
    raw = mail(
        f'From: ana@exemplo.com.br\nSubject: Re: Oi\nIn-Reply-To: {OURS}\nContent-Type: multipart/mixed; boundary="x"',
        "--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=lista.txt\n\nSAIR\n"
        '--x\nContent-Type: multipart/alternative; boundary="y"\n\n--y\nContent-Type: text/plain; charset=iso-8859-1\n'
        "Content-Transfer-Encoding: quoted-printable\n\nS=E3o 15h\n--y\nContent-Type: text/html\n\n<p>outra</p>\n"
        "--y--\n--x--\n",
    )
    assert only_reply(raw).text == "São 15h"


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "Não".encode("cp1252")),
        ("us-ascii", "Não".encode()),
        ("nenhum-que-exista", "Não".encode()),
        ("punycode", "Não".encode()),
        ("iso-8859-1", "Não".encode("latin-1")),
        ("windows-1252", "Não".encode("cp1252")),
        ("utf-16", "Não".encode("utf-16")),
    ],
)
def test_a_wrong_alphabet_loses_no_words(charset: str, content: bytes) -> None:
    assert only_reply(answer("").replace(b"utf-8", charset.encode()) + content).text == "Não"


def test_a_subject_of_their_own_counts_where_nothing_else_is_said() -> None:
    assert only_reply(answer("", subject="SAIR")).text == "SAIR"
    assert only_reply(answer("", subject="Re: Promoção")).text == ""
    assert only_reply(answer("Oi", subject="SAIR")).text == "Oi"


def test_headers_may_hold_encoded_words_and_bytes() -> None:
    encoded = answer("", subject="=?utf-8?b?TsOjbw==?=")
    assert only_reply(encoded).text == "Não"
    assert only_reply(answer("", subject="Não")).text == "Não"
    assert only_reply(answer("", subject="=?x-nada?q?=FF?=")).text == "=?x-nada?q?=FF?="


def test_another_id_that_is_answered_is_the_providers() -> None:
    raw = mail("From: ana@exemplo.com.br\nSubject: Re: Oi\nIn-Reply-To: <0100018b-aa@email.amazonses.com>", "Sim")
    reply = only_reply(raw)
    assert (reply.message_id, reply.answers) == (None, "0100018b-aa")


def test_a_group_that_writes_in_its_own_name_hides_nobody() -> None:
    raw = answer("Sim", "X-Original-From: Ana <ana@pessoal.com>\nList-Id: <contato.alquimista.ai>\nPrecedence: list\n")
    assert only_reply(raw).address == "ana@pessoal.com"


@pytest.mark.parametrize(
    "more",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated; x=1\n",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply\n",
        "Precedence: auto_reply\n",
        "Precedence: bulk\n",
        "X-Autoreply: yes\n",
        "Return-Path: <>\n",
    ],
)
def test_a_program_that_answers_is_noted_and_stops_nothing(more: str) -> None:
    told = read_mail(answer("Estou de férias até dia 30. Responda SAIR.", more), NOW)
    assert not told.replies
    [receipt] = told.receipts
    assert (receipt.message_id, receipt.kind, receipt.reason, receipt.suppress) == (
        "3.1.57",
        ReceiptKind.NOTED,
        "auto_reply",
        None,
    )


@pytest.mark.parametrize(
    "subject",
    [
        "Resposta automática: Promoção",
        "Automatic reply: Oi",
        "Fora do escritório Re: Oi",
        "Out of Office: x",
        "Ausência temporária",
    ],
)
def test_a_holiday_note_is_known_by_its_subject(subject: str) -> None:
    told = read_mail(answer("Volto dia 30.", subject=subject), NOW)
    assert [one.reason for one in told.receipts] == ["auto_reply"]
    assert not told.replies


@pytest.mark.parametrize("more", ["Auto-Submitted: no\n", "Precedence: list\n", "X-Priority: 1\n"])
def test_a_person_is_not_taken_for_a_program(more: str) -> None:
    assert only_reply(answer("Sim", more)).text == "Sim"


def test_an_automatic_mail_that_answers_nothing_is_a_notice() -> None:
    for more in ("Auto-Submitted: auto-generated", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"):
        told = read_mail(mail(f"From: loja@exemplo.com\nSubject: Oferta\n{more}", "Compre!"), NOW)
        assert [one.kind for one in told.notices] == ["automatic_mail"]
        assert not told.replies


@pytest.mark.parametrize(
    ("subject", "message_id"),
    [
        ("unsubscribe", "3.1.57"),
        ("Unsubscribe 3.1.57", "3.1.57"),
        ("descadastrar", "3.1.57"),
        ("Cancelar inscrição.", "3.1.57"),
        ("baja", "3.1.57"),
    ],
)
def test_a_mail_program_unsubscribes_for_a_person(subject: str, message_id: str) -> None:
    reply = only_reply(answer("qualquer coisa", "Auto-Submitted: auto-generated\n", subject=subject))
    assert (reply.message_id, reply.opted_out, reply.address) == (message_id, True, "Ana.Silva@exemplo.com.br")


def test_unsubscribing_by_mail_needs_no_answered_mail() -> None:
    reply = only_reply(mail("From: ana@exemplo.com.br\nSubject: unsubscribe 7.2.9", ""))
    assert (reply.message_id, reply.opted_out) == ("7.2.9", True)
    nobody = only_reply(mail("From: ana@exemplo.com.br\nSubject: unsubscribe", ""))
    assert (nobody.message_id, nobody.address, nobody.opted_out) == (None, "ana@exemplo.com.br", True)


def test_a_talk_about_unsubscribing_is_a_talk() -> None:
    assert not only_reply(answer("Oi", subject="Re: unsubscribe")).opted_out
    assert not only_reply(answer("Oi", subject="unsubscribe me from this please")).opted_out


def test_our_own_mail_is_no_answer() -> None:
    told = read_mail(mail(f"From: noreply@alquimista.ai\nMessage-ID: {OURS}\nSubject: Oi", "Oi"), NOW)
    assert [one.kind for one in told.notices] == ["own_mail"]
    assert not told.replies


def test_a_mail_of_nobody_is_a_notice() -> None:
    assert [one.kind for one in read_mail(mail("From: alguém\nSubject: x", "y"), NOW).notices] == ["mail_of_nobody"]


def test_a_long_answer_is_cut() -> None:
    assert len(only_reply(answer("palavra " * 5000)).text) == 8000
