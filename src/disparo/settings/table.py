"""The table of all settings in docs/settings.md, made from the model so that it cannot lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from disparo.settings.model import GROUPS, Settings
from disparo.settings.profiles import profile_settings


def settings_table() -> str:
    """Markdown: per group a heading and a table of name, default in dev, default in prod, meaning."""
    dev, prod = profile_settings("dev"), profile_settings("prod")
    return "\n\n".join("\n".join(_group(title, fields, dev, prod)) for title, fields in GROUPS)


def _group(title: str, fields: type[BaseModel], dev: Settings, prod: Settings) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield "| setting | dev | prod | meaning |"
    yield "|---|---|---|---|"
    for name, field in fields.model_fields.items():
        in_dev, in_prod = _shown(getattr(dev, name)), _shown(getattr(prod, name))
        yield f"| `{name}` | {in_dev} | {in_prod} | {field.description} |"


def _shown(value: object) -> str:
    if value is None or value == () or value == {}:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return value.as_posix() if isinstance(value, Path) else str(value)
