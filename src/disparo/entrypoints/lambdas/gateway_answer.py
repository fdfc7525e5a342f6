"""An answer of the application in the form that API Gateway takes from a function (HTTP API, payload 2.0)."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST_BYTES = 6_291_556
"""What a function may answer, its whole JSON (AWS Lambda developer guide, "Lambda quotas"); more is a bare 502."""

_SURELY_FITS = MOST_BYTES // 8
"""No byte of a text becomes more than six in JSON, and headers are small."""
_TEXT = re.compile(r"text/|application/(json|javascript|[\w.-]+\+json)\b|image/svg\+xml")

Headers = Iterable[Sequence[bytes]]


def gateway_answer(status: int, headers: Headers, body: bytes) -> dict[str, Any]:
    """The answer: cookies apart, each by itself; text as text, everything else as base64, byte for byte."""
    said, cookies = _told_apart(headers)
    text = _text(said, body)
    answer: dict[str, Any] = {
        "statusCode": status,
        "headers": said,
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }
    return {**answer, "cookies": cookies} if cookies else answer


def squeezed(answer: dict[str, Any], reads: str) -> dict[str, Any]:
    """The same answer by gzip, where its reader's `Accept-Encoding` takes that and it is not compressed yet."""
    said: Mapping[str, str] = answer["headers"]
    if "content-encoding" in said or not re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", reads):
        return answer
    raw = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    headers = {name: value for name, value in said.items() if name != "content-length"}
    headers["content-encoding"] = "gzip"
    headers["vary"] = ", ".join([one for one in (said.get("vary"), "Accept-Encoding") if one])
    body = base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode()
    return {**answer, "headers": headers, "body": body, "isBase64Encoded": True}


def fits(answer: Mapping[str, Any]) -> bool:
    """Whether a function may give this answer, as the runtime writes it: JSON in UTF-8 (awslambdaric, Python 3.12)."""
    if len(answer["body"]) < _SURELY_FITS:
        return True
    return len(json.dumps(answer, ensure_ascii=False).encode()) <= MOST_BYTES


def _told_apart(headers: Headers) -> tuple[dict[str, str], list[str]]:
    """Headers by name, those that come more than once in one line (RFC 9110, section 5.3), and cookies."""
    said: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "set-cookie":
            cookies.append(value)
        else:
            said[name] = f"{said[name]}, {value}" if name in said else value
    return said, cookies


def _text(headers: Mapping[str, str], body: bytes) -> str | None:
    """The body as text; None for what is none."""
    if body and (not _TEXT.match(headers.get("content-type", "")) or "content-encoding" in headers):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
