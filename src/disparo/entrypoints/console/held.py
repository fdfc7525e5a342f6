"""Forms that came too late: what somebody wrote is shown again, to be sent once it is known who they are.

A session may end, or another begin in the next tab, while somebody writes. Nothing is kept here: what was written goes
back to the browser that it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive

from disparo.entrypoints.console.forms import CSRF_FIELD, MOST_FIELDS, REVISION, SEEN

FORM = "application/x-www-form-urlencoded"
SECRETS = frozenset({"password", "again", "present", "code", "secret", "token"})
"""Fields whose form is never given back."""
LONG = 30
"""Letters of a text that somebody would miss: those are shown to be read, too."""

Fields = Sequence[tuple[str, str]]


class Noted:
    """Passes the body of a request on, and remembers it when it is a form that somebody sent."""

    def __init__(self, request: Request, receive: Receive) -> None:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        self._wanted = request.method == "POST" and kind == FORM
        self._receive = receive
        self.body = b""

    async def receive(self) -> Message:
        """In place of ASGI's `receive`."""
        message = await self._receive()
        if self._wanted and message["type"] == "http.request":
            self.body += message.get("body", b"")
        return message


def held(body: bytes) -> Fields:
    """The fields of a form without its token; none of what is no form, or has a secret in it."""
    try:
        fields = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return ()
    if any(name in SECRETS for name, _ in fields):
        return ()
    return [(name, value) for name, value in fields if name != CSRF_FIELD]


def texts(fields: Fields) -> Sequence[str]:
    """What of it somebody would miss."""
    return [value for _, value in fields if len(value) > LONG or "\n" in value.strip()]


def shorts(fields: Fields) -> Sequence[str]:
    """The rest that a person wrote or chose, to be known again by: not what a page says to itself."""
    return [value for name, value in fields if name not in _OWN and 1 < len(value.strip()) <= LONG]


_OWN = frozenset({SEEN, REVISION, "tab", "key", "do", "count", "shown", "next", "contact", "channel", "language"})


def from_own_page(request: Request) -> bool:
    """Whether a browser says that a page of ours sent it; who says nothing is not believed."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.url.netloc
