"""A handler that cannot be loaded."""

from __future__ import annotations

raise RuntimeError("not configured")
