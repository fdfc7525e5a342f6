"""What a host reads before a meeting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.domain.agenda.briefing import (
    LONGEST_BRIEFING,
    MOST_SAID,
    Briefing,
    EarlierMeeting,
    Exchanged,
    briefing_html,
    briefing_text,
)
from disparo.domain.agenda.meeting import MeetingState
from disparo.domain.contact import Channel
from disparo.domain.template import EMAIL_PART_LIMIT_BYTES

START = datetime(2026, 11, 23, 17, tzinfo=UTC)


class Plain:
    """Instants without a library: enough to see which instant, zone and language is told."""

    def day(self, at: datetime, zone: str, language: str) -> str:
        return f"{language} {at:%d/%m}"

    def clock(self, at: datetime, zone: str, language: str) -> str:
        hours = {"America/Manaus": 4, "America/Sao_Paulo": 3}[zone]
        return f"{at - timedelta(hours=hours):%H:%M}"

    def zone(self, at: datetime, zone: str, language: str) -> str:
        return zone.rpartition("/")[2]


def said(minutes: int, text: str, *, ours: bool = False) -> Exchanged:
    return Exchanged(START - timedelta(days=2) + timedelta(minutes=minutes), Channel.WHATSAPP, ours, text)


FULL = Briefing(
    title="Demonstração",
    start_at=START,
    end_at=START + timedelta(minutes=30),
    zone="America/Sao_Paulo",
    name="Ana Silva",
    addresses=("ana@exemplo.com.br", "+5592988887777"),
    details=(("empresa", "Padaria Silva"), ("cargo", "")),
    contact_zone="America/Manaus",
    hosts=("Bia Rocha",),
    location="https://meet.exemplo.com/abc",
    join_url="https://meet.exemplo.com/abc",
    reschedules=1,
    list_name="novembro",
    source="contatos.csv:57",
    campaign="Black Friday",
    exchanged=(said(9, "Quero ver\ncom calma"), said(0, "Olá, Ana!", ours=True)),
    earlier=(EarlierMeeting("Conversa", START - timedelta(days=30), MeetingState.NO_SHOW),),
    notes="Prefere falar de manhã.",
    next_step="Mandar a proposta.",
    link="https://casa.com.br/book/h.1.2.x",
)


def test_it_tells_everything_in_the_order_in_which_it_is_read() -> None:
    assert (
        briefing_text(FULL, Plain(), "pt")
        == """\
Reunião: Demonstração
- pt 23/11, das 14:00 às 14:30, Sao_Paulo
- Para o contato: pt 23/11, 13:00, Manaus
- Quem atende: Bia Rocha
- Onde: https://meet.exemplo.com/abc
- O contato ainda não disse se vem.
- Vezes em que foi remarcada: 1
- Depois, diga se aconteceu: https://casa.com.br/book/h.1.2.x

Com quem
- Ana Silva
- ana@exemplo.com.br
- +5592988887777
- empresa: Padaria Silva

De onde veio
- Lista: novembro
- Arquivo e linha: contatos.csv:57
- Campanha: Black Friday

Reuniões anteriores
- pt 24/10, 14:00: Conversa, o contato faltou

Conversa até aqui
- pt 21/11, 14:00, nós (WhatsApp):
  Olá, Ana!
- pt 21/11, 14:09, Ana Silva (WhatsApp):
  Quero ver
  com calma

Anotações
- Prefere falar de manhã.

Próximo passo
- Mandar a proposta.
"""
    )


def test_in_english_no_portuguese_is_left() -> None:
    text = briefing_text(FULL, Plain(), "en")
    assert text.startswith("Meeting: Demonstração\n- en 23/11, from 14:00 to 14:30, Sao_Paulo\n")
    assert "the contact missed it" in text
    assert "Conversation so far\n- en 21/11, 14:00, us (WhatsApp):\n  Olá, Ana!" in text
    assert not any(word in text for word in ("Conversa até", "contato ainda", "Próximo", "nós", "Quem"))
    assert briefing_text(FULL, Plain(), "es").startswith("Reunião: Demonstração")


def test_what_is_not_known_is_not_mentioned() -> None:
    bare = Briefing("Demonstração", START, START + timedelta(minutes=30), "America/Sao_Paulo", "", attending=True)
    assert briefing_text(bare, Plain(), "pt") == (
        "Reunião: Demonstração\n- pt 23/11, das 14:00 às 14:30, Sao_Paulo\n- O contato disse que vem.\n"
    )


def test_a_contact_in_the_hosts_own_zone_needs_no_second_time() -> None:
    assert "Para o contato" not in briefing_text(replace(FULL, contact_zone=FULL.zone), Plain(), "pt")


def test_of_a_long_conversation_the_newest_is_kept() -> None:
    chat = [said(number, f"[{number}] " + "palavra " * 200) for number in range(200)]
    text = briefing_text(replace(FULL, exchanged=chat[::-1]), Plain(), "pt")
    kept = [number for number in range(200) if f"[{number}]" in text]
    assert kept
    assert kept == list(range(kept[0], 200))
    assert f"Mensagens mais antigas que ficaram de fora: {kept[0]}" in text
    assert "Prefere falar de manhã." in text
    assert text.count("…") == len(kept), "each of them is cut"


def test_of_many_short_messages_a_page_is_kept() -> None:
    text = briefing_text(replace(FULL, exchanged=[said(number, "ok") for number in range(100)]), Plain(), "pt")
    assert text.count("\n  ok\n") == MOST_SAID


def test_nobodys_words_pass_for_a_heading() -> None:
    forged = "oi\r\nPróximo passo\u2028- Pagar o boleto\x85Anotações"
    text = briefing_text(replace(FULL, exchanged=[said(0, forged)], name="Ana\nAnotações\n- x"), Plain(), "pt")
    headings = [line for line in text.splitlines() if line and not line.startswith(("- ", "  "))]
    assert headings.count("Próximo passo") == 1
    assert headings.count("Anotações") == 1
    assert "\x85" not in text


class Seen(HTMLParser):
    """The tags of a text, their attributes, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.hrefs: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"lang", "href"}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def seen(html: str) -> Seen:
    reader = Seen()
    reader.feed(html)
    reader.close()
    return reader


def test_the_html_says_the_same_and_its_links_can_be_followed() -> None:
    read = seen(briefing_html(FULL, Plain(), "pt"))
    assert read.tags == {"div", "h1", "h2", "ul", "li", "br", "a"}
    assert read.hrefs == ["https://meet.exemplo.com/abc", "https://casa.com.br/book/h.1.2.x"]
    for word in ("Demonstração", "Padaria Silva", "contatos.csv:57", "com calma", "Mandar a proposta.", "13:00"):
        assert word in read.words


@pytest.mark.parametrize(
    "attack",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "https://x/\"onclick='a'"],
)
def test_nobody_writes_html_through_their_words(attack: str) -> None:
    told = replace(
        FULL,
        name=attack,
        title=attack,
        notes=attack,
        location=attack,
        details=((attack, attack),),
        exchanged=[said(0, attack)],
    )
    read = seen(briefing_html(told, Plain(), "pt"))
    assert read.tags <= {"div", "h1", "h2", "ul", "li", "br", "a"}
    assert all(one.startswith("https://") for one in read.hrefs)
    assert attack in read.words


WORDS = st.text(max_size=400) | st.sampled_from(['"' * 3_000, "https://x/" + "&" * 990, "é😀" * 900, "\n" * 900])


@given(WORDS, WORDS, st.lists(WORDS, max_size=60), st.sampled_from(["pt", "en"]))
def test_whatever_people_wrote_it_has_an_end(name: str, other: str, chat: list[str], language: str) -> None:
    told = replace(
        FULL,
        name=name,
        title=other,
        notes=other,
        next_step=name,
        details=((name, other),) * 20,
        addresses=(other,) * 20,
        hosts=(name,) * 20,
        location=other,
        list_name=other,
        earlier=(EarlierMeeting(name, START, MeetingState.HELD),) * 20,
        exchanged=[said(number, text) for number, text in enumerate(chat)],
    )
    assert len(briefing_text(told, Plain(), language)) <= LONGEST_BRIEFING
    assert len(briefing_text(told, Plain(), language, 2_000)) <= 2_000
    assert len(briefing_html(told, Plain(), language).encode()) <= EMAIL_PART_LIMIT_BYTES
