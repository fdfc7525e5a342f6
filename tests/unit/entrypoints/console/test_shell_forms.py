"""Forms: what was written, and what is wrong with it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from disparo.domain.errors import InputError
from disparo.entrypoints.console.forms import LONGEST, Form, form_errors, read_form


def sent(body: bytes, kind: str = "application/x-www-form-urlencoded") -> Request:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "query_string": b""}, receive)


def test_a_form_is_read_without_blanks_and_without_the_token() -> None:
    form = asyncio.run(read_form(sent(b"csrf=secret&name=+Ana+&day=1&day=2&text=a%0D%0Ab%00")))
    assert form.values == {"name": ["Ana"], "day": ["1", "2"], "text": ["a\nb"]}
    assert (form.get("name"), form.all("day"), form.get("none", "-")) == ("Ana", ["1", "2"], "-")


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="name: o texto é longo demais"):
        asyncio.run(read_form(sent(b"name=" + b"x" * (LONGEST + 1))))


def test_what_is_wrong_is_said_at_its_field() -> None:
    error = InputError(
        "limit: escreva um número\nO público está vazio: escolha uma lista\nsteps.0.template: não existe"
    )
    form = Form.of({"limit": "x", "template": None}).failed(error, {"steps.0.template": "template"})
    assert form.errors == {"limit": "escreva um número", "template": "não existe"}
    assert form.general == ["O público está vazio: escolha uma lista"]
    assert form.wrong
    assert form.get("limit") == "x"


def test_two_faults_of_one_field_are_both_said() -> None:
    assert form_errors(InputError("a: um\na: dois"), ["a"]) == {"a": "um\ndois"}


def test_a_form_is_first_shown_with_what_there_is() -> None:
    form = Form.of({"name": "Ana", "days": [1, 2], "none": None, "flag": 0})
    assert (form.get("name"), form.all("days"), form.get("none"), form.get("flag")) == ("Ana", ["1", "2"], "", "0")
    assert not form.wrong
