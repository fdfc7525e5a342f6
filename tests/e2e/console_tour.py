"""Every page of the console, found by following its links, looked at by day and by night, wide and narrow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext

from tests.e2e.console_house import ConsoleHouse
from tests.e2e.console_person import PHONE, WIDE, Person

ALSO = ("/console/agenda?view=day", "/console/agenda?who=host:bruno", "/console/contacts?q=Lia", "/console/inbox?show=all")
_ID = re.compile(r"\b[0-9a-f]{12,}\b|\d+(?:\.\d+)*")
_NO_PAGE = re.compile(r"/export|/rejected|\.(csv|xlsx|ics|json)$|/console/static")
_FRAME_TEXT = "nav, h1, h2, h3, label, legend, button, th, dt, summary, .lead, .hint, .badge, .tile-label"
_PORTUGUESE = re.compile(
    r"\b(não|nao|são|até|você|horário|horários|nenhum|nenhuma|para|uma|dos|das|pela|pelo|quem|sem|ainda|mensagem|"
    r"mensagens|campanha|campanhas|contato|contatos|reunião|reuniões|quando|hoje|dias|ligar|guardar|onde)\b",
    re.IGNORECASE,
)


def addresses(ana: Person, start: str = "/console") -> list[str]:
    """One address of each kind of page that links lead to; a link that leads nowhere is a fault."""
    seen: dict[str, str] = {}
    waiting = [start, *ALSO]
    while waiting:
        path = waiting.pop(0)
        kind = _ID.sub("N", path)
        if kind in seen:
            continue
        answer = ana.page.goto(ana.house.url(path))
        if answer is None or not answer.ok:
            ana.faults.append(f"{path}: {answer and answer.status}")
            continue
        seen[kind] = path
        waiting += [one for one in _links(ana) if _ID.sub("N", one) not in seen]
    return list(seen.values())


def _links(ana: Person) -> Iterator[str]:
    for href in ana.page.eval_on_selector_all("a[href]:not([download])", "all => all.map((one) => one.href)"):
        url = urlsplit(href)
        ours = url.netloc == urlsplit(ana.house.home).netloc
        if ours and url.path.startswith("/console") and not _NO_PAGE.search(url.path):
            yield url.path


def look_at_all(ana: Person, paths: list[str]) -> None:
    """Wide by day and narrow by night; where pictures are wanted, all four."""
    for theme, size, width in _VIEWS if os.environ.get("DISPARO_SCREENSHOTS") else _VIEWS[:2]:
        ana.page.set_viewport_size(size)
        ana.page.emulate_media(color_scheme=theme)
        for path in paths:
            ana.page.goto(ana.house.url(path))
            ana.look(f"{_name(path)}_{width}_{theme}", axe=(theme, width) in (("light", 1440), ("dark", 390)))


_VIEWS = (("light", WIDE, 1440), ("dark", PHONE, 390), ("dark", WIDE, 1440), ("light", PHONE, 390))


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.removeprefix("/console").lower()).strip("-") or "today"


def portuguese_left(house: ConsoleHouse, context: BrowserContext, paths: list[str]) -> list[str]:
    """Words of Portuguese in what the console itself says, where English was asked for."""
    page, found = context.new_page(), list[str]()
    page.goto(house.url("/console?lang=en"))
    for path in paths:
        page.goto(house.url(path))
        for text in page.locator(_FRAME_TEXT).all_inner_texts():
            if word := _PORTUGUESE.search(text):
                found.append(f"{path}: {word[0]}: {' '.join(text.split())[:120]}")
    page.goto(house.url("/console?lang=pt"))
    page.close()
    return found
