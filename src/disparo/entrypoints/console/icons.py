"""The console's icons, drawn on a grid of 24 with a pen of 1.75; their colour is that of the text around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_OF_DOTS = frozenset({"more"})
"""Drawn with a thicker pen."""


@cache
def paths() -> Mapping[str, str]:
    """Each icon's path by its name."""
    read: dict[str, str] = json.loads((files(__package__ or "") / "icons.json").read_text("utf-8"))
    return read


@cache
def icon(name: str) -> Markup:
    """An icon that says nothing to who cannot see it; KeyError for a name unknown."""
    from markupsafe import Markup

    classes = "icon icon-dots" if name in _OF_DOTS else "icon"
    drawn = '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>'
    # The frame is ours, and what goes in is escaped.
    return Markup(drawn).format(classes, paths()[name])  # noqa: S704  # nosec B704
