"""The short cut of ordinary templates gives what python-liquid gives, or nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from disparo.adapters.liquid import LiquidRenderer
from disparo.adapters.liquid.filters import ON_ONE_TEXT
from disparo.domain.template import Content, RenderError, Template

VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", " ", "<b>&\"'", "MARIA DA SILVA", "Dr. João", "\ud800", "x" * 1200]),
    st.sampled_from(["+5541988887777", "1234.5", "2026-11-22"]),
)
OUTPUTS = st.builds(
    lambda name, filters: "{{ " + " | ".join([name, *filters]) + " }}",
    st.sampled_from(["nome", "empresa", "valor"]),
    st.lists(st.sampled_from(sorted(ON_ONE_TEXT)), max_size=2),
)
SOURCES = st.lists(
    st.one_of(OUTPUTS, st.sampled_from(["Olá ", "\n", "!", " — ", "<p>", "&amp;"])), min_size=1, max_size=6
).map("".join)
VARIABLES = st.dictionaries(st.sampled_from(["nome", "empresa", "valor"]), VALUES)


@given(source=SOURCES, variables=VARIABLES, html=st.booleans())
def test_the_short_cut_and_the_library_agree(source: str, variables: dict[str, str], html: bool) -> None:
    compiled = LiquidRenderer().compile(Template("t", source, "s", source) if html else Template("t", source))
    part = compiled.html if html and compiled.html else compiled.text
    if part.straight is None:  # a text without any output needs no short cut
        assert "{{" not in source
        return
    found = part.straight.render(variables)
    by_library: str | RenderError
    try:
        by_library = replace(part, straight=None).render(variables)
    except RenderError as error:
        by_library = error
    assert found is None or found == by_library


def test_an_ordinary_message_takes_the_short_cut() -> None:
    compiled = LiquidRenderer().compile(Template("t", "Oi {{ nome | primeiro_nome }}, da {{ empresa }}?"))
    variables = {"nome": "MARIA DA SILVA", "empresa": "Padaria"}
    assert compiled.text.straight is not None
    assert compiled.text.straight.render(variables) == "Oi Maria, da Padaria?"
    assert compiled.render(variables) == Content("Oi Maria, da Padaria?")


def test_html_takes_the_short_cut_and_is_escaped() -> None:
    part = LiquidRenderer().compile(Template("t", "a", "s", "<p>{{ nome }}</p>")).html
    assert part is not None
    assert part.straight is not None
    assert part.straight.render({"nome": "<b>A & 'B'</b>"}) == "<p>&lt;b&gt;A &amp; &#39;B&#39;&lt;/b&gt;</p>"
    alone = LiquidRenderer().compile(Template("t", "a", "s", "{{ nome }}")).html
    assert alone is not None
    assert alone.straight is not None
    assert type(alone.straight.render({"nome": "A"})) is str, "no Markup: it escapes what is added to it"


def test_what_grows_too_long_is_left_to_the_library() -> None:
    part = LiquidRenderer().compile(Template("t", "a", "s", "{{ nome }}" * 100)).html
    assert part is not None
    assert part.straight is not None
    assert part.straight.render({"nome": "'" * 1000}) is None


def test_tags_and_arguments_are_left_to_the_library() -> None:
    renderer = LiquidRenderer()
    for source in ("{% if nome %}a{% endif %}", "{{ nome | append: 'x' }}", "{{ nome | upcase }}"):
        assert renderer.compile(Template("t", source)).text.straight is None
