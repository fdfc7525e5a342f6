from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import pytest

from disparo.adapters.channels.sendgrid.credentials import SendGridCredentials
from disparo.adapters.channels.sendgrid.payload import SUBSTITUTION_BYTES, mailings
from disparo.domain.message import MessageId
from disparo.domain.template import Content, Invitation
from disparo.ports.channel import Outgoing

SECRET = SendGridCredentials("https://x/v3", "SG.x", "oi@casa.com.br", "Casa", "contato@casa.com.br")
STEM = "d0123456789abcdef"


def outgoing(number: int, content: Content, address: str | None = None, url: str | None = None) -> Outgoing:
    return Outgoing(MessageId("3", 1, str(number)), address or f"p{number}@example.com", content, False, url)


def documents(messages: Sequence[Outgoing], secret: SendGridCredentials = SECRET) -> list[dict[str, Any]]:
    return [json.loads(mailing.body) for mailing in mailings(enumerate(messages), secret, STEM)]


def received(document: dict[str, Any]) -> dict[str, tuple[str, str, str | None]]:
    """What each recipient gets, by our id: subject, text and HTML as SendGrid would put them together."""
    found = {}
    for one in document["personalizations"]:
        parts = {}
        for content in document["content"]:
            value = content["value"]
            for _ in range(4):  # SendGrid substitutes in what it substituted, up to four times
                for tag, text in one.get("substitutions", {}).items():
                    value = value.replace(tag, text)
            parts[content["type"]] = value
        found[one["custom_args"]["disparo_id"]] = one["subject"], parts["text/plain"], parts.get("text/html")
    return found


def everything(messages: Sequence[Outgoing]) -> dict[str, tuple[str, str, str | None]]:
    """What all requests bring, each message once."""
    found: dict[str, tuple[str, str, str | None]] = {}
    for document in documents(messages):
        some = received(document)
        assert not found.keys() & some.keys()
        found.update(some)
    return found


def wanted(messages: Sequence[Outgoing]) -> dict[str, tuple[str, str, str | None]]:
    return {str(one.id): (one.content.subject or "", one.content.text, one.content.html) for one in messages}


def test_one_message_is_written_as_the_api_wants_it() -> None:
    [document] = documents([outgoing(7, Content("Olá", "Oi", "<p>Olá</p>"), url="https://casa.com.br/u/x")])
    off = {"click_tracking": {"enable": False, "enable_text": False}, "open_tracking": {"enable": False}}
    assert document == {
        "personalizations": [
            {
                "to": [{"email": "p7@example.com"}],
                "subject": "Oi",
                "headers": {
                    "Message-ID": "<disparo.3.1.7@casa.com.br>",
                    "References": "<disparo.3.1.7@thread.casa.com.br>",
                    "List-Unsubscribe": "<https://casa.com.br/u/x>",
                    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                },
                "custom_args": {"disparo_id": "3.1.7"},
            }
        ],
        "from": {"email": "oi@casa.com.br", "name": "Casa"},
        "reply_to": {"email": "contato@casa.com.br"},
        "content": [{"type": "text/plain", "value": "Olá"}, {"type": "text/html", "value": "<p>Olá</p>"}],
        "tracking_settings": {**off, "subscription_tracking": {"enable": False}},
    }


def test_without_a_way_to_reach_us_there_are_no_headers_of_unsubscribing() -> None:
    [document] = documents([outgoing(7, Content("Olá", "Oi"))])
    assert set(document["personalizations"][0]["headers"]) == {"Message-ID", "References"}


def test_tracking_is_on_only_where_the_secret_says_so() -> None:
    secret = SendGridCredentials("https://x/v3", "SG.x", "oi@casa.com.br", tracking=True)
    [document] = documents([outgoing(7, Content("Olá", "Oi"))], secret)
    settings = document["tracking_settings"]
    assert settings["click_tracking"]["enable"] and settings["open_tracking"]["enable"]
    assert not settings["subscription_tracking"]["enable"]
    assert document["from"] == {"email": "oi@casa.com.br"}
    assert "reply_to" not in document


def test_messages_of_the_same_text_share_one_request_without_substitutions() -> None:
    messages = [outgoing(number, Content("Olá", f"Oi {number}", "<p>Olá</p>")) for number in range(1000)]
    [document] = documents(messages)
    assert len(document["personalizations"]) == 1000
    assert all("substitutions" not in one for one in document["personalizations"])
    assert received(document) == wanted(messages)


def test_a_request_has_a_thousand_recipients_at_most() -> None:
    sizes = [
        len(one["personalizations"]) for one in documents([outgoing(n, Content("Olá", "Oi")) for n in range(2001)])
    ]
    assert sizes == [1000, 1000, 1]


def test_short_personal_texts_of_several_campaigns_travel_whole_in_one_request() -> None:
    messages = [outgoing(n, Content(f"Olá, Ana {n}!\nTudo bem?", "Oi", f"<p>{n}</p>")) for n in range(500)]
    messages += [
        Outgoing(MessageId("4", 2, str(n)), f"q{n}@example.com", Content(f"Lembrete {n}", "Oi", "<b>!</b>"))
        for n in range(500)
    ]
    [document] = documents(messages)
    assert received(document) == wanted(messages)


def test_of_long_texts_only_what_differs_travels_for_each() -> None:
    filling = "<p>" + "muito texto " * 5000 + "</p>"
    messages = [
        outgoing(
            number,
            Content(
                f"Olá, {number}!\n" + "linha\n" * 200 + f"Sair: https://x/u/{number}",
                "Oi",
                f'<h1 lang="pt">Olá, {number} &gt; 1</h1>{filling}<a href="https://x/u/{number}">Sair</a>',
            ),
        )
        for number in range(300)
    ]
    [document] = documents(messages)
    assert received(document) == wanted(messages)
    assert max(len(json.dumps(one["substitutions"])) for one in document["personalizations"]) < 400


def test_what_differs_in_more_than_fits_has_requests_of_its_own_by_equal_text() -> None:
    long = ["".join(f"{letter}{number} " for number in range(4000)) for letter in "abc"]
    messages = [outgoing(number, Content(long[number % 3], "Oi")) for number in range(9)]
    found = documents(messages)
    assert [len(one["personalizations"]) for one in found] == [3, 3, 3]
    assert everything(messages) == wanted(messages)


def test_the_size_of_substitutions_is_counted_in_bytes() -> None:
    texts = ["ç" * 4990, "é" * 4990, "x" * (SUBSTITUTION_BYTES - 100), "\n" * 4900 + "y", "\n" * 4990 + "ab"]
    messages = [outgoing(number, Content(text, "Oi")) for number, text in enumerate(texts)]
    for document in documents(messages):
        for one in document["personalizations"]:
            written = json.dumps(one.get("substitutions", {}), ensure_ascii=False, separators=(",", ":"))
            assert len(written.encode()) <= SUBSTITUTION_BYTES
    assert everything(messages) == wanted(messages)


def test_texts_with_and_without_html_do_not_share_a_request() -> None:
    messages = [outgoing(n, Content(f"Olá {n}", "Oi", f"<p>{n}</p>" if n % 2 else None)) for n in range(10)]
    assert len(documents(messages)) == 2
    assert everything(messages) == wanted(messages)


def test_an_address_is_in_a_request_once() -> None:
    addresses = ["ana@x.com", "ANA@x.com", "bia@x.com", "Ana@X.com"]
    messages = [outgoing(number, Content("Olá", "Oi"), address) for number, address in enumerate(addresses)]
    found = [[to["to"][0]["email"] for to in one["personalizations"]] for one in documents(messages)]
    assert found == [["ana@x.com", "bia@x.com"], ["ANA@x.com"], ["Ana@X.com"]]


@pytest.mark.parametrize("nasty", ["%name%", "-x-", "{{ nome }}", "%x0%", f"%{STEM[:-1]}x0%", "\ud800", "\0", "<%u%>"])
def test_what_looks_like_a_tag_stays_as_it_was_written(nasty: str) -> None:
    messages = [outgoing(n, Content(f"Olá {n} {nasty}", nasty, f"<p>{n}{nasty}</p>")) for n in range(3)]
    clean = {
        key: tuple(text and text.encode("utf-8", "replace").decode() for text in value)
        for key, value in wanted(messages).items()
    }
    assert everything(messages) == clean


def test_no_personal_data_is_in_what_sendgrid_keeps_for_itself() -> None:
    [document] = documents([outgoing(7, Content("Olá, Ana", "Ana", "<p>Ana</p>"), "ana@example.com")])
    assert document["personalizations"][0]["custom_args"] == {"disparo_id": "3.1.7"}
    assert "categories" not in document
    assert "asm" not in document


def invitation(number: int) -> Invitation:
    return Invitation("REQUEST", f"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nX-A:João {number}\r\nEND:VCALENDAR\r\n")


def test_an_invitation_is_the_last_content_and_a_file() -> None:
    given = invitation(1)
    [document] = documents([outgoing(1, Content("Olá", "Oi", "<p>Oi</p>", invitation=given))])
    assert [one["type"] for one in document["content"]] == ["text/plain", "text/html", "text/calendar; method=REQUEST"]
    assert document["content"][2]["value"] == given.text
    [file] = document["attachments"]
    assert (file["type"], file["filename"], file["disposition"]) == ("application/ics", "invite.ics", "attachment")
    assert b64decode(file["content"]).decode() == given.text


def test_without_one_there_is_no_file() -> None:
    [document] = documents([outgoing(1, Content("Olá", "Oi"))])
    assert "attachments" not in document
    assert [one["type"] for one in document["content"]] == ["text/plain"]


def test_nobody_gets_the_invitation_of_another() -> None:
    """Messages of one text share requests, but what one request carries goes to all in it."""
    invited = [outgoing(n, Content("Oi", "Oi", invitation=invitation(n))) for n in range(60)]
    others = [outgoing(n, Content("Oi", "Oi")) for n in range(60, 120)]
    found = {}
    for document in documents([*invited, *others]):
        files = [b64decode(one["content"]).decode() for one in document.get("attachments", [])]
        for one in document["personalizations"]:
            found[one["custom_args"]["disparo_id"]] = files
    assert found == {
        str(one.id): [one.content.invitation.text] if one.content.invitation else [] for one in [*invited, *others]
    }


def test_who_gets_the_very_same_invitation_shares_a_request() -> None:
    assert len(documents([outgoing(n, Content("Oi", "Oi", invitation=invitation(1))) for n in range(5)])) == 1
