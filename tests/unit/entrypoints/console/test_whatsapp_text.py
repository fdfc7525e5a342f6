"""A text as WhatsApp shows it: never anybody's HTML, never slow."""

from __future__ import annotations

import re
from html import unescape
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disparo.entrypoints.console import whatsapp_text as module
from disparo.entrypoints.console.whatsapp_text import MOST, whatsapp_text

OURS = re.compile(r"</?(strong|em|s|code)>")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Oi *Ana*, _tudo_ ~bem~?", "Oi <strong>Ana</strong>, <em>tudo</em> <s>bem</s>?"),
        ("*_já_*", "<strong><em>já</em></strong>"),
        ("(*R$ 300*).", "(<strong>R$ 300</strong>)."),
        ("`50%` e ```duas *linhas*\naqui```", "<code>50%</code> e <code>duas *linhas*\naqui</code>"),
        ("*a*\n_b_", "<strong>a</strong>\n<em>b</em>"),
    ],
)
def test_marks_become_how_they_look(written: str, shown: str) -> None:
    assert whatsapp_text(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "2*3*4",
        "o_nome_da_coluna",
        "* item",
        "*aberto",
        "fechado*",
        "*a \n b*",
        "**",
        "_ _",
        "*a*b",
        "``",
        "```",
        "~",
        "",
    ],
)
def test_marks_that_mark_nothing_stay_as_they_are(written: str) -> None:
    assert whatsapp_text(written) == written


def test_marks_that_cross_are_closed_in_order() -> None:
    assert whatsapp_text("*a _b* c_") == "<strong>a _b</strong> c_"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "*<img src=x onerror=alert(1)>*",
        "_</em><script>_",
        "```<iframe>```",
        "`<b>`",
        '"*\'&*"',
        "<strong>*x*</strong>",
        "&lt;*b*&gt;",
        "*\u202e<b>*",
        "\x00*<i>*",
    ],
)
def test_no_html_comes_from_the_text(hostile: str) -> None:
    shown = str(whatsapp_text(hostile))
    rest = OURS.sub("", shown)
    assert "<" not in rest
    assert ">" not in rest
    assert '"' not in rest
    assert "'" not in rest
    assert unescape(rest).replace("*", "").replace("_", "").replace("`", "") == re.sub("[*_`]", "", hostile)


@given(st.text(st.sampled_from("*_~`\n <>&'\"aé1.😀"), max_size=60))
def test_whatever_is_written_every_tag_is_ours_and_closed(text: str) -> None:
    shown = str(whatsapp_text(text))
    standing: list[str] = []
    for tag in re.findall(r"<[^>]*>", shown):
        assert OURS.fullmatch(tag)
        if tag.startswith("</"):
            assert standing.pop() == tag[2:-1]
        else:
            standing.append(tag[1:-1])
    assert not standing
    said = unescape(OURS.sub("", shown))
    assert re.sub("[*_~`]", "", said) == re.sub("[*_~`]", "", text)


@pytest.mark.parametrize("part", ["*", "*a ", "`", "```", "`a", "*_~", "*a*", "`\n", "<", "_a_b", "~ ", "*`_"])
def test_the_work_grows_with_the_text_and_no_faster(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    size = 100_000
    monkeypatch.setattr(module, "MOST", size)
    text = (part * size)[:size]
    begun = process_time()
    whatsapp_text(text)
    assert process_time() - begun < 10  # a third of a second where it was measured; by the square it were minutes


def test_a_text_that_whatsapp_would_not_take_is_only_escaped() -> None:
    assert whatsapp_text("*<*" + "a" * MOST).startswith("*&lt;*a")
