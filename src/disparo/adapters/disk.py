"""How full the disk of the data is."""

from __future__ import annotations

import shutil
from pathlib import Path


def disk_used_percent(folder: Path) -> float | None:
    """How much of a folder's disk is used, in percent, as a user that is not root sees it; None when nobody can say."""
    try:
        total, _, free = shutil.disk_usage(folder)
    except OSError:
        return None
    return 100 * (total - free) / total if total else None
