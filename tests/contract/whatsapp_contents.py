"""Contents as a renderer leaves them: within WhatsApp's limits, and otherwise anything."""

from __future__ import annotations

from hypothesis import strategies as st

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.contact import Channel
from disparo.domain.template import Content, RenderError, Template, TemplateError, check_size
from disparo.domain.whatsapp_content import (
    Approved,
    ApprovedButton,
    ButtonKind,
    Choice,
    Choices,
    HeaderMedia,
    MediaKind,
)

RENDERER = LiquidRenderer()
letters = st.characters(exclude_categories=["Cs", "Cc"])
sources = st.sampled_from(
    ["{{ nome }}", "Oi, {{ nome | upcase }}!", "Sim", "{% if uf %}{{ uf }}{% else %}?{% endif %}"]
)
texts = sources | st.text(letters, min_size=1, max_size=30).filter(str.strip)
ids = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=200)
names = st.from_regex(r"[a-z0-9_]{1,10}", fullmatch=True)
titles = st.text(letters, min_size=1, max_size=20).filter(str.strip) | sources
options = st.builds(Choice, ids, titles, st.none() | titles)
choices = st.builds(
    Choices, st.lists(options, min_size=1, max_size=10).map(tuple), st.just("Ver {{ uf }}")
) | st.builds(Choices, st.lists(st.builds(Choice, ids, titles), min_size=1, max_size=3).map(tuple))


@st.composite
def approved(draw: st.DrawFn) -> Approved:
    """A template in any of its forms."""
    body = draw(st.lists(texts, max_size=4).map(tuple))
    media = draw(st.none() | st.builds(HeaderMedia, st.sampled_from(MediaKind), st.just("https://x.example/{{ uf }}")))
    values = draw(st.lists(st.tuples(st.sampled_from(ButtonKind), texts), max_size=3))
    unique = draw(st.lists(names, min_size=len(body), max_size=len(body), unique=True))
    return Approved(
        draw(names),
        draw(st.sampled_from(["pt_BR", "en", "fil"])),
        draw(st.tuples() | st.tuples(texts)) if media is None else (),
        body,
        media,
        tuple(ApprovedButton(kind, value, index) for index, (kind, value) in enumerate(values)),
        body_names=tuple(sorted(unique)) if draw(st.booleans()) else (),
    )


@st.composite
def rendered(draw: st.DrawFn) -> Content | None:
    """A content, None where the renderer or the size refuses."""
    template = Template("t", draw(texts), approved=draw(st.none() | approved()), choices=draw(st.none() | choices))
    nome = draw(st.just("Ana") | st.text(min_size=1, max_size=30))
    variables = {"nome": nome, "uf": draw(st.sampled_from(["PR", "Paraná"]))}
    try:
        content = RENDERER.compile(template).render(variables)
    except (TemplateError, RenderError):
        return None
    return content if check_size(content, Channel.WHATSAPP) is None else None


contents = rendered().filter(lambda content: content is not None).map(lambda content: content or Content("-"))
