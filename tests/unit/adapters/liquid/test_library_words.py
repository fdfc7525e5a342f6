from __future__ import annotations

import pytest

from disparo.adapters.liquid import LiquidRenderer
from disparo.adapters.liquid.library_words import in_portuguese
from disparo.domain.template import RenderError, Template, TemplateError


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{% if a %}", "falta {% endif %}"),
        ("{% comment %}", "falta {% endcomment %}"),
        ("{% else %}", "{% else %} está fora do lugar"),
        ("{% if %}x{% endif %}", "falta dizer algo"),
        ("{% for i a %}{% endfor %}", "aqui cabe in, e não um nome"),
        ("{{ a | }}", "aqui cabe um nome, e não o fim da expressão"),
        ("{{ a | append 'x' }}", "aqui cabe o fim da expressão, e não um texto"),
        ("{{ a | append: 'x' 'y' }}", "aqui cabe uma vírgula entre os argumentos, e não um texto"),
        ("{% assign x %}", "aqui cabe '=', e não o fim da expressão"),
        ("{% for i in a foo %}{% endfor %}", "depois da lista só cabem"),
        ("{{ a ! }}", "'!' não é um operador"),
        ("{{ 'a }}", "confira se as aspas fecham"),
        ("{% if (a or b) and c %}{% endif %}", "não leva parênteses"),
        ("{% if not a %}{% endif %}", "não leva not"),
        ("{{ a if b }}", "entre {{ }} não cabe if"),
        ("{% if a %}" * 31 + "{% endif %}" * 31, "blocos demais"),
        ("{% # x\n y %}", "começa com #"),
        ("{% if a > 10 %}{% endif %}", "faça do texto um número: {% assign n = valor | plus: 0 %}"),
        ("{% for i in a limit: 'x' %}{% endfor %}", "aqui cabe um número inteiro, e não um texto"),
    ],
)
def test_what_the_library_finds_is_said_in_portuguese(source: str, said: str) -> None:
    with pytest.raises((TemplateError, RenderError)) as caught:
        LiquidRenderer().compile(Template("t", source)).render({"a": "12"})
    assert said in str(caught.value)


def test_a_sentence_that_is_not_known_is_quoted_on_one_line() -> None:
    assert in_portuguese("something\nelse") == "o Liquid não entende isto (something else)"
