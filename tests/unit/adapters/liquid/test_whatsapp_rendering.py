from __future__ import annotations

from typing import Any

import pytest

from disparo.adapters.liquid import LiquidRenderer
from disparo.domain.template import Content, RenderError, Template, TemplateError
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


def render(variables: dict[str, str], **parts: Any) -> Content:
    return RENDERER.compile(Template("t", "Oi", **parts)).render(variables)


def refused(variables: dict[str, str], **parts: Any) -> RenderError:
    with pytest.raises(RenderError) as caught:
        render(variables, **parts)
    return caught.value


def body(*sources: str) -> Approved:
    return Approved("volta", "pt_BR", body=sources)


def buttons(*titles: str, label: str | None = None) -> Choices:
    return Choices(tuple(Choice(str(number), title) for number, title in enumerate(titles)), label)


def test_every_text_of_an_approved_template_is_rendered() -> None:
    approved = Approved(
        "volta",
        "pt_BR",
        (),
        (" {{ nome | primeiro_nome }} ", "fixo"),
        HeaderMedia(MediaKind.IMAGE, "https://x.example/{{ foto }}.jpg"),
        (ApprovedButton(ButtonKind.URL, "r/{{ nome | url_encode }}", 1),),
    )
    assert render({"nome": "ANA LIMA", "foto": "7"}, approved=approved).approved == Approved(
        "volta",
        "pt_BR",
        (),
        ("Ana", "fixo"),
        HeaderMedia(MediaKind.IMAGE, "https://x.example/7.jpg"),
        (ApprovedButton(ButtonKind.URL, "r/ANA+LIMA", 1),),
    )


def test_choices_are_rendered_and_their_ids_are_not() -> None:
    choices = Choices(
        (Choice("sim", "Sim, {{ nome }}", "{{ uf | default: '' }}"), Choice("nao", "Não")), "Ver {{ uf }}"
    )
    found = render({"nome": "Ana", "uf": "PR"}, choices=choices).choices
    assert found == Choices((Choice("sim", "Sim, Ana", "PR"), Choice("nao", "Não")), "Ver PR")


def test_a_description_that_is_empty_is_left_out() -> None:
    choices = Choices((Choice("sim", "Sim", "{{ uf | default: '' }}"),), "Ver")
    found = render({}, choices=choices).choices
    assert found is not None
    assert found.options[0].description is None


def test_the_variables_of_all_of_them_are_told() -> None:
    compiled = RENDERER.compile(
        Template("t", "{{ a }}", approved=body("{{ b }}"), choices=buttons("{{ c }}", label="{{ d }}"))
    )
    assert compiled.variables() == {"a", "b", "c", "d"}


@pytest.mark.parametrize("value", ["a\nb", "a\tb", "a\r\nb", "a    b", "a\u2028b"])
def test_a_parameter_holds_no_line_break_tab_or_four_spaces(value: str) -> None:
    error = refused({"nome": value}, approved=body("x", "{{ nome }}"))
    assert (error.reason, error.part) == ("bad_parameter", "approved.body[2]")
    assert render({"nome": "a   b"}, approved=body("{{ nome }}")).approved == body("a   b")


def test_what_comes_out_too_long_or_empty_is_refused() -> None:
    assert refused({"n": "x" * 21}, choices=buttons("{{ n }}")).reason == "parameter_too_long"
    assert render({"n": "x" * 24}, choices=buttons("{{ n }}", label="Ver")).choices is not None
    assert refused({"n": "x" * 25}, choices=buttons("{{ n }}", label="Ver")).part == "choices[1].title"
    assert refused({"n": "x" * 61}, approved=Approved("a", "pt_BR", ("{{ n }}",))).part == "approved.header[1]"
    assert refused({}, approved=body("{{ n | default: '' }}")).reason == "empty_value"
    assert refused({}, approved=body("{{ n }}")).variable == "n"


def test_an_address_holds_no_blank_and_begins_as_one() -> None:
    suffix = Approved("a", "pt_BR", buttons=(ApprovedButton(ButtonKind.URL, "{{ n }}", 0),))
    assert refused({"n": "a b"}, approved=suffix).reason == "bad_parameter"
    media = Approved("a", "pt_BR", header_media=HeaderMedia(MediaKind.IMAGE, "{{ n }}"))
    assert refused({"n": "javascript:alert(1)"}, approved=media).part == "approved.header_media.link"


def test_titles_of_buttons_that_become_the_same_are_refused() -> None:
    error = refused({"n": "Sim"}, choices=buttons("Sim", "{{ n }}"))
    assert (error.reason, error.part) == ("choices_repeat", "choices")


def test_a_part_that_is_no_liquid_is_refused_with_its_name() -> None:
    with pytest.raises(TemplateError) as caught:
        RENDERER.compile(Template("t", "Oi", approved=body("ok", "{{ x | system }}")))
    assert caught.value.part == "approved.body[2]"
