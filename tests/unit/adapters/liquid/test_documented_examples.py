"""docs/templates.md is executed: each example is rendered, and each filter and tag must have one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from disparo.adapters.liquid import LiquidRenderer
from disparo.adapters.liquid.dialect import TAGS
from disparo.adapters.liquid.filters import FILTERS
from disparo.domain.template import RenderError, Template

PAGE = (Path(__file__).parents[4] / "docs" / "templates.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(.+?)` \|(.*?)\| (.+?) \|$", PAGE, re.MULTILINE)


def _variables(cell: str) -> dict[str, str]:
    pairs = re.split(r";\s*(?=\w+=)", cell.strip()) if cell.strip() else []
    return dict(pair.replace(r"\n", "\n").split("=", 1) for pair in pairs)


@pytest.mark.parametrize(("source", "given", "expected"), EXAMPLES)
def test_the_example_gives_what_the_page_says(source: str, given: str, expected: str) -> None:
    compiled = LiquidRenderer().compile(Template("exemplo", source.replace(r"\|", "|")))
    if expected.startswith("error: "):
        reason, variable = expected.removeprefix("error: ").split()
        with pytest.raises(RenderError) as caught:
            compiled.render(_variables(given))
        assert (caught.value.reason, caught.value.variable) == (reason, variable)
    else:
        assert compiled.render(_variables(given)).text.strip() == expected.replace(r"\n", "\n")


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) > 50


def test_every_filter_is_used_in_an_example() -> None:
    used = set(re.findall(r"\\\| (\w+)", " ".join(source for source, _, _ in EXAMPLES)))
    assert used == set(FILTERS)


def test_every_tag_is_used_in_an_example() -> None:
    used = set(re.findall(r"\{% (#|\w+)", " ".join(source for source, _, _ in EXAMPLES)))
    assert set(TAGS) <= used
