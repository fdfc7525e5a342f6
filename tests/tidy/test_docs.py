"""Every page can be found from the index, every link leads somewhere, every decision is listed."""

from __future__ import annotations

import re
from pathlib import Path

from tests.tidy.source_tree import ROOT, repository_files

DOCS = ROOT / "docs"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
HEADING = re.compile(r"^#+ +(.+?) *$", re.M)
ELSEWHERE = re.compile(r"^[a-z]+:")


def test_every_link_leads_somewhere() -> None:
    pages = [path for path in repository_files() if path.suffix == ".md"]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in _links(page)
        if not _leads_somewhere(page, target)
    ]
    assert not broken


def test_every_page_is_reached_from_the_index() -> None:
    reached, todo = set[Path](), [DOCS / "index.md"]
    while todo:
        page = todo.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        todo += [_file_of(page, target) for target in _links(page)]
    pages = {path for path in repository_files() if path.suffix == ".md" and DOCS in path.parents}
    assert not sorted(str(page.relative_to(ROOT)) for page in pages - reached)


def test_every_decision_is_numbered_listed_and_complete() -> None:
    decisions = sorted((DOCS / "adr").glob("[0-9]*.md"))
    listed = [_file_of(DOCS / "adr" / "README.md", target).name for target in _links(DOCS / "adr" / "README.md")]
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert [path.name for path in decisions] == [name for name in listed if re.match(r"\d{4}-", name)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. "), path.name
        assert re.search(r"^Status: (proposed|accepted|superseded by )", text, re.M), path.name
        assert {"Context", "Decision", "Consequences"} <= set(re.findall(r"^## (\w+)", text, re.M)), path.name


def test_the_changelog_begins_with_what_is_not_released_or_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## \[([^\]]+)\]", text, re.M)
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.M)
    assert version
    assert sections[0] in ("Unreleased", version[1])
    assert version[1] in sections


def _links(page: Path) -> list[str]:
    return [
        target for target in LINK.findall(CODE.sub("", page.read_text(encoding="utf-8"))) if not ELSEWHERE.match(target)
    ]


def _file_of(page: Path, target: str) -> Path:
    path = target.partition("#")[0]
    return (page.parent / path).resolve() if path else page


def _leads_somewhere(page: Path, target: str) -> bool:
    file, anchor = _file_of(page, target), target.partition("#")[2]
    if not file.exists():
        return False
    return not anchor or anchor in _anchors(file)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = HEADING.findall(re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
