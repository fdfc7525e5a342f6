from __future__ import annotations

import base64
import gzip
import json

import pytest

from disparo.entrypoints.lambdas.gateway_answer import MOST_BYTES, fits, gateway_answer, squeezed


def test_cookies_are_apart_and_other_headers_that_come_twice_are_one() -> None:
    headers = [
        (b"Set-Cookie", b"a=1"),
        (b"Vary", b"Cookie"),
        (b"set-cookie", b"b=2; Expires=Mon, 1 Jan"),
        (b"vary", b"X"),
    ]
    told = gateway_answer(303, headers, b"")
    assert told == {
        "statusCode": 303,
        "headers": {"vary": "Cookie, X"},
        "body": "",
        "isBase64Encoded": False,
        "cookies": ["a=1", "b=2; Expires=Mon, 1 Jan"],
    }


def test_a_header_is_latin_1_as_the_framework_writes_it() -> None:
    told = gateway_answer(200, [(b"content-disposition", 'attachment; filename="São.csv"'.encode("latin-1"))], b"")
    assert told["headers"]["content-disposition"] == 'attachment; filename="São.csv"'


@pytest.mark.parametrize(
    ("kind", "more", "body", "encoded"),
    [
        (b"text/html; charset=utf-8", [], "São".encode(), False),
        (b"application/problem+json", [], b"{}", False),
        (b"image/svg+xml", [], b"<svg/>", False),
        (b"text/calendar", [], "São".encode("latin-1"), True),
        (b"text/css", [(b"content-encoding", b"gzip")], gzip.compress(b"a", mtime=0), True),
        (b"image/png", [], b"\x89PNG\r\n", True),
        (b"application/octet-stream", [], b"text all the same", True),
    ],
)
def test_text_goes_as_text_and_all_else_byte_for_byte(
    kind: bytes, more: list[tuple[bytes, bytes]], body: bytes, encoded: bool
) -> None:
    told = gateway_answer(200, [(b"content-type", kind), *more], body)
    assert told["isBase64Encoded"] is encoded
    assert (base64.b64decode(told["body"]) if encoded else told["body"].encode()) == body


@pytest.mark.parametrize("text", ["a", "é", '"', "\x01", "\N{GRINNING FACE}"])
def test_what_fits_is_measured_as_it_is_written(text: str) -> None:
    empty = gateway_answer(200, [(b"content-type", b"text/plain")], b"")
    room = MOST_BYTES - len(json.dumps(empty, ensure_ascii=False).encode())
    most = room // (len(json.dumps(text, ensure_ascii=False).encode()) - 2)
    assert fits({**empty, "body": text * most})
    assert not fits({**empty, "body": text * (most + 1)})


@pytest.mark.parametrize(
    ("reads", "by_gzip"),
    [
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("", False),
        ("br", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
    ],
)
def test_only_who_reads_gzip_gets_it(reads: str, by_gzip: bool) -> None:
    answer = gateway_answer(
        200, [(b"content-type", b"text/csv"), (b"content-length", b"3"), (b"vary", b"Cookie")], b"a;b"
    )
    told = squeezed(answer, reads)
    assert (told != answer) is by_gzip
    if by_gzip:
        assert gzip.decompress(base64.b64decode(told["body"])) == b"a;b"
        assert told["headers"]["vary"] == "Cookie, Accept-Encoding"
        assert "content-length" not in told["headers"]


def test_what_is_compressed_already_is_left_alone() -> None:
    answer = gateway_answer(200, [(b"content-type", b"text/css"), (b"content-encoding", b"gzip")], b"\x1f\x8b")
    assert squeezed(answer, "gzip") is answer
