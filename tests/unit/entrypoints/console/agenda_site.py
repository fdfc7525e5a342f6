"""The agenda's pages over a small installation, as an operator's browser asks for them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request

from disparo.domain.principal import MACHINE, Principal, Role
from tests.standing_app import standing_app
from tests.unit.entrypoints.http.booking_house import BookingHouse
from tests.unit.entrypoints.http.conftest import Answer, Client

HTML = {"accept": "text/html"}
FORM = {**HTML, "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}


@dataclass
class Browser:
    """Asks for pages and sends forms."""

    house: BookingHouse
    role: Role = Role.OPERATOR

    def __post_init__(self) -> None:
        async def who(_: Request) -> Principal:
            return replace(MACHINE, role=self.role)

        self.client = Client(standing_app(self.house, who), self.house)

    async def look(self, path: str, status: int = 200) -> str:
        """A page's HTML."""
        answer = await self.client.get(path, headers=HTML)
        assert answer.status == status, (answer.status, words(answer)[-600:])
        return unescape(answer.body.decode())

    async def send(self, path: str, form: dict[str, Any]) -> Answer:
        """The answer to a form."""
        return await self.client.post(path, urlencode(form, doseq=True).encode(), headers=FORM)

    async def done(self, path: str, form: dict[str, Any]) -> str:
        """Where a form that was accepted leads."""
        answer = await self.send(path, form)
        assert answer.status == 303, (answer.status, words(answer)[-600:])
        return answer.headers["location"]


Story = Callable[[BookingHouse, Browser], Awaitable[None]]
Teller = Callable[[Story], None]


@pytest.fixture(name="tell")
def teller(tmp_path: Path) -> Teller:
    """Lets a story run in a house of its own."""

    def run(story: Story) -> None:
        async def all_of_it() -> None:
            house = BookingHouse(tmp_path)
            await house.settle()
            await story(house, Browser(house))

        asyncio.run(all_of_it())

    return run


def words(answer: Answer) -> str:
    """What a page says, without its tags."""
    bare = re.sub(r"<(style|title|script)\b.*?</\1>", " ", answer.body.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def fields_of(html: str) -> dict[str, Any]:
    """The form of a page as a browser would send it unchanged, by the names of its fields: the first post form."""
    form = re.search(r'<form method="post" action="[^"]*" class="stack.*?</form>', html, re.S)
    assert form is not None, "no form"
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form[0]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is None or (re.search(r'type="(checkbox|radio)"', tag) and " checked" not in tag):
            continue
        found.setdefault(name[1], []).append(value[1] if value else "on")
    for name, body in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0], re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        found[name] = [chosen[1] if chosen else ""]
    for name, body in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form[0], re.S):
        found[name] = [body]
    return found
