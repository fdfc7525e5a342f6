"""Every page of the console, found by following its links, looked at by day and by night, wide and narrow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import ViewportSize

from tests.e2e.console_person import PHONE, WIDE, Person

ALSO = ("/console/agenda?view=day", "/console/agenda?who=host:bruno", "/console/contacts?q=Lia")
_ID = re.compile(r"\b[0-9a-f]{12,}\b|\d+(?:\.\d+)*")
_NO_PAGE = re.compile(r"/export|/rejected|\.(csv|xlsx|ics|json)$|/console/static")
_FRAME_TEXT = "nav, h1, h2, h3, label, legend, button, th, dt, summary, .lead, .hint, .badge, .tile-label"
_PORTUGUESE = re.compile(
    r"\b(não|nao|são|até|você|horário|horários|nenhum|nenhuma|para|uma|dos|das|pela|pelo|quem|sem|ainda|mensagem|"
    r"mensagens|campanha|campanhas|contato|contatos|reunião|reuniões|quando|hoje|dias|ligar|guardar|onde)\b",
    re.IGNORECASE,
)


def addresses(ana: Person, start: str = "/console") -> list[str]:
    """One address of each kind of page that links lead to, each looked at; a link that leads nowhere is a fault."""
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
        ana.look(f"{_name(path)}_1440_light")
        waiting += [one for one in _links(ana) if _ID.sub("N", one) not in seen]
    return list(seen.values())


def _links(ana: Person) -> Iterator[str]:
    for href in ana.page.eval_on_selector_all("a[href]:not([download])", "all => all.map((one) => one.href)"):
        url = urlsplit(href)
        ours = url.netloc == urlsplit(ana.house.home).netloc
        if ours and url.path.startswith("/console") and not _NO_PAGE.search(url.path):
            yield url.path


def look_at_all(ana: Person, paths: list[str]) -> None:
    """Narrow, by night and in English; where pictures are wanted, in all the other ways too."""
    for theme, size, width in _VIEWS if os.environ.get("DISPARO_SCREENSHOTS") else _VIEWS[:1]:
        first = (theme, width) == ("dark", 390)
        ana.page.set_viewport_size(size)
        ana.page.emulate_media(color_scheme=theme)
        ana.page.goto(ana.house.url(f"/console?lang={'en' if first else 'pt-BR'}"))
        for path in paths:
            answer = ana.page.goto(ana.house.url(path))
            if answer is None or not answer.ok:
                ana.faults.append(f"{path}: {answer and answer.status}")
            ana.look(f"{_name(path)}_{width}_{theme}", axe=first, only="color-contrast")
            if first:
                ana.faults += [f"{path} in English: {text}" for text in _portuguese(ana)]
    ana.page.set_viewport_size(WIDE)
    ana.page.goto(ana.house.url("/console?lang=pt-BR"))


def _portuguese(ana: Person) -> Iterator[str]:
    """What the console itself says in Portuguese where English was asked for; examples and names are left out."""
    for text in ana.page.locator(_FRAME_TEXT).all_inner_texts():
        if word := _PORTUGUESE.search(_SAMPLE.sub("", text)):
            yield f"{word[0]}: {' '.join(text.split())[:120]}"


_SAMPLE = re.compile(r"\{\{.*?\}\}|“.*?”|São Paulo|\S+\.(csv|toml)\b")
_VIEWS: tuple[tuple[Literal["dark", "light"], ViewportSize, int], ...] = (
    ("dark", PHONE, 390),
    ("dark", WIDE, 1440),
    ("light", PHONE, 390),
)


def _name(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.removeprefix("/console").lower()).strip("-") or "today"
