"""Requests become events of payload format 2.0, and answers become answers."""

from __future__ import annotations

import base64

import pytest

pytest.importorskip("moto", reason="moto, of the group dev, is not installed")

from aws_local.gateway import event_of, response_of


def test_a_request_becomes_an_event() -> None:
    event = event_of("POST", "/api/v1/imports?limit=2&after=", b"\xff", {"Content-Type": "text/csv"})
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/api/v1/imports", "limit=2&after=")
    assert event["queryStringParameters"] == {"limit": "2", "after": ""}
    assert event["headers"]["content-type"] == "text/csv"
    assert base64.b64decode(event["body"]) == b"\xff"
    assert event["requestContext"]["http"]["method"] == "POST"
    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"]


def test_an_answer_is_text_or_base64() -> None:
    text = response_of({"statusCode": 201, "headers": {"location": "/x"}, "body": '{"a":1}', "isBase64Encoded": False})
    assert (text.status, text.headers["location"], text.json()) == (201, "/x", {"a": 1})
    coded = response_of({"statusCode": 200, "body": base64.b64encode(b"\x00").decode(), "isBase64Encoded": True})
    assert coded.body == b"\x00"
    assert response_of({"statusCode": 204}).body == b""
