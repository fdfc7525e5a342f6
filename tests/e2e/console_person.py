"""A person at the console in a real browser, who notices what no test of a single page would."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, ViewportSize, expect

from tests.e2e.console_house import ConsoleHouse

T = TypeVar("T")
NAME, EMAIL, PASSWORD = "Ana Prado", "ana@exemplo.com.br", "cavalo bateria grampo"
PHONE, WIDE = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
_WIDER = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return null;
  const far = [...document.querySelectorAll("main *")].find((one) => one.getBoundingClientRect().right > wide + 1);
  return far ? far.outerHTML.slice(0, 160) : "?";
}"""


@dataclass
class Person:
    """Somebody at a page of a house; `faults` is what went wrong beside what they looked at."""

    house: ConsoleHouse
    context: BrowserContext
    script: bool = True
    faults: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.context.set_default_timeout(15_000)
        self.context.on("request", self._requested)
        self.context.on("console", self._heard)
        self.page: Page = self.context.new_page()

    def _requested(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https") and url.netloc != urlsplit(self.house.home).netloc:
            self.faults.append(f"a request to another host: {request.url}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in self.expected):
            self.faults.append(f"{message.location.get('url', '')}: {message.text}")

    def go(self, path: str) -> None:
        """Open a page, which must be there."""
        answer = self.page.goto(self.house.url(path))
        assert answer is not None and answer.ok, (path, answer and answer.status)

    def press(self, name: str, within: str = "main") -> None:
        """Press the button of this name."""
        self.page.locator(within).get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str, within: str = "main") -> None:
        """Follow the link of this name."""
        self.page.locator(within).get_by_role("link", name=name, exact=True).first.click()

    def fill(self, **fields: str) -> None:
        """Write into fields, by the names that their form sends."""
        for name, text in fields.items():
            self.page.locator(f"#f-{name.replace('__', '-')}").fill(text)

    def arrived(self, title: str) -> None:
        """A page of this name is there; else say what the one that is there finds wrong."""
        expect(self.page.locator("h1")).to_contain_text(title, timeout=20_000)

    def until(self, told: Callable[[], T | None]) -> T:
        """What this comes to tell, asked between turns of the browser."""
        end = time.monotonic() + 45
        while not (found := told()):
            assert time.monotonic() < end, "it never came"
            if self.script:
                self.page.wait_for_function("() => new Promise((done) => requestAnimationFrame(() => done(true)))")
        return found

    def look(self, name: str, *, axe: bool = True, only: str = "") -> None:
        """Note what axe finds serious and whether one must scroll sideways; take a picture where one is wanted.

        `only` is one of axe's rules; without it all are asked.
        """
        if not self.script:
            return
        if axe:
            options = {"runOnly": {"type": "rule", "values": [only]}} if only else {"resultTypes": ["violations"]}
            found = Axe().run(self.page, options=options).response["violations"]
            grave = [one for one in found if one["impact"] in ("serious", "critical")]
            self.faults.extend(f"{name}: {one['id']}: {one['nodes'][0]['html'][:200]}" for one in grave)
        if wider := self.page.evaluate(_WIDER):
            self.faults.append(f"{name}: too wide: {wider}")
        if folder := os.environ.get("DISPARO_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def code_of(secret: str) -> str:
    """The next code of a second factor: the one of the present half minute has been used to turn it on."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30)
