from __future__ import annotations

import pytest

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.template import Content, RenderError, Template, TemplateError
from disparo.ports.renderer import Renderer

RENDERER: Renderer = LiquidRenderer()


def render(text: str, **variables: str) -> str:
    return RENDERER.compile(Template("oferta", text)).render(variables).text


def refused(text: str, **variables: str) -> RenderError:
    with pytest.raises(RenderError) as caught:
        render(text, **variables)
    return caught.value


def uncompiled(text: str, part: str = "text") -> TemplateError:
    template = Template("oferta", text) if part == "text" else Template("oferta", "x", **{part: text})
    with pytest.raises(TemplateError) as caught:
        RENDERER.compile(template)
    return caught.value


def test_all_parts_are_rendered() -> None:
    template = Template("t", "Oi {{ nome }}", subject=" Para {{ nome }}\n", html="<b>{{ nome }}</b>")
    content = RENDERER.compile(template).render({"nome": "Ana & Cia"})
    assert content == Content("Oi Ana & Cia", subject="Para Ana & Cia", html="<b>Ana &amp; Cia</b>")


def test_line_breaks_stay_as_they_are() -> None:
    assert render("a\r\n{{ nome }}\rb", nome="x\r\ny") == "a\r\nx\r\ny\rb"


def test_a_text_without_braces_is_left_as_it_is() -> None:
    assert render("100% { ok }\n  fim ") == "100% { ok }\n  fim "


def test_the_variables_of_all_parts_are_told_without_those_it_sets_itself() -> None:
    template = Template(
        "t",
        "{% assign n = nome | primeiro_nome %}{{ n }}{% for i in itens %}{{ i }}{{ forloop.index }}{% endfor %}",
        subject="{% if uf %}{{ empresa | default: padrao }}{% endif %}",
        html="{% case tipo %}{% when alvo %}x{% endcase %}",
    )
    assert RENDERER.compile(template).variables() == {
        *("nome", "itens", "uf", "empresa", "padrao", "tipo", "alvo"),
    }


def test_a_missing_variable_is_named_with_its_line() -> None:
    error = refused("Oi {{ nome }},\n\naqui é da {{ empresa }}", nome="Ana")
    assert (error.reason, error.variable, error.line, error.part) == (
        "missing_variable",
        "empresa",
        3,
        "text",
    )
    assert str(error).startswith('modelo "oferta", text, linha 3: a variável "empresa" falta')


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\xa0"])
def test_a_blank_variable_is_a_missing_one(blank: str) -> None:
    assert refused("Oi {{ nome | upcase | append: '!' }}", nome=blank).reason == "missing_variable"
    assert render("{% if nome %}sim{% else %}não{% endif %}", nome=blank) == "não"
    assert render("{{ nome | default: 'você' }}", nome=blank) == "você"


@pytest.mark.parametrize(
    "text",
    [
        "{{ falta }}",
        "{{ falta | upcase }}",
        "{{ 3 | times: falta }}",
        "{{ 'a' | append: falta }}",
        "{{ outra | default: falta }}",
        "{% echo falta %}",
        "{% assign x = falta %}{{ x }}",
        "{% capture x %}{{ falta }}{% endcapture %}",
        "{% for i in falta %}{{ i }}{% endfor %}",
        "{% if true %}{{ falta.size }}{% endif %}",
        "{{ falta | split: ',' | first }}",
    ],
)
def test_nothing_can_use_a_missing_variable(text: str) -> None:
    error = refused(text)
    assert (error.reason, error.variable, error.line) == ("missing_variable", "falta", 1)


@pytest.mark.parametrize(
    "condition", ["falta", "falta == 'x'", "falta > 3", "falta contains 'x'", "'a' contains falta"]
)
def test_a_condition_about_a_missing_variable_is_false(condition: str) -> None:
    assert render(f"{{% if {condition} %}}sim{{% else %}}não{{% endif %}}") == "não"
    assert render(f"{{% unless {condition} %}}sim{{% endunless %}}") == "sim"


def test_an_output_that_comes_out_blank_is_refused_unless_a_default_allows_it() -> None:
    assert refused("{{ nome | remove: 'a' }}", nome="aa").reason == "empty_value"
    assert refused("{% assign l = nome | split: 'a' %}{{ l | first }}", nome="aa").variable == "l"
    assert render("[{{ nome | remove: 'a' | default: '' }}]", nome="aa") == "[]"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ nome", "{{ sem }}"),
        ("{% if nome %}", "endif"),
        ("{{ }}", "nada entre as chaves"),
        ("{{ nome | upcas }}", "seria 'upcase'"),
        ("{{ nome | date: '%Y' }}", "o filtro 'date' não existe aqui"),
        ("{{ nome | base64_encode }}", "não existe aqui"),
        ("{{ nome | safe }}", "não existe aqui"),
        ("{{ nome | append }}", "leva 1 argumento(s)"),
        ("{{ nome | upcase: 1 }}", "leva 0 argumento(s)"),
        ("{{ nome | default: 'x', allow_false: true }}", "leva de 0 a 1 argumento(s)"),
        ("{% include 'x' %}", "a tag 'include' não existe aqui"),
        ("{% render 'x' %}", "a tag 'render' não existe aqui"),
        ("{% tablerow i in nome %}{% endtablerow %}", "a tag 'tablerow' não existe aqui"),
        ("{% increment n %}", "a tag 'increment' não existe aqui"),
        ("{% liquid echo nome %}", "a tag 'liquid' não existe aqui"),
        ("{{ (1..50000000) | join }}", "faixas como (1..9)"),
        ("{% for i in (1..3) %}{% endfor %}", "faixas como (1..9)"),
        ("{% if nome contains (1..3) %}{% endif %}", "faixas como (1..9)"),
        ("{{ nome | append: (1..3) }}", "faixas como (1..9)"),
        ("{% if nome == blank %}{% endif %}", "{% if nome %}"),
        ("{% if nome != '' %}{% endif %}", "{% if nome %}"),
        ("{% case nome %}{% when empty %}{% endcase %}", "empty"),
        ("{{ now }}", "'now' é reservado"),
        ("{% assign today = 1 %}", "'today' é reservado"),
        ("{{ partial }}", "'partial' é reservado"),
        ("{{ [nome] }}", "outra variável"),
        ("{% break %}", "dentro de um for"),
        ("{{ nome ! }}", "!"),
        ("{% raw %}{{ nome }}", "raw sem endraw"),
    ],
)
def test_what_is_not_allowed_is_refused_at_compile_with_its_place(text: str, problem: str) -> None:
    error = uncompiled(f"Oi\n{text}")
    assert problem in str(error)
    assert error.part == "text"
    assert error.line in (2, None)
    assert "\n" not in str(error)


def test_the_part_at_fault_is_named() -> None:
    assert uncompiled("{{ a", part="subject").part == "subject"
    assert uncompiled("<p>\n\n{{ a | x }}</p>", part="html").line == 3


def test_a_source_has_at_most_64_kb() -> None:
    assert len(render("ã" * 32768)) == 32768
    assert "cabem 65.536" in str(uncompiled("ã" * 32769))


def test_html_escapes_variables_whatever_is_done_to_them() -> None:
    source = (
        "{{ n }}{{ n | append: '<i>' }}{{ n | replace: 'x', '<' }}"
        "{% capture c %}{{ n }}{% endcapture %}{{ c }}"
        "{{ n | nome_proprio }}{{ n | split: ',' | join: ' ' }}{{ n | truncate: 3 }}{{ n | newline_to_br }}"
    )
    html = RENDERER.compile(Template("t", "x", html=source)).render({"n": "<b>,x"}).html
    assert html is not None
    assert html.replace("<i>", "").count("<") == 0


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y", "a\nb", "a\rb", "a\x00b", "a\u2028b"])
def test_a_subject_is_one_line(evil: str) -> None:
    compiled = RENDERER.compile(Template("t", "x", subject="Oi {{ nome }}"))
    with pytest.raises(RenderError) as caught:
        compiled.render({"nome": evil})
    assert (caught.value.reason, caught.value.part) == ("line_break_in_subject", "subject")


def test_half_a_character_is_a_bad_value_and_not_a_crash() -> None:
    assert refused("{{ nome }}", nome="a\ud800").reason == "bad_value"
    assert "meio caractere" in str(uncompiled("a\ud800"))


def test_comparing_text_with_a_number_is_a_bad_value() -> None:
    assert refused("{% if valor > 10 %}x{% endif %}", valor="12").reason == "bad_value"
    assert render("{% assign n = valor | plus: 0 %}{% if n > 10 %}x{% endif %}", valor="12,5") == "x"


def test_a_matching_when_is_rendered_once() -> None:
    assert render("{% case uf %}{% when 'SP', 'SP' or uf %}x{% endcase %}", uf="SP") == "x"


def test_the_same_template_serves_many_contacts_without_memory_between_them() -> None:
    compiled = RENDERER.compile(Template("t", "{% if nome %}{% assign n = nome %}{% endif %}{{ n | default: '-' }}"))
    assert [compiled.render({"nome": nome}).text for nome in ("Ana", "", "Rui")] == ["Ana", "-", "Rui"]
