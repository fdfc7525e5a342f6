from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from disparo.domain.campaign import Campaign
from disparo.domain.campaign_document import campaign_document, parse_campaign
from disparo.domain.contact import Channel
from disparo.domain.errors import InputError
from disparo.domain.template import Content, SizeProblem, Template, TemplateError, check_shape, check_size
from disparo.domain.whatsapp_content import (
    Approved,
    ApprovedButton,
    ButtonKind,
    Choice,
    Choices,
    HeaderMedia,
    MediaKind,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OI = {"channel": "whatsapp", "text": "Oi"}
APPROVED: Mapping[str, Any] = {"name": "volta_1", "language": "pt_BR", "body": ["{{ nome }}"]}
SIM = {"id": "sim", "title": "Sim"}
NAO = {"id": "nao", "title": "Não"}


def parsed(step: Mapping[str, Any]) -> Campaign:
    return parse_campaign({"name": "natal", "list": "contatos", "steps": [step]}, created_at=NOW)


def template(**parts: Any) -> Template:
    return parsed({**OI, **parts}).step(1).template


def faults(**parts: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        parsed({**OI, **parts})
    return str(caught.value).split("\n")


def test_an_approved_template_is_read() -> None:
    found = template(
        approved={
            "name": "volta_1",
            "language": "pt_BR",
            "body": ["{{ nome }}", "Vereda"],
            "header_media": {"kind": "image", "link": "https://x.example/{{ foto }}"},
            "buttons": [{"kind": "url", "value": "{{ codigo }}"}, {"kind": "quick_reply", "value": "sim", "index": 3}],
        }
    ).approved
    assert found == Approved(
        "volta_1",
        "pt_BR",
        (),
        ("{{ nome }}", "Vereda"),
        HeaderMedia(MediaKind.IMAGE, "https://x.example/{{ foto }}"),
        (ApprovedButton(ButtonKind.URL, "{{ codigo }}", 0), ApprovedButton(ButtonKind.QUICK_REPLY, "sim", 3)),
    )


def test_named_blanks_are_read_by_name_whatever_their_order() -> None:
    named = {"name": "x", "language": "en", "header": {"titulo": "Oi"}, "body": {"nome": "{{ nome }}", "empresa": "V"}}
    found = template(approved=named).approved
    assert found == Approved(
        "x", "en", ("Oi",), ("V", "{{ nome }}"), header_names=("titulo",), body_names=("empresa", "nome")
    )


def test_choices_are_buttons_and_with_a_label_a_list() -> None:
    assert template(choices=[SIM, NAO]).choices == Choices((Choice("sim", "Sim"), Choice("nao", "Não")))
    rows = [{"id": str(number), "title": f"{number}h", "description": "livre"} for number in range(10)]
    found = template(choices=rows, choices_label="Ver horários").choices
    assert found is not None
    assert (len(found.options), found.label, found.options[9]) == (10, "Ver horários", Choice("9", "9h", "livre"))


def test_what_was_read_is_written_and_reads_back() -> None:
    rich = {**APPROVED, "header": {"a": "b"}, "buttons": [{"kind": "url", "value": "x"}]}
    for parts in (
        {"approved": rich, "choices": [{**SIM, "description": "d"}], "choices_label": "L"},
        {"choices": [SIM, NAO]},
        {"approved": {"name": "a", "language": "pt_BR"}},
    ):
        campaign = parsed({**OI, **parts})
        assert parse_campaign(campaign_document(campaign), created_at=NOW) == campaign


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("part", [{"approved": APPROVED}, {"choices": [SIM]}, {"choices_label": "Ver"}])
def test_only_whatsapp_carries_them(channel: str, part: dict[str, Any]) -> None:
    (key,) = part
    subject = {"subject": "Oi"} if channel == "email" else {}
    with pytest.raises(InputError, match=rf"steps\[1\]\.{key}: {channel} não leva {key}; retire"):
        parsed({"channel": channel, "text": "Oi", **subject, **part})


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
def test_a_template_with_them_has_not_the_shape_of_other_channels(channel: Channel) -> None:
    subject = "Oi" if channel is Channel.EMAIL else None
    for part in ({"approved": Approved("a", "pt_BR")}, {"choices": Choices((Choice("a", "A"),))}):
        with pytest.raises(TemplateError, match="não leva"):
            check_shape(Template("t", "Oi", subject, **part), channel)
        check_shape(Template("t", "Oi", **part), Channel.WHATSAPP)


@pytest.mark.parametrize(
    ("approved", "place", "advice"),
    [
        ("volta_1", 'approved = "volta_1"', "[steps.approved]"),
        ({"language": "pt_BR"}, "approved.name", "falta"),
        ({"name": "Volta 1", "language": "pt_BR"}, 'approved.name = "Volta 1"', "minúsculas"),
        ({"name": "a"}, "approved.language", "falta"),
        ({"name": "a", "language": "pt-BR"}, 'approved.language = "pt-BR"', '"pt_BR"'),
        ({**APPROVED, "body": "oi"}, 'approved.body = "oi"', "colchetes"),
        ({**APPROVED, "body": [" "]}, "approved.body", "colchetes"),
        ({**APPROVED, "body": {"Nome": "x"}}, "approved.body", "por nome"),
        ({**APPROVED, "body": ["a\nb"]}, "approved.body[1]", "quebra de linha"),
        ({**APPROVED, "body": ["a    b"]}, "approved.body[1]", "4 espaços"),
        ({**APPROVED, "body": ["a", "a\tb"]}, "approved.body[2]", "tabulação"),
        ({**APPROVED, "body": {"nome": "x" * 1025}}, "approved.body.nome", "cabem 1024"),
        ({**APPROVED, "header": ["a", "b"]}, "approved.header", "um texto só"),
        ({**APPROVED, "header": ["a" * 61]}, "approved.header[1]", "cabem 60"),
        ({**APPROVED, "header": ["a"], "header_media": {"kind": "image", "link": "https://x"}}, "approved", "retire"),
        ({**APPROVED, "header_media": {"kind": "gif", "link": "https://x"}}, "approved.header_media.kind", '"image"'),
        ({**APPROVED, "header_media": {"kind": "image"}}, "approved.header_media.link", "falta"),
        ({**APPROVED, "header_media": {"kind": "image", "link": "http://x"}}, "approved.header_media.link", "https"),
        ({**APPROVED, "header_media": "https://x"}, "approved.header_media", "kind"),
        ({**APPROVED, "buttons": [{"kind": "url"}]}, "approved.buttons[1].value", "falta"),
        ({**APPROVED, "buttons": [{"value": "x"}]}, "approved.buttons[1].kind", "falta"),
        ({**APPROVED, "buttons": [{"kind": "url", "value": "a b"}]}, "approved.buttons[1].value", "url_encode"),
        ({**APPROVED, "buttons": [{"kind": "quick_reply", "value": "x" * 129}]}, "approved.buttons[1]", "cabem 128"),
        ({**APPROVED, "buttons": [{"kind": "url", "value": "x", "index": 10}]}, "approved.buttons[1].index", "0 a 9"),
        ({**APPROVED, "buttons": [{"kind": "url", "value": "x", "index": 0}] * 2}, "approved.buttons", "mesmo botão"),
        ({**APPROVED, "footer": "x"}, "approved.footer", "chave desconhecida"),
    ],
)
def test_a_wrong_approved_template_is_told_with_its_place(approved: object, place: str, advice: str) -> None:
    (line,) = faults(approved=approved)
    assert line.startswith(f"steps[1].{place}")
    assert advice in line


@pytest.mark.parametrize(
    ("parts", "place", "advice"),
    [
        ({"choices": "sim"}, "choices", "[[steps.choices]]"),
        ({"choices": []}, "choices", "[[steps.choices]]"),
        ({"choices": [{"id": "a"}]}, "choices[1].title", "falta"),
        ({"choices": [{"title": "a"}]}, "choices[1].id", "falta"),
        ({"choices": [{"id": "a ", "title": "a"}]}, "choices[1].id", "sem espaços"),
        ({"choices": [{"id": "{{ a }}", "title": "a"}]}, "choices[1].id", "sem Liquid"),
        ({"choices": [{"id": "a" * 257, "title": "a"}]}, "choices[1].id", "até 256"),
        ({"choices": [{"id": "a" * 201, "title": "a"}], "choices_label": "x"}, "choices[1].id", "até 200"),
        ({"choices": [{"id": "a", "title": "a" * 21}]}, "choices[1].title", "cabem 20"),
        ({"choices": [{"id": "a", "title": "a" * 25}], "choices_label": "x"}, "choices[1].title", "cabem 24"),
        ({"choices": [{**SIM, "description": "d"}]}, "choices[1].description", "choices_label"),
        ({"choices": [{**SIM, "description": "d" * 73}], "choices_label": "x"}, "choices[1].desc", "cabem 72"),
        ({"choices": [SIM], "choices_label": "x" * 21}, "choices_label", "cabem 20"),
        ({"choices_label": "x"}, "choices_label", "[[steps.choices]]"),
        ({"choices": [SIM, {**NAO, "id": "sim"}]}, "choices", 'o id "sim" está em 2'),
        ({"choices": [SIM, {**SIM, "id": "nao"}]}, "choices", 'o title "Sim" está em 2'),
        ({"choices": [SIM, NAO], "text": "x" * 1025}, "text", "cabem 1024"),
        ({"choices": [{"id": str(n), "title": str(n)} for n in range(4)]}, "choices", "choices_label"),
        (
            {"choices": [{"id": str(n), "title": str(n)} for n in range(11)], "choices_label": "x"},
            "choices",
            "cabem 10",
        ),
    ],
)
def test_wrong_choices_are_told_with_their_place(parts: dict[str, Any], place: str, advice: str) -> None:
    (line,) = faults(**parts)
    assert line.startswith(f"steps[1].{place}")
    assert advice in line


def test_rows_of_a_list_may_have_the_same_title() -> None:
    choices = [SIM, {**SIM, "id": "b"}]
    assert template(choices=choices, choices_label="Ver").choices is not None


def test_a_title_with_liquid_is_measured_when_it_is_rendered_only() -> None:
    long = "{{ nome | default: 'um nome que passa de vinte letras' }}"
    assert template(choices=[{"id": "a", "title": long}]).choices is not None


def test_a_text_above_choices_is_shorter() -> None:
    choices = Choices((Choice("a", "A"),))
    assert check_size(Content("x" * 1024, choices=choices), Channel.WHATSAPP) is None
    problem = SizeProblem("text_too_long", 1025, 1024, "characters")
    assert check_size(Content("x" * 1025, choices=choices), Channel.WHATSAPP) == problem
    assert check_size(Content("x" * 1025), Channel.WHATSAPP) is None
