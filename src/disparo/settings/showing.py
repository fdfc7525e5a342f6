"""Settings as they are shown: never a secret among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from disparo.settings.model import Settings

SECRET = frozenset({"alarm_webhook_url", "sandbox_webhook_secret"})
"""Settings that are secrets themselves (of some addresses a part is one); the others called so name one."""

HIDDEN = "***"


def shown_value(settings: Settings, name: str) -> object:
    """The value of a setting in plain values (texts, numbers, lists, objects); HIDDEN for a secret that is set."""
    value = getattr(settings, name)
    if name in SECRET and value is not None:
        return HIDDEN
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _plain(value: object) -> object:
    return value.model_dump(mode="json", exclude_none=True) if isinstance(value, BaseModel) else value
