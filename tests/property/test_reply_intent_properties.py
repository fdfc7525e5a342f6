"""Whatever somebody writes is understood in a bounded time, and an opt-out however it is dressed."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disparo.domain.intents.said import LONGEST
from disparo.domain.reply_intent import Intent, classify, is_opt_out

ASKED = [
    "sair",
    "parar",
    "pare",
    "stop",
    "baja",
    "cancelar envio",
    "descadastrar",
    "unsubscribe",
    "não quero mais receber",
    "não quero mais receber mensagens",
    "me tira da lista",
    "pare de me mandar mensagem",
    "remove me from your list",
    "no me escriban más",
    "quero parar de receber",
]
DRESS = [
    "",
    " ",
    "!",
    ".",
    "...",
    "!!!",
    "🙏",
    "😡",
    "*",
    '"',
    "\u200b",
    "\n",
    " por favor",
    ", obrigado",
    " please",
    " gracias",
]
WORDS = (
    "não", "nao", "quero", "sair", "parar", "de", "mensagem", "1", "2", "a", "o", "opção", "segunda", "pode", "ser",
    "outro", "dia", "?", ">", "escreveu:", "sim", "se", "--", "\n", ",", ".", "👍", "no", "stop", "me",
)  # fmt: skip


@given(st.text(max_size=400), st.none() | st.text(max_size=80), st.booleans())
def test_any_text_is_understood_the_same_twice(text: str, choice: str | None, meeting_open: bool) -> None:
    found = classify(text, choice, meeting_open=meeting_open)
    assert found == classify(text, choice, meeting_open=meeting_open)
    assert (found.slot is not None) == (found.intent is Intent.SLOT)
    assert found.slot is None or found.slot >= 1


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join), st.booleans())
def test_any_talk_is_understood(text: str, meeting_open: bool) -> None:
    assert classify(text, meeting_open=meeting_open).intent in Intent


@given(
    st.sampled_from(ASKED),
    st.sampled_from((str.upper, str.lower, str.title, str.swapcase, str)),
    st.sampled_from(("NFC", "NFD")),
    st.sampled_from(DRESS[:12]),
    st.lists(st.sampled_from(DRESS), max_size=3).map("".join),
    st.booleans(),
)
def test_case_accents_and_dress_hide_no_opt_out(
    asked: str, case: type[str], form: str, before: str, after: str, plain: bool
) -> None:
    text = unicodedata.normalize(form, case(asked))  # type: ignore[arg-type]
    if plain:
        text = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    assert is_opt_out(before + text + after)


@given(st.sampled_from(ASKED), st.data())
def test_punctuation_between_the_words_hides_no_opt_out(asked: str, data: st.DataObject) -> None:
    words = asked.split(" ")
    marks = [data.draw(st.sampled_from(("", ",", ".", "!", " -", "…"))) for _ in words]
    assert is_opt_out(" ".join(word + mark for word, mark in zip(words, marks, strict=True)))


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "não ",
        "nao quero ",
        "de de de ",
        "em x escreveu ",
        "\n> ",
        "quero a o ",
        "me me meu ",
        "\n",
        "😂",
        "\u0301",
        "ﷺ",
        "1 ",
        "<a@b ",
    ],
)
@settings(deadline=None)
@given(st.integers(0, 3))
def test_a_hundred_kilobytes_take_a_bounded_time(piece: str, cut: int) -> None:
    text = (piece * (100_000 // len(piece) + 1))[cut:]
    began = time.perf_counter()
    classify(text)
    assert time.perf_counter() - began < 0.5
    assert classify(text) == classify(text[:LONGEST])
