"""Two applications that are asked the same, and what in their answers is not the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import unified_diff

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.contract.lived_in import Chance

OWN = re.compile(r"^/(api/v1/(alarms|settings|forecasts/.*)|console/settings(/all|/system)?|metrics|health)$")
"""What tells of the family itself: its settings, a disk that there may be or not, forecasts that are kept or not."""

_DRAWN = re.compile(r"evt_[0-9a-f]{32}|\b[0-9a-f]{32}\b|(?<=\d{15}-)[0-9a-f]{16}|urn:uuid:[0-9a-f-]{36}")
"""Ids in whose making the families draw differently often, of which nothing else depends."""

_PACKED = re.compile(r"\.xlsx$")
"""Tells when it was packed."""


class Twins:
    """Asks one application and then the other; answers as the other does, and keeps what is different."""

    def __init__(self, one: ASGIApp, other: ASGIApp, chance: Chance) -> None:
        self._apps, self._chance = (one, other), chance
        self.asked = 0
        self.differences: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._apps[1](scope, receive, send)
            return
        body = await _whole(receive)
        self.asked += 1
        told = []
        for app in self._apps:
            self._chance.begin(self.asked)
            told.append(await _answer(app, {**scope, "state": {}}, body))
        self._compare(scope, body, [_Told(one) for one in told])
        for message in told[1]:
            await send(message)

    def _compare(self, scope: Scope, body: bytes, told: Sequence[_Told]) -> None:
        one, other = told
        where = f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} {body[:300]!r}"
        if (one.status, one.media_type) != (other.status, other.media_type):
            self.differences.append(f"{where}: {one.status} or {other.status}\n{one.text[:300]}\n{other.text[:300]}")
        elif one.text != other.text and not OWN.search(scope["path"]) and not _PACKED.search(scope["path"]):
            lines = unified_diff(_lines(one.text), _lines(other.text), lineterm="", n=0)
            self.differences.append("\n".join([where, *(line[:200] for line in [*lines][2:14])]))


class _Told:
    """An answer as it is compared."""

    def __init__(self, messages: Sequence[Message]) -> None:
        begun, *rest = messages
        self.status: int = begun["status"]
        self.media_type = dict(begun["headers"]).get(b"content-type")
        whole = b"".join(one.get("body", b"") for one in rest)
        self.text = _DRAWN.sub("*", whole.decode("utf-8", "replace"))


def _lines(text: str) -> list[str]:
    return text.replace(">", ">\n").replace(', "', ',\n"').replace(',"', ',\n"').splitlines()


async def _whole(receive: Receive) -> bytes:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return body


async def _answer(app: ASGIApp, scope: Scope, body: bytes) -> list[Message]:
    sent: list[Message] = []
    bodies = [body]

    async def receive() -> Message:
        if bodies:
            return {"type": "http.request", "body": bodies.pop(), "more_body": False}
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent
