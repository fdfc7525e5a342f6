"""Our message as a tool's arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disparo.adapters.channels.mcp.payload import OURS, fields
from disparo.adapters.mcp.arguments import filled, placeholders
from disparo.domain.message import MessageId
from disparo.domain.template import Content
from disparo.domain.whatsapp_content import Approved
from disparo.ports.channel import Outgoing

SMS = Outgoing(MessageId("3", 1, "7"), "+5541988880001", Content("Oi, Ana!"))
MAIL = Outgoing(MessageId("3", 1, "7"), "ana@ex.com", Content("Oi", "Assunto", "<p>Oi</p>"), True, "https://ex.com/u/1")


def test_every_field_of_a_message_has_a_name() -> None:
    assert set(fields(SMS, {})) == OURS == set(fields(MAIL, {}))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ({"n": 7, "flag": False, "none": None}, {"n": 7, "flag": False, "none": None}),
        ({"to": ["{to}"], "in": [{"s": "Re: {subject}"}]}, {"to": ["ana@ex.com"], "in": [{"s": "Re: Assunto"}]}),
        ({"open": "{window_open}", "text": "open: {window_open}"}, {"open": True, "text": "open: true"}),
        ({"from": "{from_name} <{from_email}>"}, {"from": "Vendas <v@ex.com>"}),
        ({"id": "{message_id}"}, {"id": "3.1.7"}),
        ({"literal": "{ to } {To} {}"}, {"literal": "{ to } {To} {}"}),
        ({"empty": {}, "list": []}, {"empty": {}, "list": []}),
    ],
)  # fmt: skip
def test_placeholders_are_replaced_where_they_stand(template: dict[str, Any], expected: dict[str, Any]) -> None:
    extras = {"from_name": "Vendas", "from_email": "v@ex.com"}
    assert filled(template, fields(MAIL, extras)) == expected


def test_what_a_message_has_not_is_left_out_with_its_argument() -> None:
    template = {"to": "{to}", "html": "{html}", "cc": ["{html}"], "h": {"u": "{list_unsubscribe}"}, "s": "[{subject}]"}
    assert filled(template, fields(SMS, {})) == {"to": "+5541988880001", "s": "[]"}


def test_what_a_person_is_told_is_never_a_template() -> None:
    tricky = Outgoing(MessageId("3", 1, "7"), "+5541988880001", Content("{to} {api_key}"))
    assert filled({"text": "{text}!"}, fields(tricky, {"api_key": "secret"})) == {"text": "{to} {api_key}!"}


def test_a_secrets_field_never_stands_for_one_of_ours() -> None:
    assert fields(SMS, {"to": "+551100000000"})["to"] == "+5541988880001"


def test_the_key_of_a_message_is_the_same_for_every_attempt_and_another_for_another_person() -> None:
    again = Outgoing(SMS.id, SMS.address, Content("Oi de novo"))
    other = Outgoing(SMS.id, "+5541988880002", SMS.content)
    keys = [fields(one, {})["idempotency_key"] for one in (SMS, again, other)]
    assert keys[0] == keys[1] != keys[2]
    assert all(str(key).startswith("3.1.7.") and len(str(key)) <= 256 for key in keys)


def test_the_way_out_of_an_email_is_one_click_by_https_only() -> None:
    assert fields(MAIL, {})["list_unsubscribe"] == "<https://ex.com/u/1>"
    assert fields(MAIL, {})["list_unsubscribe_post"] == "List-Unsubscribe=One-Click"
    plain = Outgoing(MAIL.id, MAIL.address, MAIL.content, unsubscribe_url="http://ex.com/u/1")
    assert fields(plain, {})["list_unsubscribe_post"] is None


def test_placeholders_are_found_at_any_depth() -> None:
    assert set(placeholders({"a": ["{to}", {"b": "x {text} {subject}"}], "c": 3})) == {"to", "text", "subject"}


def test_an_approved_template_is_its_name_its_language_and_its_blanks() -> None:
    approved = Approved("lembrete", "pt_BR", header=("Oi",), body=("Ana", "9h"), body_names=("nome", "hora"))
    message = Outgoing(SMS.id, SMS.address, Content("Oi, Ana: 9h", approved=approved))
    found = fields(message, {})
    assert (found["template_name"], found["template_language"]) == ("lembrete", "pt_BR")
    assert found["template_components"] == [
        {"type": "header", "parameters": [{"type": "text", "text": "Oi"}]},
        {
            "type": "body",
            "parameters": [
                {"type": "text", "parameter_name": "nome", "text": "Ana"},
                {"type": "text", "parameter_name": "hora", "text": "9h"},
            ],
        },
    ]
    assert json.loads(str(found["template_components_json"])) == found["template_components"]
    assert filled({"c": "{template_components}"}, found) == {"c": found["template_components"]}
    assert filled({"c": "{template_components}"}, fields(SMS, {})) == {}
