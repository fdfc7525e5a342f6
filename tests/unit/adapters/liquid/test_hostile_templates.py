"""The worst templates compile or render in less than a second, by limits that count and not by a clock."""

from __future__ import annotations

from time import perf_counter

import pytest

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.template import RenderError, Template, TemplateError

LIST = "{% assign l = a | split: ',' %}"
ITEMS = "a," * 900
A_RUNAWAY_S = 10.0  # the slowest takes 0.4 s on a quiet machine; speed is judged in bench/


def outcome(source: str, variables: dict[str, str], part: str = "text") -> tuple[str, float]:
    """What came of it and the longest of compiling and rendering, in seconds."""
    start = perf_counter()
    try:
        compiled = LiquidRenderer().compile(
            Template("t", "x", **{part: source}) if part != "text" else Template("t", source)
        )
    except TemplateError:
        return "template_error", perf_counter() - start
    compiled_at = perf_counter()
    try:
        compiled.render(variables)
        reason = "rendered"
    except RenderError as err:
        reason = err.reason
    return reason, max(perf_counter() - compiled_at, compiled_at - start)


@pytest.mark.parametrize(
    "source",
    [
        "{{" + " " * 60_000,
        "{{" * 32_000,
        "{%" + " " * 60_000 + "%}",
        "{{ " + " " * 900 + " }}",
        "{% if " + " " * 900 + "%}{% endif %}",
        "{{ a | " * 8_000,
        "{% raw %}" * 7_000,
        "{% raw %}" + ("{%" + " " * 39) * 1_500,
        "{% doc %}" * 7_000,
        "{% comment %}" * 4_900,
        "{% if a %}" * 6_000,
        "{% if a " + "or a " * 12_000 + "%}{% endif %}",
        "{% if a " + "or a " * 190 + "%}{% endif %}",
        "{{ a" + "[a" * 300 + "]" * 300 + " }}",
        "{{ 9 " + "| times: 9 " * 5_000 + "}}",
        "{{ " + "9" * 60_000 + " }}",
    ],
)
def test_a_source_that_would_choke_the_parser_is_refused_at_once(source: str) -> None:
    reason, seconds = outcome(source, {})
    assert reason == "template_error"
    assert seconds < A_RUNAWAY_S


@pytest.mark.parametrize(
    ("source", "variables", "reason"),
    [
        ("{% assign b = a %}" + "{% assign b = b | append: b %}" * 100, {"a": "ab"}, "value_too_long"),
        (
            "{% capture b %}x{% endcapture %}" + "{% capture b %}{{b}}{{b}}{% endcapture %}" * 100,
            {},
            "output_too_long",
        ),
        ("{{ a | replace: '', a }}", {"a": "x" * 5_000}, "value_too_long"),
        ("{{ a | replace: 'x', a | replace: 'x', a }}", {"a": "x" * 200}, "value_too_long"),
        ("{{ a | split: 'x' | join: a }}", {"a": "bx" * 20_000}, "value_too_long"),
        ("{{ a }}", {"a": "x" * 70_000}, "value_too_long"),
        ("{{ a | url_encode }}", {"a": "ã" * 60_000}, "value_too_long"),
        (LIST + "{% for i in l %}" * 3 + "{% endfor %}" * 3, {"a": ITEMS}, "too_much_work"),
        (
            LIST + "{% for i in l %}" * 2 + "{{ i | upcase }}" + "{% endfor %}" * 2,
            {"a": ITEMS},
            "too_much_work",
        ),
        (LIST + "{% for i in l %} {% endfor %}" * 2_000, {"a": ITEMS}, "too_much_work"),
        (
            LIST + "{% for i in l %}{% assign z = a | upcase %}{% endfor %}",
            {"a": ITEMS + "b" * 60_000},
            "too_much_work",
        ),
        (
            "{% if a contains b %}{% endif %}" * 1_900,
            {"a": "x" * 60_000, "b": "x" * 30_000 + "y"},
            "too_much_work",
        ),
        ("{% assign z = a | nome_proprio %}" * 1_900, {"a": "a " * 30_000}, "too_much_work"),
        ("{% assign z = a | url_encode %}" * 2_000, {"a": "ã" * 10_000}, "too_much_work"),
        ("{% case 1 %}{% when 1, 1, 1 %}" * 29 + "{% endcase %}" * 29, {}, "rendered"),
        (
            LIST + "{% for i in l %}{{ i | telefone }}{% endfor %}",
            {"a": ",".join(f"4199{n:07}" for n in range(900))},
            "rendered",
        ),
        ("{{ a }}" * 9_000, {"a": "x"}, "rendered"),
        ("{% assign a = 1 %}" * 3_600, {}, "rendered"),
        ("{{ a | dinheiro }}" * 3_000, {"a": "12,5"}, "rendered"),
        ("{{ 9 " + "| times: 9 " * 80 + "}}", {}, "bad_value"),
    ],
)
def test_a_template_that_would_grow_or_spin_is_stopped(source: str, variables: dict[str, str], reason: str) -> None:
    found, seconds = outcome(source, variables)
    assert found == reason
    assert seconds < A_RUNAWAY_S


def test_html_is_bounded_like_text() -> None:
    assert outcome("{% assign b = a | replace: '<', a %}{{ b }}", {"a": "<" * 5_000}, "html")[0] == "value_too_long"
    assert outcome("{% capture c %}{{ a }}{% endcapture %}{{ c | replace: '&', c }}", {"a": "<" * 5_000}, "html")[
        0
    ] == ("value_too_long")


def test_more_than_fifty_names_are_not_assigned() -> None:
    source = "".join(f"{{% assign a{n} = 1 %}}" for n in range(51))
    assert outcome(source, {})[0] == "template_error"
