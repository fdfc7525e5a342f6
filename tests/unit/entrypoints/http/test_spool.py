from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from disparo.entrypoints.http.spool import BodyDigest, spooled

BODY = b"--aXb\r\nfile\r\n--aXb\r\nmore aX a\r\n--aXb--\r\n"


def request(pieces: list[bytes], *, cut_off: bool = False) -> Request:
    messages: list[Message] = [{"type": "http.request", "body": one, "more_body": True} for one in pieces]
    messages.append({"type": "http.disconnect"} if cut_off else {"type": "http.request"})

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    headers = [(b"content-type", b"multipart/form-data; boundary=aXb")]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@given(st.lists(st.integers(0, len(BODY))))
def test_it_matters_nowhere_where_a_body_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(BODY)]
    digest = BodyDigest(b"aXb")
    for begin, end in itertools.pairwise(edges):
        digest.update(BODY[begin:end])
    whole = BodyDigest(b"")
    whole.update(BODY.replace(b"aXb", b""))
    assert digest.hexdigest() == whole.hexdigest()


@pytest.mark.parametrize("pieces", [[], [b"x"], [b"ab" * 700_000] * 3])
def test_a_body_is_told_again_as_it_came(pieces: list[bytes]) -> None:
    async def story() -> None:
        async with spooled(request(pieces)) as spool:
            told = await Request({"type": "http"}, spool.receive).body()
            assert told == b"".join(pieces)
            assert await spool.receive() == {"type": "http.disconnect"}

    asyncio.run(story())


def test_a_body_that_breaks_off_is_no_request() -> None:
    async def story() -> None:
        with pytest.raises(HTTPException):
            async with spooled(request([b"x" * 2_000_000], cut_off=True)):
                pass

    asyncio.run(story())
