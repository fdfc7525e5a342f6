from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from disparo.simulation.emulators.whatsapp_requests import BadParameterError, Choice, read_message

TEXT: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "recipient_type": "individual",
    "to": "+5511999990000",
    "type": "text",
    "text": {"body": "Olá", "preview_url": False},
    "biz_opaque_callback_data": "3.1.57",
}
TEMPLATE: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": "5511999990000",
    "type": "template",
    "template": {
        "name": "oferta",
        "language": {"code": "pt_BR"},
        "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "10h"}]},
            {
                "type": "button",
                "sub_type": "quick_reply",
                "index": "0",
                "parameters": [{"type": "payload", "payload": "sim"}],
            },
        ],
    },
}
LIST: dict[str, Any] = {
    "messaging_product": "whatsapp",
    "to": "5511999990000",
    "type": "interactive",
    "interactive": {
        "type": "list",
        "body": {"text": "Quando?"},
        "action": {
            "button": "Ver",
            "sections": [{"rows": [{"id": "a", "title": "Terça"}, {"id": "b", "title": "Quarta"}]}],
        },
    },
}


def changed(document: dict[str, Any], path: str, value: object) -> bytes:
    """The document with something else at a place; without it when `value` is KeyError."""
    changed = copy.deepcopy(document)
    spot: Any = changed
    *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
    for part in parents:
        spot = spot[part]
    if value is KeyError:
        del spot[last]
    else:
        spot[last] = value
    return json.dumps(changed).encode()


def code_of(body: bytes) -> int:
    with pytest.raises(BadParameterError) as refused:
        read_message(body)
    return refused.value.code


def test_a_text_is_read() -> None:
    message = read_message(json.dumps(TEXT).encode())
    assert (message.to, message.kind, message.text, message.opaque) == ("+5511999990000", "text", "Olá", "3.1.57")


def test_a_template_says_what_is_put_into_it() -> None:
    message = read_message(json.dumps(TEMPLATE).encode())
    assert (message.text, message.template, message.parameters) == ("oferta: Ana, 10h", ("oferta", "pt_BR"), 2)
    assert message.choices == [Choice("button", "sim", "sim")]


def test_a_list_has_choices() -> None:
    message = read_message(json.dumps(LIST).encode())
    assert message.choices == [Choice("list_reply", "a", "Terça"), Choice("list_reply", "b", "Quarta")]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_object_is_an_invalid_parameter(body: bytes) -> None:
    assert code_of(body) == 100


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("messaging_product", "sms", 100),
        ("type", "carta", 100),
        ("type", ["text"], 100),
        ("type", "image", 131051),
        ("odd", 1, 100),
        ("text.odd", 1, 100),
        ("text", KeyError, 131008),
        ("text.body", KeyError, 131008),
        ("text.body", "   ", 131008),
        ("text.body", "x" * 4097, 131009),
        ("text.body", 7, 131009),
        ("text.preview_url", "yes", 131009),
        ("to", KeyError, 131008),
        ("to", "11 99999-0000", 131009),
        ("to", 5511999990000, 131009),
        ("recipient_type", "group", 131009),
        ("biz_opaque_callback_data", "x" * 257, 131009),
        ("biz_opaque_callback_data", "é" * 200, 131009),
        ("biz_opaque_callback_data", None, 131009),
    ],
)
def test_a_text_outside_the_specification_is_refused(path: str, value: object, code: int) -> None:
    assert code_of(changed(TEXT, path, value)) == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("template.name", "", 131008),
        ("template.name", "x" * 513, 131009),
        ("template.language", "pt_BR", 131009),
        ("template.language.policy", "any", 131009),
        ("template.components.0.type", "corpo", 131009),
        ("template.components.0.parameters.0.text", "", 131008),
        ("template.components.0.parameters.0.text", "uma\nlinha", 132018),
        ("template.components.0.parameters.0.text", "uma     linha", 132018),
        ("template.components.0.parameters.0.type", "texto", 131009),
        ("template.components.0.parameters.0.odd", 1, 100),
        ("template.components.1.index", KeyError, 131008),
        ("template.components.1.index", "10", 131009),
        ("template.components.1.sub_type", "reply", 131009),
    ],
)
def test_a_template_outside_the_specification_is_refused(path: str, value: object, code: int) -> None:
    assert code_of(changed(TEMPLATE, path, value)) == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("interactive.body.text", "x" * 1025, 131009),
        ("interactive.type", "carousel", 131009),
        ("interactive.footer", {"text": "x" * 61}, 131009),
        ("interactive.header", {"type": "image", "image": {"link": "https://example.com/a.png"}}, 131009),
        ("interactive.action.button", "x" * 21, 131009),
        ("interactive.action.sections", [], 131009),
        ("interactive.action.sections.0.rows.1.id", "a", 131009),
        ("interactive.action.sections.0.rows.1.id", " b", 131009),
        ("interactive.action.sections.0.rows.1.title", "x" * 25, 131009),
        ("interactive.action.sections.0.rows", [{"id": str(n), "title": str(n)} for n in range(11)], 131009),
        ("interactive.action.sections", [{"rows": [{"id": "a", "title": "a"}]}] * 2, 131008),
    ],
)
def test_a_list_outside_the_specification_is_refused(path: str, value: object, code: int) -> None:
    assert code_of(changed(LIST, path, value)) == code


@pytest.mark.parametrize(
    ("buttons", "refused"),
    [
        ([("a", "Sim"), ("b", "Não")], False),
        ([("a", "Sim"), ("b", "Sim")], True),
        ([("a", "Sim"), ("a", "Não")], True),
        ([(str(n), str(n)) for n in range(4)], True),
        ([], True),
    ],
)
def test_buttons_are_three_at_most_and_different(buttons: list[tuple[str, str]], refused: bool) -> None:
    replies = [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in buttons]
    interactive = {"type": "button", "body": {"text": "?"}, "action": {"buttons": replies}}
    body = changed(LIST, "interactive", interactive)
    if refused:
        assert code_of(body) == 131009
    else:
        assert len(read_message(body).choices) == 2
