"""Whatever a template or a contact holds, the answer is a message without holes or a named refusal."""

from __future__ import annotations

import html
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from disparo.adapters.liquid import LiquidRenderer
from disparo.adapters.liquid.filters import FILTERS
from disparo.domain.template import RenderError, Template, TemplateError, sms_segments

RENDERER = LiquidRenderer()
NAMES = st.sampled_from(["nome", "empresa", "uf", "x", "forloop", "i"])
VALUES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["Ana Lima", "1.234,50", "12", "2026-11-22", "+5541988887777", "a,b,c", "x" * 5000, "\ud800"]),
)
ARGUMENTS = st.one_of(NAMES, st.integers(-5, 99).map(str), st.sampled_from(["','", "''", "'x'", "1.5", "'longa'"]))
FILTER_CALLS = st.tuples(st.sampled_from(sorted(FILTERS)), st.lists(ARGUMENTS, max_size=2)).map(
    lambda call: call[0] + (": " + ", ".join(call[1]) if call[1] else "")
)
EXPRESSIONS = st.tuples(NAMES, st.lists(FILTER_CALLS, max_size=4)).map(lambda parts: " | ".join([parts[0], *parts[1]]))
LEAVES = st.one_of(
    EXPRESSIONS.map(lambda e: f"{{{{ {e} }}}}"),
    st.tuples(NAMES, EXPRESSIONS).map(lambda pair: f"{{% assign {pair[0]} = {pair[1]} %}}"),
    st.text(max_size=12),
    st.sampled_from(["{% break %}", "{% endif %}", "{{", "%}", "{% raw %}", "{% endraw %}", "{% else %}", "\n"]),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=4).map("".join)
    return st.one_of(
        body,
        st.tuples(NAMES, body).map(lambda p: f"{{% if {p[0]} %}}{p[1]}{{% endif %}}"),
        st.tuples(NAMES, body).map(lambda p: f"{{% for i in {p[0]} %}}{p[1]}{{% endfor %}}"),
        st.tuples(NAMES, body).map(lambda p: f"{{% capture {p[0]} %}}{p[1]}{{% endcapture %}}"),
    )


SOURCES = st.recursive(LEAVES, _blocks, max_leaves=20)
CONTACTS = st.dictionaries(NAMES, VALUES, max_size=5)


@settings(deadline=timedelta(seconds=1), max_examples=300)
@given(source=SOURCES, contact=CONTACTS)
def test_only_named_refusals_come_out(source: str, contact: dict[str, str]) -> None:
    try:
        compiled = RENDERER.compile(Template("t", source, subject=source, html=source))
        content = compiled.render(contact)
    except (TemplateError, RenderError) as err:
        assert err.template == "t"
        assert "\n" not in str(err).split(": ", 1)[0]
    else:
        assert content.subject is not None
        assert content.subject.isprintable() or not set(content.subject) & set("\r\n\0")
        assert compiled.render(contact) == content


@settings(deadline=None)
@given(value=st.text(max_size=60), around=st.sampled_from(["{{ v }}", "{{ v | strip }}", "{% echo v %}"]))
def test_an_output_is_the_value_or_a_refusal_and_never_a_hole(value: str, around: str) -> None:
    compiled = RENDERER.compile(Template("t", f"[{around}]"))
    if value.strip():
        assert compiled.render({"v": value}).text[1:-1].strip() == value.strip()
    else:
        try:
            compiled.render({"v": value})
        except RenderError as err:
            assert (err.reason, err.variable) == ("missing_variable", "v")
        else:
            raise AssertionError("a blank value left a hole")


@settings(deadline=None)
@given(value=st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_html_gives_back_the_text_and_no_markup(value: str) -> None:
    page = RENDERER.compile(Template("t", "x", html="{{ v }}")).render({"v": value}).html
    assert page is not None
    assert not set(page) & set("<>\"'")
    assert html.unescape(page) == html.unescape(value) or html.unescape(page) == value


@given(text=st.text(max_size=400))
def test_segments_hold_the_text_and_no_more_than_needed(text: str) -> None:
    found = sms_segments(text)
    alone, joined = (160, 153) if found.encoding == "gsm7" else (70, 67)
    if found.segments == 1:
        assert found.units <= alone
    else:
        assert found.units > alone
        # At most one unit of a segment stays unused, where a pair would have been split.
        assert (found.segments - 1) * (joined - 1) < found.units <= found.segments * joined
