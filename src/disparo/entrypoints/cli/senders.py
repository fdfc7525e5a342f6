"""`disparo senders`: who sends, by what, how they share, and how they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
