"""Puts the diagrams of the lifecycles' tables into docs/lifecycles.md: `python -m tests.tidy.lifecycle_diagrams`."""

from __future__ import annotations

import re
from typing import Any

from disparo.domain.agenda.meeting import MEETING_LIFECYCLE
from disparo.domain.campaign import CAMPAIGN_LIFECYCLE
from disparo.domain.lifecycle import Lifecycle
from disparo.domain.message import MESSAGE_LIFECYCLE
from tests.tidy.source_tree import ROOT

PAGE = ROOT / "docs" / "lifecycles.md"
LIFECYCLES: tuple[Lifecycle[Any, Any], ...] = (CAMPAIGN_LIFECYCLE, MESSAGE_LIFECYCLE, MEETING_LIFECYCLE)


def with_diagrams(page: str) -> str:
    """The page with each diagram as its table has it; it stands behind `<!-- diagram: name -->`."""
    for lifecycle in LIFECYCLES:
        place = re.compile(rf"(<!-- diagram: {lifecycle.name} -->\n\n)```mermaid\n.*?```\n", re.S)
        page, times = place.subn(rf"\g<1>```mermaid\n{lifecycle.mermaid()}\n```\n", page)
        if times != 1:
            raise LookupError(f"{PAGE.name} has {times} places for the diagram of {lifecycle.name}")
    return page


if __name__ == "__main__":
    PAGE.write_text(with_diagrams(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
