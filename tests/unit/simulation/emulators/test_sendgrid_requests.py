from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from disparo.simulation.emulators.sendgrid_requests import read_mails
from disparo.simulation.emulators.sendgrid_settings import BadMailError

MAIL: dict[str, Any] = {
    "personalizations": [
        {
            "to": [{"email": "ana@example.com", "name": "Ana"}],
            "subject": "Oi, %nome%",
            "substitutions": {"%nome%": "Ana", "%a%": "%nome%"},
            "custom_args": {"disparo_id": "3.1.57"},
            "headers": {"X-Um": "um"},
        }
    ],
    "from": {"email": "loja@example.com"},
    "reply_to": {"email": "loja@example.com"},
    "content": [{"type": "text/plain", "value": "%nome% %a%"}, {"type": "text/html", "value": "<p>%nome%</p>"}],
    "custom_args": {"tudo": "1"},
}


def with_(change: dict[str, Any], person: dict[str, Any] | None = None) -> bytes:
    document = {**copy.deepcopy(MAIL), **change}
    if person is not None:
        document["personalizations"][0].update(person)
    return json.dumps({name: value for name, value in document.items() if value is not KeyError}).encode()


def field_of(body: bytes) -> str | None:
    with pytest.raises(BadMailError) as refused:
        read_mails(body, 0.0)
    return refused.value.field


def test_a_value_is_never_taken_for_a_tag() -> None:
    [mail] = read_mails(with_({}), 0.0).mails
    assert (mail.subject, mail.text, mail.html) == ("Oi, Ana", "Ana %nome%", "<p>Ana</p>")
    assert mail.custom_args == {"tudo": "1", "disparo_id": "3.1.57"}


def test_copies_go_to_everybody_named() -> None:
    mails = read_mails(with_({}, {"cc": [{"email": "bia@example.com"}]}), 0.0).mails
    assert [mail.to for mail in mails] == ["ana@example.com", "bia@example.com"]


def test_a_thousand_recipients_fit() -> None:
    people = [{"to": [{"email": f"p{number}@example.com"}], "subject": "Oi"} for number in range(1000)]
    assert len(read_mails(with_({"personalizations": people}), 0.0).mails) == 1000
    people.append({"to": [{"email": "p1000@example.com"}], "subject": "Oi"})
    assert field_of(with_({"personalizations": people})) == "personalizations"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"personalizations": KeyError}, "personalizations"),
        ({"personalizations": []}, "personalizations"),
        ({"from": KeyError}, "from"),
        ({"from": {"email": "loja"}}, "from.email"),
        ({"content": KeyError}, "content"),
        ({"content": [{"type": "text/plain", "value": ""}]}, "content.0.value"),
        ({"content": [{"type": "text/html", "value": "a"}, {"type": "text/plain", "value": "a"}]}, "content"),
        ({"reply_to_list": [{"email": "loja@example.com"}]}, "reply_to"),
        ({"headers": {"Subject": "x"}}, "headers"),
        ({"headers": {"X-A": "é"}}, "headers"),
        ({"categories": ["a", "a"]}, "categories"),
        ({"send_at": 72 * 3600 + 1}, "send_at"),
        ({"custom_args": {"a": 1}}, "custom_args"),
        ({"custom_args": {"a": "x" * 10_000}}, "custom_args"),
        ({"odd": 1}, "odd"),
    ],
)
def test_a_mail_outside_the_specification_is_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(with_(change)) == field


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"to": []}, "personalizations.0.to"),
        ({"to": [{"email": "ana@exa mple.com"}]}, "personalizations.0.to.0.email"),
        ({"bcc": [{"email": "Ana@example.com"}]}, "personalizations"),
        ({"subject": ""}, "personalizations.0.subject"),
        ({"subject": "um\ndois"}, "personalizations.0.subject"),
        ({"substitutions": {"%a%": 1}}, "personalizations.0.substitutions"),
        ({"substitutions": {"%a%": "é" * 5000}}, "personalizations.0.substitutions"),
        ({"substitutions": {f"%{n}%": "" for n in range(151)}}, "personalizations.0.substitutions"),
        ({"dynamic_template_data": []}, "personalizations.0.dynamic_template_data"),
        ({"odd": 1}, "personalizations.0.odd"),
    ],
)
def test_a_recipient_outside_the_specification_is_refused(person: dict[str, Any], field: str) -> None:
    assert field_of(with_({}, person)) == field


@pytest.mark.parametrize("body", [b"", b"{", b"7", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    assert field_of(body) is None
