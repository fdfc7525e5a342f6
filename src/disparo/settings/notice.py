"""One remark on a setting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Advice:
    """A remark: `ok` (as it should be), `note` (good to know), `warning` (not as it looks) or `error`.

    `key` is the setting's name, or `alarms`; `text` is for people, in Portuguese.
    """

    level: Literal["ok", "note", "warning", "error"]
    key: str
    text: str
