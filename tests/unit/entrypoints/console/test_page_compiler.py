"""What is looked up when a template is compiled, and what is not."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import Environment
from markupsafe import Markup

from disparo.entrypoints.console.page_compiler import PageCompiler


def asked(template: str) -> tuple[str, list[str]]:
    """What a template makes, and the texts that were translated while it did."""
    while_made: list[str] = []

    def translate(text: str, **values: object) -> str:
        while_made.append(text)
        return f"<{text}>" % values

    def icon(name: str) -> Markup:
        while_made.append(name)
        return Markup("<i>{}</i>").format(name)

    functions: dict[str, Callable[..., str]] = {"_": translate, "icon": icon, "static_url": str}
    environment = Environment(autoescape=True)
    environment.code_generator_class = PageCompiler
    environment.globals |= functions
    compiled = environment.from_string(template)
    while_made.clear()
    return compiled.render(name="Ana", path="gear"), while_made


def test_what_is_always_the_same_is_not_asked_again() -> None:
    assert asked('{{ _("Sair") }} {{ icon("gear") }}') == ("&lt;Sair&gt; <i>gear</i>", [])


def test_markup_stays_markup_where_it_is_given_on() -> None:
    macro = "{% macro link(text, mark) %}{{ mark }}{{ text }}{% endmacro %}"
    assert asked(macro + '{{ link(_("Sair"), icon("gear")) }}') == ("<i>gear</i>&lt;Sair&gt;", [])


def test_what_depends_on_the_page_is_asked_each_time() -> None:
    made, while_made = asked('{{ _("de %(name)s", name=name) }} {{ icon(path) }} {{ _(name) }}')
    assert made == "&lt;de Ana&gt; <i>gear</i> &lt;Ana&gt;"
    assert while_made == ["de %(name)s", "gear", "Ana"]
