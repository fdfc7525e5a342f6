"""Every macro, as pages use it: whole, labelled, escaped, in both languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from disparo.entrypoints.console import shell
from disparo.entrypoints.console.icons import icon, paths
from tests.unit.entrypoints.console.gallery import gallery_page

MACROS = Path(shell.__file__).parent / "templates" / "macros"
GALLERY = Path(__file__).with_name("gallery.html").read_text("utf-8")
VOID = {"meta", "link", "input", "img", "br", "hr", "path", "rect", "line"}


class Outline(HTMLParser):
    """What is open, the ids, the labels and the fields of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.unlabelled: list[dict[str, str | None]] = []
        self.headings: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not [name for name in given if name == "style" or name.startswith("on")], (tag, given)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag == "label" and given.get("for"):
            self.labels.add(str(given["for"]))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.fields.append(given)
            if "label" not in self.open:
                self.unlabelled.append(given)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, (tag, self.open, self.getpos())


@pytest.fixture(scope="module")
def page() -> Outline:
    return Outline(gallery_page())


def test_every_macro_is_in_the_gallery() -> None:
    for path in MACROS.glob("*.html"):
        for name in re.findall(r"{% macro ([a-z]\w*)\(", path.read_text("utf-8")):
            assert re.search(rf"\b{path.stem}\.{name}\(", GALLERY) or name == "told", f"{path.stem}.{name}"


def test_everything_that_is_opened_is_closed_and_ids_are_of_one(page: Outline) -> None:
    assert not page.open
    assert len(page.ids) == len(set(page.ids))


def test_every_field_has_a_label(page: Outline) -> None:
    assert page.fields
    assert not [one for one in page.unlabelled if one.get("id") not in page.labels]


def test_a_page_has_one_first_heading(page: Outline) -> None:
    assert page.headings.count("h1") == 1


def test_what_is_described_by_something_is(page: Outline) -> None:
    described = [str(one["aria-describedby"]).split() for one in page.fields if one.get("aria-describedby")]
    assert described
    assert not [name for names in described for name in names if name not in page.ids]


def test_in_english_the_frame_and_the_macros_are_english() -> None:
    text = gallery_page("en")
    for word in ("Skip to content", "Campaigns", "Show as a table", "Previous", "optional", "Theme"):
        assert word in text, word
    for word in ("Pular", "Campanhas</span>", "Ver como tabela", "Anteriores", "opcional"):
        assert word not in text, word


def test_icons_are_drawn_and_an_unknown_one_is_noticed() -> None:
    for name, path in paths().items():
        assert re.fullmatch(r"[MmLlHhVvCcSsAaZz\d .,-]+", path), name
    with pytest.raises(KeyError):
        icon("none")
